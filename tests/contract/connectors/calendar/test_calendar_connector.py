"""The Calendar port over Google Calendar, against the emulator; every call is held against the published description."""

from datetime import timedelta, timezone
from typing import Any

import pytest

from emulators.calendar.routes import CalendarEmulator
from emulators.faults import Fault, Kind
from emulators.oauth2.routes import OAuth2Emulator
from shared.connectors.calendar.adapter import GoogleCalendar
from shared.connectors.calendar.client import CalendarClient
from shared.domain.slots import Busy
from shared.ports.errors import NotFound, Permanent, SalesAgentError, Transient
from tests.builders import an_operator
from tests.contract.connectors.google_oauth.rig import MARIA, MONDAY, SuiteClock, connected

FREE_BUSY = "calendar.freebusy.query"


@pytest.fixture
def clock() -> SuiteClock:
    return SuiteClock(frozen_at=MONDAY)


@pytest.fixture
def emulator(clock):
    calendar = CalendarEmulator(clock, oauth2=OAuth2Emulator(clock))
    calendar.account(MARIA, time_zone="Europe/Madrid")
    return calendar


@pytest.fixture
def client(emulator, clock):
    with connected(emulator, source="calendar", oauth2=emulator.oauth2, clock=clock) as api:
        yield CalendarClient(api)


@pytest.fixture
def calendar(client):
    return GoogleCalendar(operator=an_operator(), client=client)


def busy(calendar: GoogleCalendar, *, hours: float = 24) -> list[Busy]:
    return list(calendar.busy(start=MONDAY, end=MONDAY + timedelta(hours=hours)))


def answering(emulator: CalendarEmulator, **calendars: Any) -> None:
    emulator.faults.add(Fault(FREE_BUSY, Kind.STATUS, 200, body={"kind": "calendar#freeBusy", "calendars": calendars}))


def test_taken_time_comes_in_order_and_in_utc(emulator, calendar):
    emulator.event(MARIA, start="2026-11-23T16:00:00+01:00", end="2026-11-23T17:00:00+01:00")
    emulator.event(MARIA, start="2026-11-23T12:00:00Z", end="2026-11-23T13:00:00Z")
    emulator.event(MARIA, start="2026-11-23T13:00:00Z", end="2026-11-23T13:30:00Z", transparency="transparent")
    assert [(one.start.hour, one.end.hour) for one in busy(calendar)] == [(12, 13), (15, 16)]
    assert all(one.start.utcoffset() == timedelta(0) for one in busy(calendar))


def test_a_question_in_any_zone_is_understood(emulator, calendar):
    emulator.event(MARIA, start="2026-11-23T12:00:00Z", end="2026-11-23T13:00:00Z")
    tokyo = timezone(timedelta(hours=9))
    assert len(calendar.busy(start=MONDAY.astimezone(tokyo), end=(MONDAY + timedelta(hours=5)).astimezone(tokyo))) == 1


def test_an_empty_question_is_not_asked(emulator, calendar):
    assert busy(calendar, hours=0) == []
    assert emulator.calls == []


def test_answers_in_other_zones_and_outside_the_question_are_put_right(emulator, calendar):
    inside = {"start": "2026-11-23T21:30:00+10:30", "end": "2026-11-23T22:30:00+10:30"}
    outside = {"start": "2026-11-23T07:00:00Z", "end": "2026-11-23T09:00:00Z"}
    answering(emulator, primary={"busy": [inside, outside]})
    assert busy(calendar) == [Busy(start=MONDAY + timedelta(hours=2), end=MONDAY + timedelta(hours=3))]


def test_an_unknown_calendar_is_not_a_free_one(client):
    with pytest.raises(NotFound, match="does not exist or is not shared"):
        busy(GoogleCalendar(operator=an_operator(calendar_id="team@northwind.example"), client=client))


def test_no_error_shows_the_address_a_calendar_is_known_by(emulator, client):
    calendar = GoogleCalendar(operator=an_operator(calendar_id="team@northwind.example"), client=client)
    unreadable = {"busy": [{"start": "soon", "end": "later"}]}
    for answer in ({"errors": [{"reason": "notFound"}]}, {"errors": [{"reason": "internalError"}]}, unreadable):
        emulator.faults.clear()
        answering(emulator, **{"team@northwind.example": answer})
        with pytest.raises(SalesAgentError) as told:
            busy(calendar)
        assert "northwind" not in f"{told.value.detail} {told.value.raw}"


def test_a_calendar_that_cannot_be_told_now_is_asked_again_later(emulator, calendar):
    answering(emulator, primary={"errors": [{"domain": "global", "reason": "internalError"}], "busy": []})
    with pytest.raises(Transient, match="internalError"):
        busy(calendar)


def test_a_calendar_missing_from_the_answer_is_not_a_free_one(emulator, calendar):
    answering(emulator, other={"busy": []})
    with pytest.raises(Transient):
        busy(calendar)


def test_a_time_without_a_zone_is_refused_by_name(emulator, calendar):
    answering(emulator, primary={"busy": [{"start": "2026-11-23T10:00:00", "end": "2026-11-23T11:00:00Z"}]})
    with pytest.raises(Permanent, match=r"calendars\.primary\.busy\.0\.start"):
        busy(calendar)


def test_a_question_is_repeated_when_the_calendar_stumbles(emulator, calendar):
    emulator.faults.add(Fault(FREE_BUSY, Kind.STATUS, 503, times=2))
    assert busy(calendar) == []
    assert len(emulator.calls) == 3
