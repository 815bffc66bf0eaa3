"""The canary's stage: one per period, the last one judged, whatever the door answers; and what becomes of its run."""

from datetime import datetime, timedelta

import pytest

from shared.domain.canary import ADDRESS, STOPPED, recognised
from shared.domain.canary_fate import BOUND, Canary, Fate, fate_of
from shared.domain.draft import Draft, DraftState
from shared.domain.hints import Hint, HintSource, Parsed
from shared.domain.ids import RunId
from shared.domain.run import Run, RunState
from shared.domain.submission import CANARY_FORM, Submission
from shared.domain.workspace import PortalRoute
from shared.ports.errors import Rejected, SalesAgentError, Transient
from shared.stages.arriving.canary import canary
from shared.stages.arriving.intake import receive
from shared.stages.drafting.log_to_crm import log_to_crm
from shared.stages.drafting.place_draft import place_draft
from tests.builders import MONDAY, WORKSPACE, a_hint, a_parsed_hint, a_run, a_workspace, at
from tests.fakes.crm import MemoryCrm
from tests.unit.stages.world import StageWorld, a_gated_run, a_judged_draft, work

NINE, TEN = "20261123T0900", "20261123T1000"


class Door:
    """Remembers who knocked; answers with a handle, or with an error when it has one."""

    def __init__(self) -> None:
        self.knocks: list[tuple[str, datetime, str]] = []
        self.error: SalesAgentError | None = None

    def knock(self, *, portal_id: str, submitted_at: datetime, trace_id: str) -> str:
        self.knocks.append((portal_id, submitted_at, trace_id))
        if self.error:
            raise self.error
        return f"evt_{len(self.knocks)}"


@pytest.fixture
def door() -> Door:
    return Door()


def send(world: StageWorld, door: Door, period: str = NINE) -> Canary | None:
    return canary(work(period), store=world.store, clock=world.clock, front_door=door)


def test_a_canary_is_sent_once_a_period_however_often_the_task_comes(world: StageWorld, door: Door):
    assert send(world, door) == send(world, door)
    assert [knock[:2] for knock in door.knocks] == [("4242", MONDAY)]
    assert world.one(Canary).handle == "evt_1"


