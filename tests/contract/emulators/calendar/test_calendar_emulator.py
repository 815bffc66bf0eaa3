"""The Calendar emulator through Google's own client: free/busy, events and who may see them."""

from datetime import datetime, timedelta
from itertools import pairwise

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.calendar.freebusy import merged
from emulators.calendar.routes import CalendarEmulator
from tests.contract.emulators.calendar.appointments import DAY, LEO, MARIA, MONDAY, busy, meeting, refusal


def test_busy_time_is_merged_cut_to_the_range_and_told_in_the_asked_zone(emulator, service):
    emulator.event(MARIA, start="2026-11-22T23:00:00Z", end="2026-11-23T01:00:00Z")
    emulator.event(MARIA, start="2026-11-23T10:00:00Z", end="2026-11-23T11:00:00Z")
    emulator.event(MARIA, start="2026-11-23T10:30:00Z", end="2026-11-23T11:30:00Z")
    emulator.event(MARIA, start="2026-11-23T11:30:00Z", end="2026-11-23T12:00:00Z")
    assert busy(service) == [("2026-11-23T00:00:00Z", "2026-11-23T01:00:00Z"), ("2026-11-23T10:00:00Z", "2026-11-23T12:00:00Z")]
    assert busy(service, timeZone="Europe/Madrid")[1] == ("2026-11-23T11:00:00+01:00", "2026-11-23T13:00:00+01:00")


def test_intervals_are_half_open(emulator, service):
    emulator.event(MARIA, start="2026-11-22T23:00:00Z", end="2026-11-23T00:00:00Z")
    emulator.event(MARIA, start="2026-11-24T00:00:00Z", end="2026-11-24T01:00:00Z")
    assert busy(service) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"transparency": "transparent"},
        {"status": "cancelled"},
        {"eventType": "workingLocation"},
        {"attendees": [{"email": MARIA, "self": True, "responseStatus": "declined"}]},
    ],
)
def test_what_does_not_block_is_not_busy(emulator, service, fields):
    emulator.event(MARIA, start="2026-11-23T10:00:00Z", end="2026-11-23T11:00:00Z", **fields)
    assert busy(service) == []


def test_a_whole_day_is_busy_in_the_zone_of_its_calendar(emulator, service):
    emulator.event(MARIA, start="2026-11-24", end="2026-11-25")
    assert busy(service) == [("2026-11-23T23:00:00Z", "2026-11-24T00:00:00Z")]


def test_a_weekly_meeting_keeps_its_local_time_when_the_clocks_change(emulator, service):
    local = {"timeZone": "Europe/Madrid"}
    start, end = {"dateTime": "2026-10-19T10:00:00", **local}, {"dateTime": "2026-10-19T10:30:00", **local}
    emulator.event(MARIA, start=start, end=end, recurrence=["RRULE:FREQ=WEEKLY;BYDAY=MO,WE"])
    weeks = {"timeMin": "2026-10-21T00:00:00Z", "timeMax": "2026-10-27T00:00:00Z"}
    assert [start for start, _ in busy(service, **weeks)] == ["2026-10-21T08:00:00Z", "2026-10-26T09:00:00Z"]


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("FREQ=DAILY;COUNT=3", [23, 24, 25]),
        ("FREQ=DAILY;INTERVAL=2;UNTIL=20261127", [23, 25, 27]),
        ("FREQ=DAILY;BYDAY=MO,TU;COUNT=3", [23, 24, 30]),
        ("FREQ=WEEKLY;UNTIL=20261130T100000Z", [23, 30]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;COUNT=1", [27]),
    ],
)
def test_recurring_events_are_listed_as_single_instances(emulator, service, rule, days):
    emulator.event(MARIA, start="2026-11-23T10:00:00Z", end="2026-11-23T11:00:00Z", recurrence=[f"RRULE:{rule}"])
    window = {"timeMin": "2026-11-23T00:00:00Z", "timeMax": "2026-12-01T00:00:00Z"}
    listed = service.events().list(calendarId="primary", singleEvents=True, orderBy="startTime", **window).execute()["items"]
    assert [datetime.fromisoformat(one["start"]["dateTime"]).day for one in listed] == days
    assert len(service.events().list(calendarId="primary", **window).execute()["items"]) == 1


