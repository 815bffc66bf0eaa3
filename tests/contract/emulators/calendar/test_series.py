"""Recurring events: their single occurrences, changed and cancelled one by one, in the zone they were made in."""

import pytest

from tests.contract.emulators.calendar.appointments import MARIA, busy, meeting, refusal

NOVEMBER = {"timeMin": "2026-11-23T00:00:00Z", "timeMax": "2026-12-12T00:00:00Z"}


def series(rule="RRULE:FREQ=WEEKLY;BYDAY=MO", *more, zone="Europe/Madrid", **fields):
    times = {"start": {"dateTime": "2026-11-23T10:00:00", "timeZone": zone}, "end": {"dateTime": "2026-11-23T10:30:00", "timeZone": zone}}
    return {"summary": "Weekly", **times, "recurrence": [rule, *more], **fields}


def starts(answer):
    return [one["start"]["dateTime"] for one in answer["items"]]


@pytest.fixture
def weekly(events):
    return events.insert(calendarId="primary", body=series()).execute()


def test_the_occurrences_of_a_series_are_told_by_name_and_time(events, weekly):
    answer = events.instances(calendarId="primary", eventId=weekly["id"], **NOVEMBER).execute()
    assert starts(answer) == ["2026-11-23T10:00:00+01:00", "2026-11-30T10:00:00+01:00", "2026-12-07T10:00:00+01:00"]
    first = answer["items"][0]
    assert (first["id"], first["recurringEventId"]) == (f"{weekly['id']}_20261123T090000Z", weekly["id"])
    assert events.get(calendarId="primary", eventId=first["id"]).execute() == first
    assert refusal(events.get(calendarId="primary", eventId=f"{weekly['id']}_20261124T090000Z")) == (404, "notFound")
    one = events.instances(calendarId="primary", eventId=weekly["id"], originalStart="2026-11-30T09:00:00Z").execute()
    assert starts(one) == ["2026-11-30T10:00:00+01:00"]
    assert (
        refusal(events.instances(calendarId="primary", eventId=events.insert(calendarId="primary", body=meeting()).execute()["id"]))[0]
        == 400
    )


def test_one_occurrence_is_moved_and_the_others_stay(events, weekly, service):
    moved = f"{weekly['id']}_20261130T090000Z"
    later = {"start": {"dateTime": "2026-12-01T15:00:00Z"}, "end": {"dateTime": "2026-12-01T15:30:00Z"}}
    events.patch(calendarId="primary", eventId=moved, body=later).execute()
    listed = events.list(calendarId="primary", singleEvents=True, orderBy="startTime", **NOVEMBER).execute()
    assert starts(listed) == ["2026-11-23T10:00:00+01:00", "2026-12-01T16:00:00+01:00", "2026-12-07T10:00:00+01:00"]
    assert [start for start, _ in busy(service, timeMax="2026-12-02T00:00:00Z")] == ["2026-11-23T09:00:00Z", "2026-12-01T15:00:00Z"]
    assert listed["items"][1]["originalStartTime"]["dateTime"] == "2026-11-30T10:00:00+01:00"


def test_one_occurrence_is_cancelled_and_told_of_to_those_who_expand_themselves(events, weekly):
    gone = f"{weekly['id']}_20261130T090000Z"
    events.delete(calendarId="primary", eventId=gone).execute()
    single = events.list(calendarId="primary", singleEvents=True, orderBy="startTime", **NOVEMBER).execute()
    assert starts(single) == ["2026-11-23T10:00:00+01:00", "2026-12-07T10:00:00+01:00"]
    whole = events.list(calendarId="primary", **NOVEMBER).execute()["items"]
    assert sorted((one["id"], one["status"]) for one in whole) == [(weekly["id"], "confirmed"), (gone, "cancelled")]
    shown = events.instances(calendarId="primary", eventId=weekly["id"], showDeleted=True, **NOVEMBER).execute()["items"]
    assert [one["status"] for one in shown] == ["confirmed", "cancelled", "confirmed"]


def test_deleting_a_series_deletes_what_was_changed_of_it(events, weekly):
    events.patch(calendarId="primary", eventId=f"{weekly['id']}_20261130T090000Z", body={"summary": "Special"}).execute()
    events.delete(calendarId="primary", eventId=weekly["id"]).execute()
    assert events.list(calendarId="primary", singleEvents=True, **NOVEMBER).execute()["items"] == []


def test_excluded_and_added_dates_count(events):
    lines = ("EXDATE;TZID=Europe/Madrid:20261130T100000", "RDATE:20261202T120000Z")
    created = events.insert(calendarId="primary", body=series("RRULE:FREQ=WEEKLY;COUNT=3", *lines)).execute()
    answer = events.instances(calendarId="primary", eventId=created["id"]).execute()
    assert starts(answer) == ["2026-11-23T10:00:00+01:00", "2026-12-02T13:00:00+01:00", "2026-12-07T10:00:00+01:00"]


def test_a_series_of_whole_days_has_dates_for_names(events):
    body = {"start": {"date": "2026-11-23"}, "end": {"date": "2026-11-24"}, "recurrence": ["RRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=2"]}
    created = events.insert(calendarId="primary", body=body).execute()
    answer = events.instances(calendarId="primary", eventId=created["id"]).execute()
    assert [(one["id"].rpartition("_")[2], one["start"]["date"]) for one in answer["items"]] == [
        ("20261130", "2026-11-30"),
        ("20261231", "2026-12-31"),
    ]


def test_a_series_keeps_its_own_zones_wall_clock_whatever_zone_is_asked_for(events):
    created = events.insert(
        calendarId="primary", body=series("RRULE:FREQ=YEARLY;BYMONTH=3,11;BYDAY=4MO", zone="America/New_York")
    ).execute()
    window = {"timeMin": "2026-11-01T00:00:00Z", "timeMax": "2027-04-01T00:00:00Z"}
    answer = events.instances(calendarId="primary", eventId=created["id"], timeZone="UTC", **window).execute()
    assert starts(answer) == ["2026-11-23T15:00:00Z", "2027-03-22T14:00:00Z"]


def test_a_series_that_began_years_ago_still_takes_its_time(emulator, service):
    emulator.event(MARIA, start="2015-01-05T10:00:00Z", end="2015-01-05T10:15:00Z", recurrence=["RRULE:FREQ=DAILY"])
    assert len(busy(service)) == 1


@pytest.mark.parametrize("rule", ["FREQ=DAILY;COUNT=0", "FREQ=WEEKLY;BYDAY=XX", "FREQ=SECONDLY", "FREQ=DAILY;UNTIL=soon", "COUNT=3", "X"])
def test_rules_nobody_can_expand_are_refused(events, rule):
    request = events.insert(calendarId="primary", body=series(f"RRULE:{rule}"))
    assert refusal(request)[0] == 400


def test_a_series_has_to_say_in_which_zone_it_recurs(events):
    body = meeting(recurrence=["RRULE:FREQ=DAILY"])
    assert refusal(events.insert(calendarId="primary", body=body)) == (400, "required")
