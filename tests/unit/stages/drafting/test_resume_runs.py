"""Pauses: whatever waits for an account keeps its state, is told once as news, and is tried again until it goes on."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from shared.domain.dead_letter import DeadLetter
from shared.domain.draft import OpenDraft
from shared.domain.hints import HintState
from shared.domain.outbox import Channel, Outgoing
from shared.domain.pauses import Pause
from shared.domain.run import Run, RunState
from shared.domain.work import Work
from shared.ports.errors import Conflict, Permanent, ReconnectNeeded, Transient
from shared.ports.store import Write
from shared.stages.drafting.draft import draft
from shared.stages.drafting.failures import FailureBook
from shared.stages.drafting.gate import gate
from shared.stages.drafting.log_to_crm import log_to_crm
from shared.stages.drafting.place_draft import place_draft
from shared.stages.drafting.resume_runs import A_MINUTE, MOST, resume_runs
from tests.builders import MONDAY, WORKSPACE, a_hint, a_run, at
from tests.fakes.agents import ScriptedAgent
from tests.unit.stages.drafting.test_log_to_crm import ENTRY
from tests.unit.stages.planning import Planning
from tests.unit.stages.world import StageWorld, a_drafted_run, a_gated_run, a_judged_draft, a_planned_run, work

GONE = ReconnectNeeded("Google no longer accepts our access: reconnect the mailbox", source="google_oauth")
PERIOD = "20261123T0910"


@pytest.fixture
def book(world: StageWorld) -> FailureBook:
    return FailureBook(store=world.store, clock=world.clock)


def resume(world: StageWorld, period: str = PERIOD) -> int:
    return resume_runs(Work(workspace_id=WORKSPACE, id=period), store=world.store, outbox=world.outbox, clock=world.clock)


def disconnected(*_: Any, **__: Any) -> Any:
    raise GONE


class Disconnected:
    """An agent or adapter whose account is gone, whatever it is asked."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return disconnected


def drafting(world: StageWorld) -> None:
    draft(work(), store=world.store, outbox=world.outbox, clock=world.clock, draft_writer=Disconnected(), stationery=world.stationery)


def gating(world: StageWorld) -> None:
    gate(work(), store=world.store, outbox=world.outbox, clock=world.clock, quality_gate=Disconnected(), suppressions=world.suppressions)


def placing(world: StageWorld) -> None:
    place_draft(work(), store=world.store, outbox=world.outbox, clock=world.clock, mailbox=lambda _: Disconnected())


def logging(world: StageWorld) -> None:
    log_to_crm(work(), store=world.store, clock=world.clock, crm=lambda _: Disconnected(), crm_hygiene=ScriptedAgent(ENTRY))


STAGES = [
    ("draft", drafting, a_planned_run(), Channel.EVENT, "lead.planned"),
    ("gate", gating, a_drafted_run(), Channel.EVENT, "draft.written"),
    ("place_draft", placing, a_gated_run(), Channel.EVENT, "draft.gated"),
    ("log_to_crm", logging, a_gated_run(state=RunState.PLACED), Channel.TASK, "crm"),
]


@pytest.mark.parametrize(("stage", "act", "run", "channel", "destination"), STAGES, ids=[one[0] for one in STAGES])
def test_a_run_whose_stage_lost_its_account_keeps_its_state_and_is_tried_again(
    world: StageWorld, book: FailureBook, stage: str, act: Callable[[StageWorld], None], run: Run, channel: Channel, destination: str
):
    world.put(run, a_judged_draft())
    with pytest.raises(ReconnectNeeded) as caught:
        act(world)
    paused = book.pause(function=stage, work=work(), error=caught.value)

    assert paused is not None
    assert world.run() == run.model_copy(update={"paused": f"{stage}: {GONE.detail}"})
    assert all(one.lease is None for one in world.store.everything(OpenDraft))
    assert resume(world) == 1
    [told] = world.outbox.flushed
    assert (told.channel, told.destination, told.payload) == (channel, destination, {"workspace_id": WORKSPACE, "id": "run_1"})
    assert told.trace_id == run.trace_id


