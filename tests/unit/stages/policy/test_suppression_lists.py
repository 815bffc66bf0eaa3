"""Lists of those who must not be written to: in with a report by row, out without a clear text that was erased."""

import json

import pytest

from shared.domain.audit import Actor, ActorKind
from shared.domain.suppression import Cause, Scope, Subject, Suppression
from shared.ports.errors import Rejected
from shared.stages.policy import suppression_lists
from shared.stages.policy.suppression_lists import Report, Upload, import_list, listed, why_not
from tests.builders import PROSPECT, WORKSPACE, at
from tests.unit.stages.world import StageWorld

MARIA = Actor(kind=ActorKind.PERSON, id="maria")
TABLE = f"""email,cause,expires_at
{PROSPECT},unsubscribed,
brightleaf.example,,2026-12-24
Ana.Silva+news@Brightleaf.example,manual,
gmail.com,,
not an address,,
,manual,
rui@brightleaf.example,because,
eva@brightleaf.example,bounce,2020-01-01
"""


def imported(world: StageWorld, content: str, *, cause: Cause = Cause.IMPORT, dry_run: bool = False, name: str = "list.csv") -> Report:
    upload = Upload(content.encode(), name, cause, dry_run)
    return import_list(upload, workspace_id=WORKSPACE, by=MARIA, suppressions=world.suppressions, outbox=world.outbox, clock=world.clock)


def by_shown(world: StageWorld) -> dict[str, Suppression]:
    return {one.shown: one for one in world.store.everything(Suppression)}


def test_every_row_is_added_known_or_refused_with_its_remedy(world: StageWorld) -> None:
    report = imported(world, TABLE).told()
    assert (report["rows"], report["added"], report["known"], report["rejected"]) == (8, 2, 0, 6)
    rejected = report["rejected_rows"]
    assert isinstance(rejected, list)
    assert [(one["row"], one["column"], one["reason"]) for one in rejected] == [
        (4, "email", "the same as in row 2"),
        (5, "email", "a domain that belongs to everybody"),
        (6, "email", "no domain"),
        (7, "email", "empty"),
        (8, "cause", "not a cause"),
        (9, "expires_at", "not a moment to come"),
    ]
    assert all(one["fix"] for one in rejected)
    kept = by_shown(world)
    assert (kept[PROSPECT].cause, kept[PROSPECT].source, kept[PROSPECT].by) == (Cause.OPT_OUT, "import list.csv", MARIA)
    firm = kept["brightleaf.example"]
    assert (firm.scope, firm.cause, firm.expires_at) == (Scope.DOMAIN, Cause.IMPORT, at(days=31, hours=-9))


def test_a_dry_run_says_the_same_and_writes_nothing(world: StageWorld) -> None:
    told = imported(world, TABLE, dry_run=True).told()
    assert world.store.everything(Suppression) == []
    assert {**told, "dry_run": False} == imported(world, TABLE).told()
    again = imported(world, TABLE, dry_run=True)
    assert (again.added, again.known) == ([], [2, 3])


def test_plain_lines_need_no_header(world: StageWorld) -> None:
    report = imported(world, f"{PROSPECT}\n\n@fabrikam.example\nnonsense line\n")
    assert (report.added, [one.row for one in report.refused]) == ([1, 3], [4])
    assert set(by_shown(world)) == {PROSPECT, "fabrikam.example"}


def test_json_and_company_ids_are_understood(world: StageWorld) -> None:
    rows = [{"email": "901", "scope": "company"}, {"email": PROSPECT, "scope": "person"}]
    report = imported(world, json.dumps(rows))
    assert (report.added, [one.column for one in report.refused]) == ([2], ["scope"])
    assert by_shown(world)["901"].scope is Scope.COMPANY


def test_an_import_weakens_no_wish_and_strengthens_what_was_mild(world: StageWorld) -> None:
    imported(world, PROSPECT, cause=Cause.OPT_OUT)
    mild = imported(world, f"email,cause,expires_at\n{PROSPECT},bounce,2027-01-01\n")
    assert (mild.added, mild.known) == ([], [2])
    assert by_shown(world)[PROSPECT].cause is Cause.OPT_OUT
    imported(world, "rui@brightleaf.example", cause=Cause.BOUNCE)
    assert imported(world, "rui@brightleaf.example", cause=Cause.COMPLAINT).added == [1]
    assert by_shown(world)["rui@brightleaf.example"].cause is Cause.COMPLAINT


def test_a_long_list_goes_in_by_batches(world: StageWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suppression_lists, "LARGEST_BATCH", 3)
    report = imported(world, "\n".join(f"{number}@brightleaf.example" for number in range(10)))
    assert report.added == list(range(1, 11))
    assert len(world.store.everything(Suppression)) == 10


@pytest.mark.parametrize("content", ["", "name,phone\nAna,1\n", '{"email": "x"}', "email\n\0"])
def test_what_is_no_list_is_refused_whole(world: StageWorld, content: str) -> None:
    with pytest.raises(Rejected) as refused:
        imported(world, content)
    assert refused.value.field == "content"


def test_a_list_has_a_name(world: StageWorld) -> None:
    with pytest.raises(Rejected) as refused:
        imported(world, PROSPECT, name=" ")
    assert refused.value.field == "name"


def test_the_list_comes_out_in_pages_and_says_nothing_of_whom_was_erased(world: StageWorld) -> None:
    imported(world, f"{PROSPECT}\nrui@brightleaf.example\nfabrikam.example\n", cause=Cause.OPT_OUT)
    world.store.commit(*world.suppressions.erasure(PROSPECT, workspace_id=WORKSPACE))
    first, more = listed(workspace_id=WORKSPACE, store=world.store, limit=2)
    rest, end = listed(workspace_id=WORKSPACE, store=world.store, limit=2, after=more)
    lines = [*first, *rest]
    assert end == ""
    assert len({one["id"] for one in lines}) == 3
    assert {one["shown"] for one in lines} == {"", "rui@brightleaf.example", "fabrikam.example"}
    assert PROSPECT not in json.dumps(lines)
    [erased] = [one for one in lines if one["erased"]]
    assert (erased["key_version"], erased["can_be_lifted"], erased["id"][:3]) == (1, False, "s1-")


def why(world: StageWorld, value: str, scope: Scope | None = None, company_id: str = "") -> list[str]:
    found = why_not(value, scope, company_id=company_id, workspace_id=WORKSPACE, suppressions=world.suppressions)
    return [str(one["why"]) for one in found]


def test_one_look_up_tells_everything_that_stands_in_the_way(world: StageWorld) -> None:
    imported(world, "brightleaf.example\n")
    imported(world, PROSPECT, cause=Cause.OPT_OUT)
    world.suppress(Subject(scope=Scope.COMPANY, value="901"), Cause.MANUAL, by=MARIA)
    assert why(world, f" {PROSPECT.upper()}", company_id="901") == [
        "they asked not to be written to",
        "they are on an imported list of those who are not written to (their whole mail domain)",
        "somebody here has put them on the list of those who are not written to (their whole company)",
    ]
    assert why(world, "mail.brightleaf.example") == [
        "they are on an imported list of those who are not written to (their whole mail domain)"
    ]
    assert len(why(world, "901", Scope.COMPANY)) == 1
    assert why(world, "rui@fabrikam.example") == []
    with pytest.raises(Rejected):
        why(world, "nobody at all")