def test_a_canary_sent_again_after_a_crash_is_the_same_submission(world: StageWorld, door: Door, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as patch:
        patch.setattr(world.store, "commit", lambda *writes: (_ for _ in ()).throw(Transient("away")))
        with pytest.raises(Transient):
            send(world, door)
    world.later(minutes=2)
    send(world, door)
    assert door.knocks[0] == door.knocks[1]


def test_a_workspace_without_canary_gets_none(world: StageWorld, door: Door):
    world.store.save_workspace(workspace=a_workspace(canary=False))
    assert send(world, door) is None
    assert not door.knocks


def test_work_that_names_no_period_is_refused(world: StageWorld, door: Door):
    with pytest.raises(Rejected):
        send(world, door, "soon")


def test_a_closed_door_is_told_and_the_next_canary_rings(world: StageWorld, door: Door):
    door.error = Transient("the webhook answered 503")
    first = send(world, door)
    assert first is not None
    assert (first.handle, first.trouble) == ("", "the webhook answered 503")
    door.error = None
    world.later(hours=1)
    second = send(world, door, TEN)
    assert second is not None
    assert (second.handle, second.trouble) == ("evt_2", "")
    assert second.alarm == "the webhook did not let it in: the webhook answered 503"


def test_the_next_canary_tells_that_the_last_one_passed(world: StageWorld, door: Door):
    send(world, door)
    world.put(
        a_hint(id="evt_1", run_id=RunId("run_1")), a_run(history=a_placed(at()).history, state=RunState.DONE, updated_at=at(minutes=1))
    )
    world.later(hours=1)
    second = send(world, door, TEN)
    assert second is not None
    assert (second.alarm, second.passed_at) == ("", at(hours=1))


def test_a_canary_still_under_way_changes_nothing_that_was_told(world: StageWorld, door: Door):
    world.put(Canary(id="latest", workspace_id=WORKSPACE, period=NINE, sent_at=MONDAY, handle="evt_9", passed_at=at(hours=-1), alarm="old"))
    world.later(minutes=1)
    second = send(world, door, TEN)
    assert second is not None
    assert (second.alarm, second.passed_at) == ("old", at(hours=-1))


def a_placed(moment: datetime) -> Run:
    return a_gated_run(synthetic=True).moved(RunState.PLACED, stage="place_draft", at=moment)


def an_ended(moment: datetime) -> Run:
    return a_placed(moment).moved(RunState.LOGGED, stage="log_to_crm", at=moment).moved(RunState.DONE, stage="log_to_crm", at=moment)


SOON, LATE = BOUND - timedelta(minutes=1), BOUND + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("run", "now", "fate", "reason"),
    [
        (None, SOON, Fate.UNDER_WAY, ""),
        (None, LATE, Fate.FAILED, "no run came of it"),
        (a_gated_run(), SOON, Fate.UNDER_WAY, ""),
        (a_gated_run(), LATE, Fate.FAILED, "it has stood at “gated” since then"),
        (a_gated_run().failed(stage="place_draft", reason="gone", at=MONDAY), SOON, Fate.FAILED, "it failed in place_draft: gone"),
        (a_gated_run(paused="place_draft: reconnect the mailbox"), SOON, Fate.FAILED, "it is paused in place_draft: reconnect the mailbox"),
        (an_ended(MONDAY + SOON), LATE, Fate.PASSED, ""),
        (an_ended(MONDAY + LATE), 2 * LATE, Fate.FAILED, "it took 16 minutes"),
        (a_run(state=RunState.DONE), SOON, Fate.FAILED, "it ended without a draft"),
    ],
)
def test_how_a_canary_went(run: Run | None, now: timedelta, fate: Fate, reason: str):
    sent = Canary(id="latest", workspace_id=WORKSPACE, period=NINE, sent_at=MONDAY, handle="evt_1")
    assert fate_of(sent, run, now=MONDAY + now) == (fate, reason)


def test_only_our_own_announcement_is_taken_for_a_canary():
    announced = a_parsed_hint(email=ADDRESS, form_id=CANARY_FORM, submitted_at=MONDAY)
    found = recognised(announced)
    assert found.entry is not None
    assert (found.source, found.entry.synthetic, found.entry.email) == (HintSource.CANARY, True, ADDRESS)
    for change in ({"email": "ana@brightleaf.example"}, {"form_id": "form-demo"}, {"submitted_at": None}):
        other = announced.model_copy(update=change)
        assert recognised(other) is other


def test_the_webhook_stores_a_canary_with_its_submission(world: StageWorld):
    world.store.add_route(route=PortalRoute(id="4242", workspace_id=WORKSPACE))
    announced = a_parsed_hint(email=ADDRESS, form_id=CANARY_FORM, submitted_at=MONDAY)
    receive(Parsed(hints=(announced,)), hook_token="", trace_id="t", store=world.store, outbox=world.outbox, clock=world.clock)
    assert world.one(Hint).announced.source is HintSource.CANARY
    assert not world.store.everything(Submission)


def test_a_synthetic_draft_is_not_placed_and_its_run_not_logged(world: StageWorld):
    world.put(a_gated_run(synthetic=True), a_judged_draft(synthetic=True))
    place_draft(work(), store=world.store, outbox=world.outbox, clock=world.clock, mailbox=_nobody)
    assert (world.run().state, world.run().placement_note) == (RunState.PLACED, STOPPED)
    assert world.one(Draft).state is DraftState.SUPERSEDED
    crm = MemoryCrm()
    log_to_crm(work(), store=world.store, clock=world.clock, crm=crm.of, crm_hygiene=_nobody)  # type: ignore[arg-type]
    assert (world.run().state, world.run().crm, crm.calls) == (RunState.DONE, None, [])


def _nobody(*_: object) -> None:
    raise AssertionError("a canary must not get here")