def test_a_rule_that_is_not_understood_is_refused_rather_than_ignored(service):
    local = {"timeZone": "Europe/Madrid"}
    times = {"start": {"dateTime": "2026-11-23T10:00:00", **local}, "end": {"dateTime": "2026-11-23T11:00:00", **local}}
    body = {**times, "recurrence": ["RRULE:FREQ=HOURLY"]}
    assert refusal(service.events().insert(calendarId="primary", body=body)) == (400, "invalid")


def test_calendars_one_may_not_see_are_errors_inside_the_answer(emulator, service):
    emulator.calendar("team@northwind.example", owner=LEO, shared={MARIA: "freeBusyReader"})
    emulator.event("team@northwind.example", start="2026-11-23T10:00:00Z", end="2026-11-23T11:00:00Z")
    items = [{"id": LEO}, {"id": "team@northwind.example"}]
    answer = service.freebusy().query(body={**DAY, "items": items}).execute()["calendars"]
    assert answer[LEO]["errors"] == [{"domain": "global", "reason": "notFound"}]
    assert len(answer["team@northwind.example"]["busy"]) == 1
    assert refusal(service.events().list(calendarId="team@northwind.example")) == (404, "notFound")
    many = service.freebusy().query(body={**DAY, "items": [{"id": f"c{number}"} for number in range(51)]}).execute()["calendars"]
    assert many["c50"]["errors"][0]["reason"] == "tooManyCalendarsRequested"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"timeMax": DAY["timeMin"]}, "timeRangeEmpty"),
        ({"timeMin": "2026-11-23T00:00:00"}, "badRequest"),
        ({"timeMin": "soon"}, "badRequest"),
        ({"timeMin": None}, "badRequest"),
        ({"timeZone": "Mars/Olympus"}, "invalid"),
    ],
)
def test_malformed_free_busy_questions_are_refused(url, changes, reason):
    body = {**DAY, "items": [{"id": "primary"}], **changes}
    answer = httpx.post(f"{url}/calendar/v3/freeBusy", json=body, headers={"Authorization": f"Bearer emulated:{MARIA}"})
    assert (answer.status_code, answer.json()["error"]["errors"][0]["reason"]) == (400, reason)


def test_an_event_is_created_read_changed_and_cancelled(service):
    events = service.events()
    created = events.insert(calendarId="primary", body=meeting(location="Online", extendedProperties={"private": {"hold": "1"}})).execute()
    assert (created["status"], created["organizer"]["email"], created["iCalUID"]) == ("confirmed", MARIA, f"{created['id']}@google.com")
    assert events.get(calendarId="primary", eventId=created["id"]).execute() == created
    patch = {"location": None, "extendedProperties": {"private": {"kind": "slot"}}}
    changed = events.patch(calendarId="primary", eventId=created["id"], body=patch).execute()
    assert (changed.get("location"), changed["extendedProperties"]["private"]) == (None, {"hold": "1", "kind": "slot"})
    assert changed["etag"] != created["etag"]
    assert len(events.list(calendarId="primary", privateExtendedProperty="hold=1").execute()["items"]) == 1
    assert events.list(calendarId="primary", privateExtendedProperty="hold=2").execute()["items"] == []
    events.delete(calendarId="primary", eventId=created["id"]).execute()
    assert refusal(events.delete(calendarId="primary", eventId=created["id"])) == (410, "deleted")
    assert events.list(calendarId="primary").execute()["items"] == []
    assert events.list(calendarId="primary", showDeleted=True).execute()["items"][0]["status"] == "cancelled"


def test_a_client_chosen_id_is_taken_only_once(service):
    insert = service.events().insert
    assert insert(calendarId="primary", body=meeting(id="slot0001")).execute()["id"] == "slot0001"
    assert refusal(insert(calendarId="primary", body=meeting(id="slot0001"))) == (409, "duplicate")
    assert refusal(insert(calendarId="primary", body=meeting(id="WRONG-ID"))) == (400, "invalid")
    service.events().delete(calendarId="primary", eventId="slot0001").execute()
    assert refusal(insert(calendarId="primary", body=meeting(id="slot0001"))) == (409, "duplicate")


def test_a_change_based_on_an_old_version_is_refused(service):
    created = service.events().insert(calendarId="primary", body=meeting()).execute()
    service.events().patch(calendarId="primary", eventId=created["id"], body={"summary": "Moved"}).execute()
    stale = service.events().patch(calendarId="primary", eventId=created["id"], body={"summary": "Mine"})
    stale.headers["If-Match"] = created["etag"]
    assert refusal(stale) == (412, "conditionNotMet")


