"""Release: a time nobody needs any more is free again; what a person has made their own is left to them."""

import pytest

from shared.domain.conversation import Direction
from shared.domain.draft import Draft, DraftState
from shared.domain.holds import STANDING, HoldState, event_id_of
from shared.domain.lease import LEASE_FOR, Lease
from shared.ports.errors import Conflict, OutcomeUnknown, Transient
from shared.ports.store import Remove
from shared.stages.drafting.release_holds import ANSWERED, TAKEN_OVER, Round
from tests.builders import a_message, a_thread, a_workspace, an_answer, at
from tests.unit.stages.holding import OTHER, TUESDAY, WEDNESDAY, Holding
from tests.unit.stages.world import JO, StageWorld

HELD, WANTED, RELEASED = HoldState.HELD, HoldState.WANTED, HoldState.RELEASED


@pytest.fixture
def holding(world: StageWorld) -> Holding:
    """Two times of one draft are held."""
    holding = Holding(world)
    holding.placed()
    holding.hold()
    holding.calendar.calls.clear()
    return holding


def reasons(holding: Holding) -> set[str]:
    return {one.reason for one in holding.holds()}


def becomes(holding: Holding, state: DraftState) -> None:
    holding.world.put(holding.world.draft().model_copy(update={"state": state}))


def test_a_time_that_may_still_be_accepted_is_kept(holding: Holding):
    assert holding.release() == Round(ended=0, postponed=0)
    assert holding.states() == [HELD, HELD]


@pytest.mark.parametrize("state", [one for one in DraftState if one not in STANDING])
def test_the_times_of_a_draft_that_stands_no_more_are_given_back(holding: Holding, state: DraftState):
    becomes(holding, state)
    assert holding.release() == Round(ended=2, postponed=0)
    assert (holding.states(), reasons(holding)) == ([RELEASED] * 2, {f"the draft that offered it was {state}"})
    assert holding.calendar.standing == []


@pytest.mark.parametrize("state", [DraftState.APPROVED, DraftState.EDITED_OUTSIDE, DraftState.SENT_BY_OPERATOR])
def test_a_draft_that_a_person_works_with_keeps_its_times(holding: Holding, state: DraftState):
    becomes(holding, state)
    holding.release()
    assert holding.states() == [HELD, HELD]


def test_each_time_expires_at_its_own_last_moment(holding: Holding):
    holding.move_to(TUESDAY)
    assert holding.release() == Round(ended=1, postponed=0)
    assert holding.states() == [RELEASED, HELD]
    assert [one.start for one in holding.calendar.standing] == [WEDNESDAY]


def test_times_without_a_draft_are_given_back(holding: Holding):
    holding.world.store.commit(Remove(holding.world.draft()))
    holding.release()
    assert reasons(holding) == {"its draft is gone"}


def test_an_answer_gives_the_times_back_and_is_read_once(holding: Holding):
    holding.mailbox.threads = [a_thread(a_message(id="m9", thread_id="t1", sent_at=at(hours=1)))]
    assert holding.release() == Round(ended=2, postponed=0)
    assert (reasons(holding), holding.mailbox.calls) == ({ANSWERED}, ["thread"])


NO_ANSWERS = {
    "what was said before the draft": a_message(sent_at=at(hours=-1)),
    "the operator's own mail": an_answer(sent_at=at(hours=1)),
    "an automatic reply": a_message(sent_at=at(hours=1), automatic=True),
}


@pytest.mark.parametrize("message", NO_ANSWERS.values(), ids=NO_ANSWERS)
def test_what_is_no_answer_gives_nothing_back(holding: Holding, message: object):
    holding.mailbox.threads = [a_thread(message, id="t1")]
    holding.release()
    assert holding.states() == [HELD, HELD]
    assert message is not None
    assert Direction(message.direction)


def test_what_a_person_has_touched_is_theirs(holding: Holding):
    holding.calendar.change(event_id_of(TUESDAY, fence=0), touched=True)
    becomes(holding, DraftState.SUPERSEDED)
    holding.release()
    assert [one.reason for one in holding.holds() if one.state is HoldState.TAKEN_OVER] == [TAKEN_OVER]
    assert [one.start for one in holding.calendar.standing] == [TUESDAY]


