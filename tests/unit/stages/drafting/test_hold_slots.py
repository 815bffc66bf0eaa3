"""Hold: what a placed draft offers is kept free once, for one contact, and what cannot be kept is told."""

from typing import Any

import pytest

from shared.domain.draft import DraftState
from shared.domain.holds import HoldState, event_id_of
from shared.domain.lease import LEASE_FOR, Lease
from shared.ports.errors import Busy, Conflict, NotFound, OutcomeUnknown, Permanent, ReconnectNeeded, Transient
from shared.stages.drafting.hold_slots import OFFERED_TO_ANOTHER, REMOVED, TAKEN, TOO_LATE, TOO_OFTEN
from tests.builders import at, busy
from tests.unit.stages.holding import OTHER, TUESDAY, WEDNESDAY, Holding, offering
from tests.unit.stages.world import StageWorld

HELD, FAILED, WANTED, RELEASED = HoldState.HELD, HoldState.FAILED, HoldState.WANTED, HoldState.RELEASED


@pytest.fixture
def holding(world: StageWorld) -> Holding:
    return Holding(world)


def test_every_offered_time_is_held_once(holding: Holding):
    holding.placed()
    holding.hold()
    holding.hold()
    assert holding.states() == [HELD, HELD]
    assert [(one.start, one.hold_id) for one in holding.calendar.standing] == [(one.start, one.id) for one in holding.holds()]
    assert holding.calendar.calls == ["busy", "hold", "hold"]


def test_a_hold_knows_for_whom_until_when_and_where(holding: Holding):
    holding.placed(1, TUESDAY)
    holding.hold()
    [hold] = holding.holds()
    assert (hold.recipient_name, hold.operator_id, hold.run_id) == ("Ana Silva", "maria", "run_1")
    assert (hold.event_id, hold.lease, hold.expires_at) == (event_id_of(TUESDAY, fence=0), None, TUESDAY)


def test_a_time_no_sentence_speaks_of_is_not_held(holding: Holding):
    holding.placed(offers=offering(2))
    holding.hold()
    assert [one.start for one in holding.holds()] == [WEDNESDAY]


def test_a_draft_without_times_asks_no_calendar(holding: Holding):
    holding.placed(offers=offering())
    holding.hold()
    assert (holding.holds(), holding.calendar.calls) == ([], [])


@pytest.mark.parametrize("changes", [{"placement": None}, {"state": DraftState.SUPERSEDED}, {"state": DraftState.DISCARDED}])
def test_a_draft_that_does_not_stand_holds_nothing(holding: Holding, changes: dict[str, object]):
    holding.placed(**changes)
    holding.hold()
    assert holding.holds() == []


def test_a_draft_that_does_not_exist_is_named(holding: Holding):
    with pytest.raises(NotFound, match="draft-1"):
        holding.hold()


def test_a_time_that_was_taken_meanwhile_marks_the_draft_and_spares_the_others(holding: Holding):
    holding.placed()
    holding.calendar.taken = [busy(TUESDAY, minutes=10)]
    holding.hold()
    assert holding.states() == [FAILED, HELD]
    assert holding.holds()[0].reason == TAKEN
    assert holding.world.draft().times_in_doubt == ("slot at 24 14:00",)


def test_two_drafts_that_offer_one_time_leave_it_to_the_first(holding: Holding):
    holding.placed(1, TUESDAY)
    holding.placed(2, TUESDAY, recipient=OTHER)
    holding.hold(1)
    holding.hold(2)
    assert (holding.states(1), holding.states(2)) == ([HELD], [FAILED])
    assert holding.holds(2)[0].reason == OFFERED_TO_ANOTHER
    assert holding.world.draft("draft-2").times_in_doubt == ("slot at 24 14:00",)
    assert len(holding.calendar.standing) == 1


def test_two_drafts_that_see_the_time_free_at_the_same_moment_leave_it_to_one(holding: Holding, monkeypatch: pytest.MonkeyPatch):
    holding.placed(1, TUESDAY)
    holding.placed(2, TUESDAY, recipient=OTHER)
    monkeypatch.setattr(holding.calendar, "busy", lambda **_: [])  # both looked before either held
    holding.hold(1)
    holding.hold(2)
    assert (holding.states(1), holding.states(2)) == ([HELD], [FAILED])
    assert len(holding.calendar.standing) == 1


def test_a_newer_draft_for_the_same_contact_may_hold_the_same_time(holding: Holding):
    holding.placed(1, TUESDAY)
    holding.hold(1)
    holding.placed(2, TUESDAY)
    holding.hold(2)
    assert (holding.states(1), holding.states(2)) == ([HELD], [HELD])
    assert {one.event_id for one in holding.calendar.standing} == {event_id_of(TUESDAY, fence=0), event_id_of(TUESDAY, fence=1)}


def test_a_time_that_was_given_back_can_be_held_again(holding: Holding):
    holding.placed(1, TUESDAY)
    holding.hold(1)
    holding.calendar.change(event_id_of(TUESDAY, fence=0), cancelled=True, start=None, end=None)
    holding.placed(2, TUESDAY, recipient=OTHER)
    holding.hold(2)
    assert holding.holds(2)[0].event_id == event_id_of(TUESDAY, fence=1)


def test_an_event_a_person_has_moved_away_does_not_stand_in_the_way(holding: Holding):
    holding.placed(1, TUESDAY)
    holding.hold(1)
    holding.calendar.change(event_id_of(TUESDAY, fence=0), touched=True, start=at(days=3), end=at(days=3, minutes=30))
    holding.placed(2, TUESDAY, recipient=OTHER)
    holding.hold(2)
    assert holding.states(2) == [HELD]