def test_a_meet_link_needs_the_conference_version(service):
    wanted = meeting(conferenceData={"createRequest": {"requestId": "r1", "conferenceSolutionKey": {"type": "hangoutsMeet"}}})
    assert "conferenceData" not in service.events().insert(calendarId="primary", body=wanted).execute()
    made = service.events().insert(calendarId="primary", body=wanted, conferenceDataVersion=1).execute()
    assert made["hangoutLink"] == made["conferenceData"]["entryPoints"][0]["uri"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"start": {"dateTime": "2026-11-23T10:00:00Z"}}, "required"),
        (meeting(start="2026-11-23T10:00:00"), "required"),
        (meeting(start="2026-11-23T12:00:00Z"), "timeRangeEmpty"),
        ({"start": {"date": "2026-11-23"}, "end": {"dateTime": "2026-11-24T10:00:00Z"}}, "invalid"),
        (meeting(start="morning"), "badRequest"),
    ],
)
def test_events_without_sensible_times_are_refused(service, body, reason):
    assert refusal(service.events().insert(calendarId="primary", body=body)) == (400, reason)


def test_events_are_listed_by_time_text_and_page(emulator, service):
    for hour in (12, 10, 11):
        emulator.event(MARIA, summary=f"At {hour}", start=f"2026-11-23T{hour}:00:00Z", end=f"2026-11-23T{hour}:30:00Z")
    listing = service.events().list
    window = {"calendarId": "primary", "timeMin": "2026-11-23T10:30:00Z", "timeMax": "2026-11-23T12:00:00Z"}
    assert [one["summary"] for one in listing(**window).execute()["items"]] == ["At 11"]
    first = listing(calendarId="primary", maxResults=2, singleEvents=True, orderBy="startTime").execute()
    second = listing(calendarId="primary", maxResults=2, pageToken=first["nextPageToken"]).execute()
    assert [one["summary"] for one in first["items"] + second["items"]] == ["At 10", "At 11", "At 12"]
    assert [one["summary"] for one in listing(calendarId="primary", q="at 12").execute()["items"]] == ["At 12"]
    assert refusal(listing(calendarId="primary", orderBy="startTime")) == (400, "badRequest")


def test_a_shared_calendar_is_listed_with_the_role_and_guarded_by_it(emulator, service):
    emulator.calendar("team@northwind.example", owner=LEO, summary="Team", shared={MARIA: "reader"})
    entries = {one["id"]: one for one in service.calendarList().list().execute()["items"]}
    assert entries[MARIA]["primary"] is True
    assert entries["team@northwind.example"]["accessRole"] == "reader"
    assert service.calendarList().get(calendarId="team@northwind.example").execute()["summary"] == "Team"
    assert refusal(service.events().insert(calendarId="team@northwind.example", body=meeting()))[0] == 403


def test_the_time_zone_setting_and_the_calendar_tell_the_zone(service):
    assert service.settings().get(setting="timezone").execute()["value"] == "Europe/Madrid"
    assert service.calendars().get(calendarId="primary").execute()["timeZone"] == "Europe/Madrid"
    assert refusal(service.settings().get(setting="holidays")) == (404, "notFound")


def test_state_is_seeded_dumped_and_loaded(url, emulator, clock):
    event = {"calendar_id": "kim@northwind.example", "start": "2026-11-23", "end": "2026-11-24"}
    seed = {"accounts": [{"email": "kim@northwind.example", "time_zone": "Asia/Tokyo"}], "events": [event]}
    assert httpx.put(f"{url}/_emulator/seed", json=seed).status_code == 204
    copy = CalendarEmulator(clock)
    copy.load(httpx.get(f"{url}/_emulator/state").json())
    assert copy.state == emulator.state


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 30)), max_size=20))
def test_merged_intervals_cover_the_same_minutes_and_never_touch(given_minutes):
    intervals = [(MONDAY + timedelta(minutes=start), MONDAY + timedelta(minutes=start + length)) for start, length in given_minutes]
    covered = {minute for start, length in given_minutes for minute in range(start, start + length)}
    joined = merged(intervals)
    told = {
        int((start - MONDAY).total_seconds() // 60) + n for start, end in joined for n in range(int((end - start).total_seconds() // 60))
    }
    assert told == covered
    assert all(left[1] < right[0] for left, right in pairwise(joined))