def test_what_a_person_has_removed_is_simply_gone(holding: Holding):
    del holding.calendar.events[event_id_of(TUESDAY, fence=0)]
    holding.calendar.change(event_id_of(WEDNESDAY, fence=0), cancelled=True, start=None, end=None)
    becomes(holding, DraftState.SUPERSEDED)
    holding.release()
    assert holding.states() == [RELEASED, RELEASED]


def test_a_hold_that_changes_at_the_last_moment_is_left_for_the_next_round(holding: Holding, monkeypatch: pytest.MonkeyPatch):
    def changed(**_: object) -> None:
        raise Conflict("the event has changed")

    monkeypatch.setattr(holding.calendar, "release", changed)
    becomes(holding, DraftState.SUPERSEDED)
    assert holding.release() == Round(ended=0, postponed=2)
    assert holding.states() == [HELD, HELD]


def test_one_calendar_call_that_fails_keeps_no_other_hold(holding: Holding):
    holding.placed(2, at(days=3), recipient=OTHER)
    holding.hold(2)
    holding.world.put(holding.world.draft("draft-2").model_copy(update={"state": DraftState.REJECTED}))
    holding.mailbox.thread = _away  # type: ignore[method-assign]
    assert holding.release() == Round(ended=1, postponed=2)
    assert (holding.states(1), holding.states(2)) == ([HELD, HELD], [RELEASED])


def _away(**_: object) -> object:
    raise Transient("Gmail is away")


@pytest.mark.parametrize("after", [OutcomeUnknown("no answer")])
def test_a_release_whose_answer_is_lost_is_finished_by_the_next_round(holding: Holding, after: OutcomeUnknown):
    holding.calendar.after = after
    becomes(holding, DraftState.SUPERSEDED)
    assert holding.release() == Round(ended=0, postponed=2)
    holding.calendar.after = None
    assert holding.release() == Round(ended=2, postponed=0)
    assert (holding.states(), holding.calendar.standing) == ([RELEASED] * 2, [])


def wanted(holding: Holding, *, lease: Lease | None) -> None:
    """As if the delivery that held them had died before it could say so."""
    for one in holding.holds():
        holding.world.put(one.model_copy(update={"state": WANTED, "event_id": "", "lease": lease}))


def test_an_event_nobody_told_of_is_found_and_given_back(holding: Holding):
    wanted(holding, lease=None)
    becomes(holding, DraftState.SUPERSEDED)
    holding.release()
    assert (holding.states(), holding.calendar.standing) == ([RELEASED] * 2, [])


def test_a_delivery_at_work_is_not_disturbed(holding: Holding):
    wanted(holding, lease=Lease(holder="draft-1", until=at(seconds=90), fence=1))
    becomes(holding, DraftState.SUPERSEDED)
    holding.release()
    assert holding.states() == [WANTED, WANTED]
    holding.world.clock.advance(LEASE_FOR)
    holding.release()
    assert holding.states() == [RELEASED, RELEASED]


def test_the_event_of_another_hold_under_an_id_of_ours_is_not_touched(holding: Holding):
    wanted(holding, lease=None)
    event_id = event_id_of(TUESDAY, fence=0)
    holding.calendar.events[event_id] = holding.calendar.events[event_id].model_copy(update={"hold_id": "hold_of_somebody"})
    draft: Draft = holding.world.draft()
    holding.world.store.commit(Remove(draft))
    holding.release()
    assert [one.hold_id for one in holding.calendar.standing] == ["hold_of_somebody"]


def test_the_calendar_of_somebody_who_was_removed_is_their_own_business(holding: Holding):
    holding.world.store.save_workspace(workspace=a_workspace(operators=(JO,), default_operator=JO.id))
    becomes(holding, DraftState.REJECTED)
    assert holding.release() == Round(ended=2, postponed=0)
    assert (holding.states(), reasons(holding)) == ([HoldState.TAKEN_OVER] * 2, {"its operator, maria, is no longer in this workspace"})
    assert holding.calendar.calls == []
