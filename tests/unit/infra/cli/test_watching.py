"""Following runs: every step is told once, in the order it happened, until all have ended; and how that looks."""

import io
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from rich.console import Console

from infra.cli.client import Found
from infra.cli.views import Growing, Lines, Quiet, view_for
from infra.cli.watching import Watcher
from shared.domain.run import Run
from tests.builders import MONDAY, a_run, at
from tests.unit.infra.cli.answers import WAY, a_finished_run, run_answer

ANA = "ana.silva@brightleaf.example"


class ScriptedApi:
    """Answers the next of several moments each time the list is asked for, and stays with the last."""

    def __init__(self, *moments: Sequence[Run]) -> None:
        self._moments = iter(moments)
        self._now: Sequence[Run] = ()

    def runs(self, *, limit: int = 20, after: str = "") -> Found:
        self._now = next(self._moments, self._now)
        return {"items": [run_answer(one) for one in reversed(self._now)], "next": ""}

    def run(self, id: str) -> Found:
        return run_answer(next(one for one in self._now if one.id == id))


class Listener(Quiet):
    def __init__(self) -> None:
        self.heard: list[tuple[str, str, float]] = []

    def moved(self, email: str, step: Found, *, seconds: float) -> None:
        self.heard.append((email, step["state"], seconds))


def moments(**changes: Any) -> Iterator[Run]:
    """A run after each of its steps."""
    run = a_run(**changes)
    yield run
    for second, (state, stage, note) in enumerate(WAY, start=1):
        run = run.moved(state, stage=stage, at=at(seconds=second), note=note)
        yield run


def test_every_step_is_told_once_with_the_seconds_since_the_form() -> None:
    listener = Listener()
    first, *others = moments()
    api = ScriptedApi([], [first], [others[1]], [others[1]], [others[5]])

    found = Watcher(api, listener, since=MONDAY).follow([ANA.upper()], at_most_s=10)

    assert found == {ANA: "run_1"}
    assert [(state, seconds) for _, state, seconds in listener.heard] == [
        (state.value, float(second)) for second, (state, _, _) in enumerate(WAY, start=1)
    ]


def test_a_clock_that_stands_still_hides_no_step() -> None:
    listener = Listener()
    frozen = [one.model_copy(update={"updated_at": MONDAY}) for one in moments()]

    Watcher(ScriptedApi(*([one] for one in frozen)), listener, since=MONDAY).follow([ANA], at_most_s=10)

    assert [state for _, state, _ in listener.heard] == [state.value for state, _, _ in WAY]


def test_steps_of_several_people_are_told_in_the_order_they_happened() -> None:
    listener = Listener()
    ben = "ben@brightleaf.example"
    other = a_finished_run(id="run_2", recipient=ben)

    Watcher(ScriptedApi([a_finished_run(), other]), listener, since=MONDAY).follow([ANA, ben], at_most_s=10)

    assert [seconds for _, _, seconds in listener.heard] == sorted(seconds for _, _, seconds in listener.heard)
    assert {email for email, _, _ in listener.heard} == {ANA, ben}


def test_a_run_that_was_there_before_is_not_the_one_waited_for() -> None:
    api = ScriptedApi([a_finished_run()], [a_finished_run(), a_finished_run(id="run_2")])

    assert Watcher(api, Quiet(), since=MONDAY, known=["run_1"]).follow([ANA], at_most_s=10) == {ANA: "run_2"}


def test_waiting_ends_when_time_is_up() -> None:
    assert Watcher(ScriptedApi([a_run()]), Quiet(), since=MONDAY).follow([ANA], at_most_s=0.05) == {ANA: "run_1"}
    assert Watcher(ScriptedApi([]), Quiet(), since=MONDAY).follow([ANA], at_most_s=0.05) == {}


def test_piped_output_is_a_plain_line_per_step() -> None:
    out = io.StringIO()
    view = view_for(Console(file=out, highlight=False, width=160), quiet=False)

    with view:
        view.submitted("Ana Silva", ANA, "Request a demo")
        view.moved(ANA, {"state": "planned", "note": "Ana asked\nfor a demo."}, seconds=1.234)

    assert isinstance(view, Lines)
    assert out.getvalue().splitlines() == [
        "          Ana Silva         submitted  “Request a demo”",
        "  1.23 s  Ana Silva         planned    Ana asked for a demo.",
    ]


@pytest.mark.parametrize(("state", "cell"), [("planned", "1.2 s"), ("failed", "failed")])
def test_a_terminal_gets_a_table_that_fills_itself(state: str, cell: str) -> None:
    out = io.StringIO()
    view = view_for(Console(file=out, force_terminal=True, width=100, color_system=None), quiet=False)

    with view:
        view.submitted("Ana Silva", ANA, "Request a demo")
        view.moved(ANA, {"state": state, "note": ""}, seconds=1.234)

    assert isinstance(view, Growing)
    last = out.getvalue().rpartition("Ana Silva")[2]
    assert cell in last


def test_json_output_is_not_disturbed_by_a_view() -> None:
    assert type(view_for(Console(), quiet=True)) is Quiet