def test_planning_that_lost_its_account_goes_on_with_the_hint_that_opened_the_run(world: StageWorld, book: FailureBook):
    planning = Planning(world)
    planning.reader.answer = disconnected
    with pytest.raises(ReconnectNeeded):
        planning()
    book.pause(function="plan", work=work("hint-1"), error=GONE)
    [run] = world.store.everything(Run)
    assert (run.state, run.paused) == (RunState.RECEIVED, f"plan: {GONE.detail}")
    resume(world)
    assert [(one.destination, one.payload["id"]) for one in world.outbox.flushed] == [("lead.received", "hint-1")]


def test_a_hint_whose_submission_could_not_be_fetched_waits_itself(world: StageWorld, book: FailureBook):
    world.put(a_hint())
    paused = book.pause(function="plan", work=work("hint-1"), error=GONE)
    assert paused is not None
    assert (paused.run_id, world.hints[0].state, world.hints[0].reason) == ("", HintState.PAUSED, GONE.detail)
    resume(world)
    assert [(one.destination, one.payload["id"]) for one in world.outbox.flushed] == [("lead.received", "hint-1")]


def test_only_the_first_pause_at_a_stage_is_news(world: StageWorld, book: FailureBook):
    world.put(a_gated_run())
    first = book.pause(function="place_draft", work=work(), error=GONE)
    world.later(minutes=10)
    again = book.pause(function="place_draft", work=work(), error=GONE)
    world.put(a_gated_run(state=RunState.PLACED))
    elsewhere = book.pause(function="log_to_crm", work=work(), error=GONE)
    assert [(one.is_new, one.since, one.tried_at) for one in (first, again, elsewhere) if one] == [
        (True, MONDAY, MONDAY),
        (False, MONDAY, at(minutes=10)),
        (True, at(minutes=10), at(minutes=10)),
    ]


def test_a_run_that_went_on_in_between_waits_anew(world: StageWorld, book: FailureBook):
    world.put(a_gated_run())
    book.pause(function="place_draft", work=work(), error=GONE)
    world.later(days=1)
    world.put(a_gated_run())
    paused = book.pause(function="place_draft", work=work(), error=GONE)
    assert paused is not None
    assert paused.is_new


@pytest.mark.parametrize("state", [RunState.DONE, RunState.FAILED])
def test_a_run_that_has_ended_does_not_wait(world: StageWorld, book: FailureBook, state: RunState):
    world.put(a_gated_run(state=state))
    assert book.pause(function="place_draft", work=work(), error=GONE) is None
    assert (world.run(), world.store.everything(Pause)) == (a_gated_run(state=state), [])


@pytest.mark.parametrize("state", [HintState.IGNORED, HintState.FAILED, HintState.RESOLVED])
def test_a_hint_that_is_settled_does_not_wait(world: StageWorld, book: FailureBook, state: HintState):
    world.put(a_hint(state=state))
    assert book.pause(function="plan", work=work("hint-1"), error=GONE) is None


def test_work_of_no_run_does_not_wait(book: FailureBook):
    assert book.pause(function="hold_slots", work=work("draft-1"), error=GONE) is None


def test_a_pause_that_loses_a_race_looks_again(world: StageWorld, book: FailureBook, monkeypatch: pytest.MonkeyPatch):
    world.put(a_planned_run())
    commit, races = world.store.commit, iter([True, True, False])

    def racing(*writes: Write) -> Sequence[object]:
        if next(races):
            raise Conflict("others were quicker")
        return commit(*writes)

    monkeypatch.setattr(world.store, "commit", racing)
    assert book.pause(function="draft", work=work(), error=GONE) is not None


def test_a_run_that_changes_all_the_time_is_paused_later(world: StageWorld, book: FailureBook, monkeypatch: pytest.MonkeyPatch):
    def lost(*_: Write) -> Sequence[object]:
        raise Conflict("others were quicker")

    world.put(a_planned_run())
    monkeypatch.setattr(world.store, "commit", lost)
    with pytest.raises(Transient):
        book.pause(function="draft", work=work(), error=GONE)


