"""Imports: what is stored, once however often it is uploaded and wherever it died; and what an imported contact is in for."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.agents.trigger.agent import FormTrigger
from shared.domain.hints import Hint, HintSource, HintState
from shared.domain.ids import HintId, RunId, WorkspaceId
from shared.domain.outbox import Outgoing
from shared.domain.planning import JobKind, Priority
from shared.domain.run import Run, RunState
from shared.domain.submission import CANARY_FORM, Submission
from shared.ports.errors import Rejected
from shared.stages.arriving.imports import A_MINUTE, BATCH, Report, Wish, import_rows, read_table, wish_from
from shared.stages.arriving.resolve import IN_TOUCH, Opened, load_announcement, run_behind
from shared.stages.chores.sweep import sweep
from tests.builders import MONDAY, WORKSPACE, a_hint, a_parsed_hint, a_run, a_workspace, at
from tests.fakes.crm import MemoryCrm
from tests.unit.stages.crashing import Death, DyingStore
from tests.unit.stages.world import StageWorld, work

TABLE = b"email,firstname\nana@b.example,Ana\nnobody,x\nbo@b.example,Bo\n"


def upload(world: StageWorld, body: bytes = TABLE, *, store: Any = None, workspace_id: WorkspaceId = WORKSPACE, **wish: Any) -> Report:
    wanted = Wish(**{"form": "Fair", "dry_run": False, "awaits_answer": False, **wish})
    ports = {"store": store or world.store, "outbox": world.outbox, "clock": world.clock}
    return import_rows(read_table(body), workspace_id=workspace_id, wish=wanted, trace_id="t", **ports)


def opened(world: StageWorld, hint: Hint) -> Opened | None:
    jobs = FormTrigger(crm=MemoryCrm().of, clock=world.clock).jobs_for(workspace=world.workspace, hint=hint.announced)
    _, seen = load_announcement(work(hint.id), store=world.store)
    return run_behind(seen, jobs, workspace=world.workspace, store=world.store, clock=world.clock)


def test_accepted_rows_are_stored_with_what_they_owe_and_the_others_told(world: StageWorld):
    told = upload(world).told()
    assert {name: told[name] for name in ("rows", "accepted", "known", "rejected", "dry_run")} == {
        "rows": 3, "accepted": 2, "known": 0, "rejected": 1, "dry_run": False,
    }  # fmt: skip
    assert told["rejected_rows"] == [
        {"row": 3, "column": "email", "reason": "not an e-mail address", "fix": "write one address like name@company.com"}
    ]
    assert told["accepted_rows"] == [{"row": row, "run_id": one.id} for row, one in zip((2, 4), world.hints, strict=True)]
    assert {one.announced.source for one in world.hints} == {HintSource.IMPORT}
    assert world.outbox.destinations == ["lead.received"] * 2


def test_a_dry_run_says_the_same_and_writes_nothing(world: StageWorld):
    dry = upload(world, dry_run=True)
    assert not world.hints
    assert not world.outbox.flushed
    wet = upload(world)
    assert (dry.accepted, dry.known, dry.refused) == (wet.accepted, wet.known, wet.refused)
    assert len(upload(world, dry_run=True).known) == 2


def test_the_same_table_uploaded_again_brings_nothing_new_even_later(world: StageWorld):
    first = upload(world)
    world.later(days=30)
    again = upload(world)
    assert (again.accepted, again.known) == ([], first.accepted)
    assert len(world.hints) == 2


def test_rows_with_a_moment_are_the_submissions_of_that_form(world: StageWorld):
    body = b'[{"email": "ana@b.example", "submitted_at": "2026-11-20T08:00:00Z"}]'
    upload(world, body)
    found = opened(world, world.one(Hint))
    assert found is not None
    assert world.one(Submission).entry.submitted_at == at(days=-3, hours=-1)
    renamed = upload(world, body, form="Another list")
    assert len(renamed.accepted) == 1
    assert upload(world, body).known == [(2, found.run.entity.id)]


def test_an_imported_contact_starts_a_nurture_run_without_asking_the_crm(world: StageWorld):
    upload(world)
    found = opened(world, world.hints[0])
    assert found is not None
    assert (found.job.kind, found.job.priority, found.run.entity.recipient) == (JobKind.NURTURE, Priority.NORMAL, "ana@b.example")
    assert found.run.entity.history[0].stage == "imports"
    assert "imported list “Fair”" in found.job.reason


def test_contacts_who_wait_for_an_answer_are_urgent(world: StageWorld):
    upload(world, awaits_answer=True)
    found = opened(world, world.hints[0])
    assert found is not None
    assert (found.job.kind, found.job.priority) == (JobKind.FOLLOWUP, Priority.URGENT)


@pytest.mark.parametrize(
    ("ago", "state", "starts"),
    [
        (IN_TOUCH - timedelta(minutes=1), RunState.DONE, False),
        (IN_TOUCH, RunState.DONE, True),
        (timedelta(hours=1), RunState.FAILED, True),
    ],
)
def test_an_import_comes_second_to_what_the_contact_has_asked_themselves(world: StageWorld, ago: timedelta, state: RunState, starts: bool):
    world.put(a_run(recipient="ana@b.example", created_at=MONDAY - ago, state=state, opened_by=HintId("another")))
    upload(world)
    hint = world.hints[0]
    assert (opened(world, hint) is not None) == starts
    after = load_announcement(work(hint.id), store=world.store)[1].entity
    assert after.state is (HintState.RESOLVED if starts else HintState.IGNORED)
    assert ("within the last 7 days" in after.reason) != starts


def test_a_hint_that_carries_its_submission_joins_the_run_it_has_at_once(world: StageWorld):
    """Though the submission is hours old, and though another one has no run yet: it can mean no other."""
    upload(world, b'[{"email": "ana@b.example", "submitted_at": "2026-11-20T08:00:00Z"}]')
    first = world.one(Hint)
    opened(world, first)
    again = a_hint(id="hint-2", announced=a_parsed_hint(**{**dict(first.announced), "source": HintSource.POLL, "submitted_at": None}))
    world.put(again)
    assert opened(world, again) is None
    found = load_announcement(work("hint-2"), store=world.store)[1].entity
    assert (found.state, found.run_id) == (HintState.RESOLVED, RunId(world.one(Run).id))


def test_runs_of_a_long_table_begin_one_after_the_other(world: StageWorld):
    rows = 2 * A_MINUTE + 5
    report = upload(world, b"email\n" + b"".join(b"a%d@b.example\n" % number for number in range(rows)))
    assert report.told()["minutes"] == 2
    begun = []
    for _ in range(4):
        begun.append(len(world.outbox.flushed))
        world.later(minutes=1)
        sweep(store=world.store, outbox=world.outbox, clock=world.clock)
    assert begun == [A_MINUTE, A_MINUTE, 2 * A_MINUTE, rows]
    assert sum(one.received_at == MONDAY for one in world.hints) == A_MINUTE


def test_rows_of_one_workspace_are_not_another_ones(world: StageWorld):
    south = WorkspaceId("southwind")
    world.store.save_workspace(workspace=a_workspace(id=south))
    upload(world)
    assert len(upload(world, workspace_id=south).accepted) == 2
    assert sorted(one.workspace_id for one in world.hints) == [WORKSPACE, WORKSPACE, south, south]
    assert {one.id for one in world.hints if one.workspace_id == south}.isdisjoint(
        one.id for one in world.hints if one.workspace_id != south
    )


@settings(max_examples=60)
@given(left=st.integers(0, 14), after=st.booleans(), rows=st.integers(1, 2 * BATCH + 20))
def test_a_death_in_the_middle_and_another_upload_store_every_row_once(left: int, after: bool, rows: int):
    world = StageWorld()
    body = b"email\n" + b"".join(b"a%d@b.example\n" % number for number in range(rows))
    try:
        upload(world, body, store=DyingStore(world.store, left=left, after=after))
    except Death:
        world.later(minutes=1)
    report = upload(world, body)
    assert len(report.accepted) + len(report.known) == rows
    assert len(world.hints) == rows
    owed = [one.payload["id"] for one in (*world.outbox.flushed, *world.store.everything(Outgoing))]
    assert sorted(owed) == sorted(one.id for one in world.hints)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"dry_run": "maybe"}, "dry_run"),
        ({"kind": "spam"}, "kind"),
        ({"form": ""}, "form"),
        ({"form": "x" * 101}, "form"),
        ({"form": "a\nb"}, "form"),
        ({"form": CANARY_FORM}, "form"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_with_its_name(change: dict[str, str], field: str):
    with pytest.raises(Rejected) as caught:
        wish_from(**{"form": "Fair", "dry_run": "false", "kind": "nurture", **change})
    assert (caught.value.field, caught.value.status) == (field, 400)


@pytest.mark.parametrize(("body", "status"), [(b"name\n", 400), (b"email\n" + b"x" * (5 << 20), 413)])
def test_a_table_that_is_none_is_refused_as_a_whole(body: bytes, status: int):
    with pytest.raises(Rejected) as caught:
        read_table(body)
    assert caught.value.status == status


LAWS = b"email,country,lawful_basis\nana@b.example,Germany,\nbo@b.example,Germany,consent\ncy@b.example,United States,\n"


@pytest.mark.parametrize("dry_run", [True, False])
def test_rows_to_whom_no_mail_may_leave_are_told_as_plan_and_draft_will_judge_them(world: StageWorld, dry_run: bool):
    world.store.save_workspace(workspace=a_workspace(postal_address="1 Quay"))
    told = upload(world, LAWS, dry_run=dry_run).told()
    assert (told["accepted"], told["unlawful"]) == (3, 1)
    [one] = told["unlawful_rows"]
    assert (one["row"], one["column"], "Germany" in one["reason"], "hs_legal_basis" in one["fix"]) == (2, "lawful_basis", True, True)


def test_without_a_postal_address_every_row_that_needs_one_says_so(world: StageWorld):
    world.store.save_workspace(workspace=a_workspace(postal_address=""))
    rows = upload(world, LAWS, dry_run=True).told()["unlawful_rows"]
    assert [(one["row"], "postal address" in one["reason"]) for one in rows] == [(2, False), (3, True), (4, True)]
    assert "workspace set --postal-address" in rows[1]["fix"]
