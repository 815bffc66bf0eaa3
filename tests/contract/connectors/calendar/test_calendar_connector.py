"""The Calendar port over Google Calendar, against the emulator; every call is held against the published description."""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from emulators.calendar.routes import CalendarEmulator
from emulators.faults import Fault, Kind
from emulators.oauth2.routes import OAuth2Emulator
from shared.connectors.calendar.adapter import GoogleCalendar
from shared.connectors.calendar.client import EVENT_FIELDS, CalendarClient
from shared.domain.slots import Busy
from shared.ports.errors import NotFound, Permanent, SalesAgentError
from tests.builders import an_operator
from tests.contract.connectors.google_oauth.rig import MARIA, MONDAY, SuiteClock, connected

LIST = "calendar.events.list"


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


def busy(calendar: GoogleCalendar, *, hours: float = 24, held_for: str = "") -> list[Busy]:
    return list(calendar.busy(start=MONDAY, end=MONDAY + timedelta(hours=hours), held_for=held_for))


def hours_of(taken: list[Busy]) -> list[tuple[int, int]]:
    return [(one.start.hour, one.end.hour) for one in taken]


def answering(emulator: CalendarEmulator, *items: Any, **page: Any) -> None:
    emulator.faults.add(Fault(LIST, Kind.STATUS, 200, body={"kind": "calendar#events", "timeZone": "UTC", "items": items, **page}))


def test_taken_time_comes_in_order_and_in_utc(emulator, calendar):
    emulator.event(MARIA, start="2026-11-23T16:00:00+01:00", end="2026-11-23T17:00:00+01:00")
    emulator.event(MARIA, start="2026-11-23T12:00:00Z", end="2026-11-23T13:00:00Z", status="tentative")
    assert hours_of(busy(calendar)) == [(12, 13), (15, 16)]
    assert all(one.start.utcoffset() == timedelta(0) for one in busy(calendar))


def test_what_does_not_take_the_operators_time_is_not_taken(emulator, calendar):
    noon = {"start": "2026-11-23T12:00:00Z", "end": "2026-11-23T13:00:00Z"}
    emulator.event(MARIA, **noon, transparency="transparent")
    emulator.event(MARIA, **noon, status="cancelled")
    emulator.event(MARIA, **noon, attendees=[{"email": MARIA, "self": True, "responseStatus": "declined"}])
    assert busy(calendar) == []
    emulator.event(MARIA, **noon, attendees=[{"email": "ana@brightleaf.example", "responseStatus": "declined"}])
    assert hours_of(busy(calendar)) == [(12, 13)]


def test_every_occurrence_of_a_series_is_taken(emulator, calendar):
    emulator.event(MARIA, start="2026-11-16T12:00:00Z", end="2026-11-16T13:00:00Z", recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
    assert busy(calendar) == [Busy(start=MONDAY + timedelta(hours=3), end=MONDAY + timedelta(hours=4))]


def test_a_whole_day_is_taken_in_the_zone_of_its_calendar(emulator, calendar):
    answering(emulator, {"id": "day", "start": {"date": "2026-11-24"}, "end": {"date": "2026-11-25"}}, timeZone="Europe/Madrid")
    [day] = calendar.busy(start=MONDAY, end=MONDAY + timedelta(days=3), held_for="")
    assert (day.start, day.end) == (datetime(2026, 11, 23, 23, tzinfo=UTC), datetime(2026, 11, 24, 23, tzinfo=UTC))


def test_a_question_in_any_zone_is_understood(emulator, calendar):
    emulator.event(MARIA, start="2026-11-23T12:00:00Z", end="2026-11-23T13:00:00Z")
    tokyo = timezone(timedelta(hours=9))
    assert len(calendar.busy(start=MONDAY.astimezone(tokyo), end=(MONDAY + timedelta(hours=5)).astimezone(tokyo), held_for="")) == 1


def test_an_empty_question_is_not_asked(emulator, calendar):
    assert busy(calendar, hours=0) == []
    assert emulator.calls == []


def test_a_full_calendar_is_read_page_by_page(emulator, calendar, monkeypatch):
    monkeypatch.setattr("shared.connectors.calendar.client.LARGEST_PAGE", 2)
    for hour in range(5):
        emulator.event(MARIA, start=f"2026-11-23T{10 + hour}:00:00Z", end=f"2026-11-23T{11 + hour}:00:00Z")
    assert hours_of(busy(calendar)) == [(10, 11), (11, 12), (12, 13), (13, 14), (14, 15)]
    assert len(emulator.calls) == 3
    monkeypatch.setattr("shared.connectors.calendar.client.MOST_PAGES", 2)
    with pytest.raises(Permanent, match="more events"):
        busy(calendar)


def test_nothing_a_person_wrote_is_fetched_that_we_do_not_need(emulator, calendar):
    guests = [{"email": "ana@brightleaf.example"}]
    emulator.event(MARIA, start="2026-11-23T12:00:00Z", end="2026-11-23T13:00:00Z", attendees=guests, attachments=[{"title": "Salaries"}])
    busy(calendar)
    [call] = emulator.calls
    assert call.query["fields"] == [f"timeZone,nextPageToken,items({EVENT_FIELDS})"]
    assert not {"email", "displayName", "attachments", "creator"} & set(re.findall(r"\w+", EVENT_FIELDS))


def test_answers_in_other_zones_and_outside_the_question_are_put_right(emulator, calendar):
    inside = {"id": "in", "start": {"dateTime": "2026-11-23T21:30:00+10:30"}, "end": {"dateTime": "2026-11-23T22:30:00+10:30"}}
    outside = {"id": "out", "start": {"dateTime": "2026-11-23T07:00:00Z"}, "end": {"dateTime": "2026-11-23T09:00:00Z"}}
    answering(emulator, inside, outside)
    assert busy(calendar) == [Busy(start=MONDAY + timedelta(hours=2), end=MONDAY + timedelta(hours=3))]


def test_an_unknown_calendar_is_not_a_free_one(client):
    with pytest.raises(NotFound, match="does not exist or is not shared"):
        busy(GoogleCalendar(operator=an_operator(calendar_id="team@northwind.example"), client=client))


def test_no_error_shows_the_address_a_calendar_is_known_by(emulator, client):
    calendar = GoogleCalendar(operator=an_operator(calendar_id="team@northwind.example"), client=client)
    unreadable = {"id": "e", "summary": "Dinner with ana@brightleaf.example", "start": {"dateTime": "soon"}, "end": {"dateTime": "later"}}
    for fault in (None, Fault(LIST, Kind.STATUS, 200, body={"items": [unreadable]}), Fault(LIST, Kind.STATUS, 500)):
        emulator.faults.clear()
        if fault:
            emulator.faults.add(fault)
        with pytest.raises(SalesAgentError) as told:
            busy(calendar)
        assert "northwind" not in f"{told.value.detail} {told.value.raw}"
        assert "brightleaf" not in f"{told.value.detail} {told.value.raw}"


def test_a_time_without_a_zone_is_refused_by_name(emulator, calendar):
    answering(emulator, {"id": "e", "start": {"dateTime": "2026-11-23T10:00:00"}, "end": {"dateTime": "2026-11-23T11:00:00Z"}})
    with pytest.raises(Permanent, match=r"items\.0\.start\.dateTime"):
        busy(calendar)


def test_a_question_is_repeated_when_the_calendar_stumbles(emulator, calendar):
    emulator.faults.add(Fault(LIST, Kind.STATUS, 503, times=2))
    assert busy(calendar) == []
    assert len(emulator.calls) == 3