def test_whatever_moves_or_fails_a_run_ends_its_pause(world: StageWorld, book: FailureBook):
    world.put(a_gated_run(paused="place_draft: gone"))
    assert world.run().moved(RunState.PLACED, stage="place_draft", at=MONDAY).paused == ""
    book.record(function="place_draft", work=work(), error=Permanent("no"))
    assert (world.run().state, world.run().paused) == (RunState.FAILED, "")


def test_a_paused_hint_that_fails_for_good_says_so(world: StageWorld, book: FailureBook):
    world.put(a_hint(state=HintState.PAUSED))
    book.record(function="plan", work=work("hint-1"), error=Permanent("no such portal"))
    assert (world.hints[0].state, len(world.store.everything(DeadLetter))) == (HintState.FAILED, 1)


# The chore


def a_pause(number: int = 1, **changes: Any) -> Pause:
    usual = {
        "id": f"run_{number}",
        "workspace_id": WORKSPACE,
        "stage": "place_draft",
        "work_id": f"run_{number}",
        "run_id": f"run_{number}",
    }
    return Pause(**{**usual, "reason": "gone", "trace_id": "trace-1", "since": MONDAY, "tried_at": MONDAY, **changes})


def a_waiting_run(number: int = 1) -> Run:
    return a_gated_run(id=f"run_{number}", paused="place_draft: gone")


def test_what_waits_is_tried_in_every_period_for_as_long_as_it_takes_and_never_twice_in_one(world: StageWorld):
    world.put(a_waiting_run(), a_pause())
    assert [resume(world, f"period-{number}") for number in range(300)] == [1] * 300
    assert resume(world, "period-7") == 1  # its name is free again only because the outbox has published it
    assert len({one.id for one in world.outbox.flushed}) == 300


def test_a_period_that_is_handed_out_twice_while_its_events_wait_owes_nothing_more(world: StageWorld):
    world.put(a_waiting_run(), a_pause())
    world.outbox.dead = True
    assert [resume(world), resume(world)] == [1, 0]
    assert len(world.owed) == 1


@pytest.mark.parametrize("run", [a_gated_run(), a_gated_run(state=RunState.DONE), None])
def test_a_pause_whose_run_has_gone_on_is_over(world: StageWorld, run: Run | None):
    world.put(a_pause(), *([run] if run else []))
    assert resume(world) == 0
    assert (world.store.everything(Pause), world.owed, world.outbox.flushed) == ([], [], [])


def test_a_hint_that_led_to_a_run_waits_no_longer(world: StageWorld):
    world.put(a_pause(id="hint-1", run_id="", stage="plan"), a_hint(state=HintState.RESOLVED, run_id="run_1"), a_run())
    assert (resume(world), world.store.everything(Pause)) == (0, [])


def test_a_crowd_is_tried_at_a_measured_pace_and_the_rest_first_in_the_next_round(world: StageWorld):
    crowd = range(MOST + 40)
    world.put(*(a_waiting_run(number) for number in crowd))
    world.put(*(a_pause(number, tried_at=at(minutes=-number)) for number in crowd))
    assert resume(world) == MOST
    assert len(world.outbox.flushed) == A_MINUTE
    assert sorted(one.created_at for one in world.owed)[-1] == at(minutes=MOST // A_MINUTE - 1)
    tried = {one.payload["id"] for one in [*world.outbox.flushed, *world.owed]}
    assert tried == {f"run_{number}" for number in crowd[40:]}
    assert all(isinstance(one, Outgoing) and one.payload["id"] in tried for one in world.owed)


def test_another_workspaces_pauses_are_not_this_ones(world: StageWorld):
    world.put(a_waiting_run(), a_pause())
    assert resume_runs(Work(workspace_id="southwind", id=PERIOD), store=world.store, outbox=world.outbox, clock=world.clock) == 0
