"""Times held in the calendar: silent, private, ours as long as nobody touches them, over the wire."""

import json
from datetime import timedelta
from typing import Any

import pytest

from emulators.faults import Fault, Kind
from shared.connectors.calendar.adapter import GoogleCalendar
from shared.domain.holds import FoundHold, Hold, event_id_of
from shared.ports.errors import Conflict, NotFound, OutcomeUnknown, Permanent
from tests.builders import a_hold, an_operator, at
from tests.contract.connectors.calendar.test_calendar_connector import MARIA, busy, calendar, client, clock, emulator, hours_of

__all__ = ["calendar", "client", "clock", "emulator"]

HOLD = a_hold(start=at(hours=5), recipient_name="Ana Silva")
ID = event_id_of(HOLD.start, fence=0)


@pytest.fixture
def standing(calendar: GoogleCalendar) -> FoundHold:
    calendar.hold(hold=HOLD, event_id=ID)
    found = calendar.find(event_id=ID)
    assert found is not None
    return found


def changed(emulator: Any, **changes: Any) -> None:
    """What a person does in Calendar."""
    record = emulator.state.calendars[MARIA]
    emulator.state.change(record, ID, changes, now=emulator.clock.now())


def test_a_hold_is_tentative_private_and_silent(emulator, calendar, standing):
    event = emulator.state.calendars[MARIA].events[ID]
    assert (event["status"], event["transparency"], event["visibility"]) == ("tentative", "opaque", "private")
    assert event["summary"] == "Held for Ana Silva (offered by mail)"
    assert "attendees" not in event
    assert event["reminders"] == {"useDefault": False}
    [insert] = [one for one in emulator.calls if one.method == "POST"]
    assert insert.query["sendUpdates"] == ["none"]


def test_a_hold_says_nothing_of_the_mail(emulator, standing):
    told = json.dumps(emulator.state.calendars[MARIA].events[ID])
    assert HOLD.recipient not in told
    assert HOLD.spoken not in told


def test_a_hold_is_found_as_it_was_left(standing):
    assert (standing.hold_id, standing.party, standing.start, standing.end) == (HOLD.id, HOLD.party, HOLD.start, HOLD.end)
    assert (standing.cancelled, standing.touched, bool(standing.etag)) == (False, False, True)


def test_what_never_was_is_not_found(calendar):
    assert calendar.find(event_id=ID) is None


def test_a_second_hold_of_the_same_half_hour_is_refused(calendar, standing):
    with pytest.raises(Conflict):
        calendar.hold(hold=a_hold(id="hold_other", start=HOLD.start), event_id=ID)


def test_a_deleted_hold_keeps_its_id(calendar, standing):
    calendar.release(found=standing)
    found = calendar.find(event_id=ID)
    assert found is not None
    assert (found.cancelled, found.hold_id) == (True, HOLD.id)
    with pytest.raises(Conflict):
        calendar.hold(hold=HOLD, event_id=ID)


def test_a_hold_takes_time_for_everybody_but_the_one_it_is_held_for(calendar, standing):
    assert hours_of(busy(calendar)) == [(14, 14)]
    assert busy(calendar, held_for=HOLD.party) == []


def test_a_meeting_put_on_top_of_a_hold_takes_time_for_everybody(emulator, calendar, standing):
    emulator.event(MARIA, start="2026-11-23T14:15:00Z", end="2026-11-23T15:15:00Z")
    assert hours_of(busy(calendar, held_for=HOLD.party)) == [(14, 15)]


TOUCHES = {
    "renamed": {"summary": "Call with Ana"},
    "accepted": {"status": "confirmed"},
    "moved": {"start": {"dateTime": "2026-11-23T16:00:00Z"}, "end": {"dateTime": "2026-11-23T16:30:00Z"}},
    "made longer": {"end": {"dateTime": "2026-11-23T16:30:00Z"}},
    "invited to": {"attendees": [{"email": "ana@brightleaf.example"}]},
    "given a place": {"location": "Room 4"},
    "given a video call": {"hangoutLink": "https://meet.example/abc"},
    "noted on": {"description": "Prices!"},
}


@pytest.mark.parametrize("touch", TOUCHES.values(), ids=TOUCHES)
def test_whatever_a_person_does_to_a_hold_makes_it_theirs(emulator, calendar, standing, touch):
    changed(emulator, **touch)
    found = calendar.find(event_id=ID)
    assert found is not None
    assert found.touched
    assert len(busy(calendar, held_for=HOLD.party)) == 1


@pytest.mark.parametrize("change", [{"reminders": {"useDefault": True}}, {"colorId": "4"}])
def test_what_changes_nothing_about_the_time_is_no_touch(emulator, calendar, standing, change):
    changed(emulator, **change)
    found = calendar.find(event_id=ID)
    assert found is not None
    assert not found.touched


def test_a_hold_that_changes_while_it_is_given_back_stays(emulator, calendar, standing):
    changed(emulator, summary="Call with Ana")
    with pytest.raises(Conflict):
        calendar.release(found=standing)
    assert emulator.state.calendars[MARIA].events[ID]["status"] == "tentative"


def test_giving_back_what_is_gone_is_fine(emulator, calendar, standing):
    calendar.release(found=standing)
    calendar.release(found=standing.model_copy(update={"etag": ""}))
    calendar.release(found=standing.model_copy(update={"event_id": "never00000"}))


@pytest.mark.parametrize("kind", [Kind.DROP_AFTER, Kind.MALFORMED])
def test_an_answer_that_is_lost_leaves_the_outcome_unknown(emulator, calendar, kind):
    emulator.faults.add(Fault("calendar.events.insert", kind))
    with pytest.raises(OutcomeUnknown):
        calendar.hold(hold=HOLD, event_id=ID)


def test_a_calendar_we_may_only_read_refuses_a_hold_for_good(emulator, client):
    emulator.calendar("team@northwind.example", owner="boss@northwind.example", shared={MARIA: "reader"})
    calendar = GoogleCalendar(operator=an_operator(calendar_id="team@northwind.example"), client=client)
    with pytest.raises(Permanent) as told:
        calendar.hold(hold=HOLD, event_id=ID)
    assert not isinstance(told.value, NotFound)
    assert "northwind" not in told.value.detail


def test_a_hold_over_a_clock_change_is_thirty_real_minutes(emulator, calendar):
    hold: Hold = a_hold(start=at(hours=5).replace(month=3, day=29, hour=0, minute=45))
    calendar.hold(hold=hold, event_id=ID)
    found = calendar.find(event_id=ID)
    assert found is not None
    assert found.start is not None
    assert found.end is not None
    assert found.end - found.start == timedelta(minutes=30)
