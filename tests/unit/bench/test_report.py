"""docs/benchmarks.md from results: every number where a reader looks for it, and a missed target in bold."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.accept import KINDS, Accepted
from tests.bench.cold import ColdStart, Contender, forbidden_in
from tests.bench.deciding import Cost, Deciding
from tests.bench.emulated import Row
from tests.bench.figures import Compared
from tests.bench.latency import Latency
from tests.bench.live import Alive, section
from tests.bench.report import Measured, accept_table, calls, cold_table, document, emulator_table, latency_table, module_table
from tests.bench.scenes import Scene

SCENE = Scene("form_webhook", "POST", "/", {}, b"", datetime(2026, 11, 23, tzinfo=UTC), "{}")
WEBHOOK = Contender("form_webhook", "form_webhook", Path("main.py"), SCENE, 3.0)
DRAFT = Contender("draft, model by SDK", "draft", Path("main.py"), SCENE, 5.5)
SIGNED = next(one for one in KINDS if one.label == "signature + parse")


def started(contender: Contender, ratio: float, *forbidden: str) -> ColdStart:
    cpu = Compared(ours=ratio * 100, reference=100, ratio=ratio, lowest=ratio - 0.1, highest=ratio + 0.1)
    deployed = Compared(ours=ratio * 200, reference=250, ratio=ratio * 0.8, lowest=ratio * 0.8, highest=ratio * 0.8)
    return ColdStart(
        contender, cpu, deployed, modules=900, ours=45, beyond_empty=560, forbidden=forbidden, calls={"Commit": 2, "Publish": 1}
    )


def accepted(ratio: float, *, errors: int = 0) -> Accepted:
    return Accepted(SIGNED, 10, Compared(ratio * 2000, 2000, ratio, ratio, ratio), 4.0, 18.04, 3.0, 9.0, errors)


def row(lines: object, containing: str) -> list[str]:
    [line] = [one for one in lines if containing in one]  # type: ignore[attr-defined]
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_cold_start_within_its_target_is_met() -> None:
    assert row(cold_table([started(WEBHOOK, 2.9)]), "form_webhook") == [
        "`form_webhook`", "290", "100", "**2.90** (2.80 to 3.00)", "580", "**2.32** (2.32 to 2.32)", "≤ 3.0", "met", "met",
    ]  # fmt: skip


def test_a_cold_start_beyond_its_target_is_missed_in_bold() -> None:
    cells = row(cold_table([started(DRAFT, 5.6)]), "draft")
    assert cells[0] == "`draft`, model by SDK"
    assert cells[-2:] == ["**missed**", "met"]


def test_forbidden_modules_and_calls_stand_beside_the_function() -> None:
    assert row(module_table([started(WEBHOOK, 2.9, "openai", "rich")]), "form_webhook") == [
        "`form_webhook`", "900", "45", "560", "openai, rich", "Commit 2, Publish 1",
    ]  # fmt: skip


def test_load_that_was_answered_fast_enough_but_not_always_misses_its_target() -> None:
    assert row(accept_table([accepted(0.8)]), "signature")[6] == "met"
    assert row(accept_table([accepted(0.8, errors=1)]), "signature")[6] == "**missed**"
    assert row(accept_table([accepted(0.7)]), "signature")[6] == "**missed**"


def test_latency_is_told_in_whole_milliseconds_and_calls_as_they_are() -> None:
    lines = list(latency_table(Latency(60, 230.4, 350.6, 380.0, 150.2, {"Commit": 22.65, "Publish": 5.0, "drive": 0.0})))
    assert row(lines, "p95")[1] == "351 ms"
    assert row(lines, "calls")[1] == "Commit 22.65, Publish 5"


def test_no_calls_at_all_are_none() -> None:
    assert calls({}) == "none"


def test_the_document_holds_only_what_was_measured() -> None:
    machine = [("Date", "2026-11-23 09:00 UTC")]
    text = document(Measured(machine, cold=[started(WEBHOOK, 2.9)]))
    assert "2026-11-23 09:00 UTC" in text
    assert "`make bench`" in text
    assert "## P1" in text
    assert "## P3" not in text
    assert text.endswith("|\n")


def test_what_deciding_costs_is_told_a_second_with_the_slowest_hundredth_and_its_calls() -> None:
    taken = [1.0] * 98 + [1.5, 5.5]
    measured = Deciding([Cost("approval", taken, 7.0), Cost("gate", [2.0], 0)], {"send": {"gmail": 6.0, "Commit": 5.5, "Publish": 0.0}})
    lines = document(Measured([], deciding=measured)).splitlines()
    assert row(lines, "| approval |") == ["approval", "952", "1.00", "1.50", "7"]
    assert row(lines, "| gate |") == ["gate", "500", "2.00", "2.00", "none"]
    assert row(lines, "| one send |") == ["one send", "Commit 5.5, gmail 6", "11.5"]


def test_what_the_framework_itself_loads_is_not_forbidden() -> None:
    loaded = {"jinja2": "", "openai": "", "openai.types": "", "shared.connectors.hubspot.webhooks": ""}
    assert forbidden_in(loaded, function="form_webhook", known={"jinja2": ""}) == ("openai",)


def test_a_module_whose_name_only_begins_like_a_forbidden_one_is_allowed() -> None:
    assert forbidden_in({"richer": "", "numpydoc": ""}, function="form_webhook", known={}) == ()


def test_another_connector_in_the_webhook_is_forbidden_by_its_name() -> None:
    found = forbidden_in({"shared.connectors.gmail.adapter": ""}, function="form_webhook", known={})
    assert found == ("shared.connectors.gmail",)


def test_a_figure_of_an_emulator_stands_beside_its_reference_or_says_why_there_is_none() -> None:
    rows = [
        Row("Firestore", "reading", "ms", 1.25, "Google's emulator", Compared(1.25, 5.0, 0.25, 0.2, 0.3)),
        Row("Firestore", "search", "ms", 30.0, "numpy", Compared(30.0, 7.5, 4.0, 3.9, 4.1), target=3),
        Row("Firestore", "contention", "s", 0.2, absent="not installed here"),
    ]
    lines = list(emulator_table(rows))
    assert row(lines, "reading") == ["Firestore", "reading", "1.25 ms", "5 ms (Google's emulator)", "**0.25** (0.20 to 0.30)", "", ""]
    assert row(lines, "numpy")[-2:] == ["≤ 3", "**missed**"]
    assert row(lines, "contention")[2:4] == ["0.2 s", "not installed here"]


def test_who_is_alive_answers_soon_and_looks_at_nothing() -> None:
    alive = Alive(Compared(4.0, 2.0, 2.0, 1.9, 2.2), p99_ms=9.6, slowest_ms=31.2, calls={}, errors=0)
    assert row(section(alive), "`api`") == ["`api`, health/live", "4.0", "2.0", "**2.00** (1.90 to 2.20)", "10", "31", "none", "0", "met"]
    assert row(section(replace(alive, p99_ms=100.0)), "`api`")[-1] == "**missed**"
    assert row(section(replace(alive, calls={"BatchGetDocuments": 1})), "`api`")[-1] == "**missed**"
    assert row(section(replace(alive, errors=1)), "`api`")[-1] == "**missed**"
    assert "## P12" in document(Measured([("Date", "2026-11-23 09:00 UTC")], alive=alive))