def test_a_hold_the_operator_has_removed_is_not_made_again(holding: Holding):
    holding.placed(1, TUESDAY)
    holding.calendar.after = OutcomeUnknown("no answer")
    with pytest.raises(OutcomeUnknown):
        holding.hold()
    holding.calendar.after = None
    holding.calendar.change(event_id_of(TUESDAY, fence=0), cancelled=True, start=None, end=None)
    holding.world.clock.advance(LEASE_FOR)
    holding.hold()
    assert [(one.state, one.reason) for one in holding.holds()] == [(RELEASED, REMOVED)]
    assert holding.calendar.standing == []


def test_a_half_hour_that_comes_and_goes_too_often_is_given_up(holding: Holding):
    for fence in range(16):
        number = 10 + fence
        holding.placed(number, TUESDAY, recipient=OTHER)
        holding.hold(number)
        holding.calendar.change(event_id_of(TUESDAY, fence=fence), cancelled=True, start=None, end=None)
    holding.placed(1, TUESDAY)
    holding.hold()
    assert [(one.state, one.reason) for one in holding.holds()] == [(FAILED, TOO_OFTEN)]


def test_a_time_that_has_come_is_not_held_any_more(holding: Holding):
    holding.placed()
    holding.move_to(TUESDAY)
    holding.hold()
    assert [(one.state, one.reason) for one in holding.holds()] == [(FAILED, TOO_LATE), (HELD, "")]


@pytest.mark.parametrize("error", [Permanent("forbidden: only readers here"), ReconnectNeeded("connect the account again")])
def test_a_calendar_that_refuses_for_good_marks_the_draft_and_nothing_else(holding: Holding, error: Permanent):
    holding.placed()
    holding.calendar.before = error
    holding.hold()
    assert [(one.state, one.reason) for one in holding.holds()] == [(FAILED, error.detail)] * 2
    assert len(holding.world.draft().times_in_doubt) == 2


def test_a_calendar_that_is_away_is_asked_again(holding: Holding):
    holding.placed()
    holding.calendar.away = Transient("calendar away")
    with pytest.raises(Transient, match="away"):
        holding.hold()
    assert holding.states() == [WANTED, WANTED]
    holding.calendar.away = None
    holding.hold()
    assert holding.states() == [HELD, HELD]


def test_what_was_held_before_the_calendar_went_away_is_remembered(holding: Holding, monkeypatch: pytest.MonkeyPatch):
    holding.placed()
    hold, errors = holding.calendar.hold, iter([None, Transient("calendar away")])

    def first_only(**given: Any) -> None:
        if error := next(errors):
            raise error
        hold(**given)

    monkeypatch.setattr(holding.calendar, "hold", first_only)
    with pytest.raises(Transient):
        holding.hold()
    assert holding.states() == [HELD, WANTED]


def test_an_unknown_outcome_keeps_the_lease_and_is_looked_up_after_it(holding: Holding):
    holding.placed(1, TUESDAY)
    holding.calendar.after = OutcomeUnknown("no answer")
    with pytest.raises(OutcomeUnknown):
        holding.hold()
    holding.calendar.after = None
    with pytest.raises(Busy):
        holding.hold()
    holding.world.clock.advance(LEASE_FOR)
    holding.hold()
    assert (holding.states(), len(holding.calendar.standing)) == ([HELD], 1)


def test_a_hold_of_an_earlier_attempt_is_recognised_beside_a_meeting_that_came_after_it(holding: Holding):
    holding.placed(1, TUESDAY)
    holding.calendar.after = OutcomeUnknown("no answer")
    with pytest.raises(OutcomeUnknown):
        holding.hold()
    holding.calendar.after = None
    holding.calendar.taken = [busy(TUESDAY)]
    holding.world.clock.advance(LEASE_FOR)
    holding.hold()
    assert holding.states() == [HELD]


def test_a_draft_that_changes_meanwhile_is_looked_at_again(holding: Holding, monkeypatch: pytest.MonkeyPatch):
    holding.placed(1, TUESDAY)
    commits = iter([False, True])
    commit = holding.world.store.commit

    def sometimes(*writes: Any) -> Any:
        if next(commits):
            raise Conflict("changed")
        return commit(*writes)

    monkeypatch.setattr(holding.world.store, "commit", sometimes)
    with pytest.raises(Transient, match="changed meanwhile"):
        holding.hold()


def test_a_delivery_beside_another_one_waits(holding: Holding):
    holding.placed(1, TUESDAY)
    holding.hold()
    [hold] = holding.holds()
    lease = Lease(holder="draft-1", until=at(minutes=1), fence=1)
    holding.world.put(hold.model_copy(update={"state": WANTED, "lease": lease}))
    with pytest.raises(Busy):
        holding.hold()


def left_in_doubt(holding: Holding) -> None:
    """An attempt has put the event there and nobody was told."""
    holding.placed(1, TUESDAY)
    holding.calendar.after = OutcomeUnknown("no answer")
    with pytest.raises(OutcomeUnknown):
        holding.hold()
    holding.calendar.after = None
    holding.world.clock.advance(LEASE_FOR)


def test_an_event_of_an_earlier_attempt_is_found_even_when_it_is_too_late(holding: Holding):
    left_in_doubt(holding)
    holding.move_to(TUESDAY)
    holding.hold()
    assert holding.states() == [HELD]  # for the rounds to give back


def test_a_refusal_after_an_attempt_in_doubt_leaves_the_hold_to_the_rounds(holding: Holding):
    left_in_doubt(holding)
    holding.calendar.away = ReconnectNeeded("connect the account again")
    holding.hold()
    assert [(one.state, one.reason) for one in holding.holds()] == [(WANTED, "connect the account again")]
    holding.calendar.away = None
    holding.move_to(TUESDAY)
    holding.release()
    assert (holding.states(), holding.calendar.standing) == ([RELEASED], [])
