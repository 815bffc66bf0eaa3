"""Times a draft offers are held in the operator's calendar while somebody may accept them, and for nobody else."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from emulators.faults import Kind
from shared.domain.draft import Draft, DraftState
from shared.domain.holds import HoldState
from shared.domain.outbox import Queue
from shared.ports.store import Put
from tests.pipeline.world import World

IDA = "ida.vang@halden-foods.example"
ANSWER = b"From: jonas.keller@halden-foods.example\r\nTo: mara@tidewater.example\r\nSubject: Re: Demo\r\n\r\nTuesday it is.\r\n"


@pytest.fixture
def world(world: World) -> World:
    """With the chore that gives times back."""
    world.let_come(Queue.RELEASE_HOLDS)
    return world


def offered(draft: Draft) -> int:
    return len({source for sentence in draft.text.sentences for source in sentence.sources if source.startswith("slot.")})


def started(world: World) -> list[str]:
    return sorted(event["start"]["dateTime"] for event in world.held_events)


def move_to(world: World, moment: datetime) -> None:
    """At once, past days of rounds with nothing to do."""
    world.suite.clock.advance(moment - world.suite.clock.now())
    world.settle()


def touched(world: World, event: dict[str, Any], **changes: Any) -> None:
    world.suite.calendar.state.change(world.calendar, event["id"], changes, now=world.suite.clock.now())


def test_a_placed_draft_holds_every_time_it_offers(world: World) -> None:
    world.submit()
    world.settle()
    [draft] = world.drafts
    assert offered(draft) >= 2
    assert [hold.state for hold in world.holds] == [HoldState.HELD] * offered(draft)
    assert {event["id"] for event in world.held_events} == {hold.event_id for hold in world.holds}
    assert {event["summary"] for event in world.held_events} == {"Held for Jonas Keller (offered by mail)"}


def test_the_same_person_is_offered_the_held_times_again_and_the_older_holds_are_given_back(world: World) -> None:
    world.submit()
    world.settle()
    _, *later_days = started(world)  # the soonest moves on with the clock
    world.advance(minutes=1)
    world.submit(message="One more thing: could we see the demo for fresh goods, too?")
    world.settle()
    assert sorted(started(world))[2:] == sorted(later_days * 2)
    world.advance(minutes=6)
    newest = max(world.drafts, key=lambda one: one.created_at)
    assert {hold.draft_id for hold in world.holds if hold.state is HoldState.HELD} == {newest.id}
    assert started(world)[1:] == later_days


def test_somebody_else_is_offered_other_times(world: World) -> None:
    world.submit()
    world.settle()
    first = started(world)
    world.advance(minutes=1)
    world.submit(IDA, firstname="Ida", lastname="Vang", message="Could we see a demo for our finance team?")
    world.settle()
    theirs = [hold for hold in world.holds if hold.recipient == IDA]
    assert theirs
    assert all(hold.state is HoldState.HELD for hold in theirs)
    assert len(set(started(world))) == len(first) + len(theirs)


def test_times_nobody_accepts_are_given_back_when_they_come(world: World) -> None:
    world.submit()
    world.settle()
    [first, *_] = sorted(world.holds, key=lambda one: one.start)
    move_to(world, first.expires_at)
    world.advance(minutes=6)
    assert first.start.isoformat().replace("+00:00", "Z") not in started(world)
    move_to(world, max(hold.expires_at for hold in world.holds))
    world.advance(minutes=6)
    assert (started(world), {hold.state for hold in world.holds}) == ([], {HoldState.RELEASED})


def test_an_answer_gives_the_times_back(world: World) -> None:
    world.submit()
    world.settle()
    thread_id = world.drafts[0].placement.thread_id  # type: ignore[union-attr]
    world.advance(minutes=2)
    world.mailbox.add(ANSWER, at=world.suite.clock.now(), labels=["INBOX"], thread_id=thread_id)
    world.advance(minutes=6)
    assert started(world) == []
    assert {hold.reason for hold in world.holds} == {"the conversation was answered"}


def test_a_time_a_person_has_made_their_own_stays(world: World) -> None:
    world.submit()
    world.settle()
    [event, *others] = world.held_events
    touched(world, event, summary="Call with Jonas", status="confirmed")
    [draft] = world.drafts
    world.store.commit(Put(draft.model_copy(update={"state": DraftState.DISCARDED})))
    world.advance(minutes=6)
    assert [one["id"] for one in world.held_events] == [event["id"]]
    assert sorted(hold.state for hold in world.holds) == [*[HoldState.RELEASED] * len(others), HoldState.TAKEN_OVER]


def test_a_calendar_that_is_away_delays_the_holds_and_nothing_else(world: World) -> None:
    world.fail("calendar", "events.insert")
    world.submit()
    world.settle()
    assert world.only_run.state == "done"
    assert {hold.state for hold in world.holds} == {HoldState.WANTED}
    world.heal("calendar")
    world.run_to_the_end()
    assert {hold.state for hold in world.holds} == {HoldState.HELD}
    assert len(started(world)) == len(world.holds)


def test_a_hold_whose_answer_was_lost_is_made_once(world: World) -> None:
    world.fail("calendar", "events.insert", Kind.DROP_AFTER, times=1)
    world.submit()
    world.run_to_the_end(hours=0.5)
    assert {hold.state for hold in world.holds} == {HoldState.HELD}
    assert len(set(started(world))) == len(started(world)) == len(world.holds)


def test_a_calendar_that_may_not_be_written_to_marks_the_draft_and_fails_no_run(world: World) -> None:
    world.fail("calendar", "events.insert", status=403)
    world.submit()
    world.run_to_the_end()
    [draft] = world.drafts
    assert world.only_run.state == "done"
    assert {hold.state for hold in world.holds} == {HoldState.FAILED}
    assert len(draft.times_in_doubt) == offered(draft)
    assert world.dead_letters == []


def test_a_meeting_that_comes_between_plan_and_draft_is_noticed(world: World) -> None:
    world.submit()
    world.settle()
    times = [hold.start for hold in world.holds]
    world.rewind()
    world.fail("gmail", "drafts.create", times=1)
    world.submit()
    world.settle()  # planned, not yet placed
    world.suite.calendar.event(
        world.seeded.operator.email, start=times[0].isoformat(), end=(times[0] + timedelta(minutes=15)).isoformat(), summary="Board"
    )
    world.run_to_the_end(hours=0.5)
    [draft] = world.drafts
    assert sorted(hold.state for hold in world.holds) == sorted([HoldState.FAILED, *[HoldState.HELD] * (len(times) - 1)])
    assert draft.times_in_doubt == (next(hold.spoken for hold in world.holds if hold.start == times[0]),)


def test_a_hostile_name_becomes_one_harmless_line_in_the_calendar(world: World) -> None:
    world.submit(firstname="Jonas\r\nATTENDEE:evil@x.example", lastname="\u202eKeller" + "x" * 500)
    world.settle()
    for event in world.held_events:
        assert "\n" not in event["summary"]
        assert len(event["summary"]) < 130
        assert "attendees" not in event
