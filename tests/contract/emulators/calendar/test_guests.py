"""Guests: copies in their calendars, their answers in everybody's, and the mails that would have gone out."""

import pytest

from tests.contract.emulators.calendar.appointments import LEO, MARIA, busy, meeting, refusal

ANA = "ana@brightleaf.example"
GUESTS = [{"email": LEO}, {"email": ANA, "displayName": "Ana Silva"}]


@pytest.fixture
def call(events):
    return events.insert(calendarId="primary", body=meeting(attendees=GUESTS), sendUpdates="all").execute()


def answers(event):
    return {one["email"]: one["responseStatus"] for one in event["attendees"]}


def test_an_invitation_stands_in_the_guests_calendar_too(call, leos):
    own = leos.get(calendarId="primary", eventId=call["id"]).execute()
    assert (own["organizer"], own["iCalUID"]) == ({"email": MARIA}, call["iCalUID"])
    assert [one for one in own["attendees"] if one.get("self")] == [{"email": LEO, "responseStatus": "needsAction", "self": True}]
    assert call["organizer"] == {"email": MARIA, "self": True}


def test_a_guests_answer_reaches_every_copy(emulator, call, events, leos):
    answer = {"attendees": [{"email": LEO, "responseStatus": "declined", "comment": "Away"}]}
    leos.patch(calendarId="primary", eventId=call["id"], body=answer, sendUpdates="all").execute()
    assert answers(events.get(calendarId="primary", eventId=call["id"]).execute()) == {LEO: "declined", ANA: "needsAction"}
    emulator.respond(LEO, call["id"], "accepted")
    assert answers(events.get(calendarId="primary", eventId=call["id"]).execute())[LEO] == "accepted"


def test_declining_frees_the_time_of_the_guest_alone(emulator, call, service):
    emulator.respond(LEO, call["id"], "declined")
    emulator.state.calendars[LEO].roles[MARIA] = "freeBusyReader"
    assert len(busy(service)) == 1
    assert busy(service, LEO) == []


def test_a_guest_cannot_change_what_belongs_to_the_organizer(call, leos):
    moved = leos.patch(calendarId="primary", eventId=call["id"], body={"summary": "Mine"})
    assert refusal(moved) == (403, "forbiddenForNonOrganizer")
    assert (
        leos.patch(calendarId="primary", eventId=call["id"], body={"transparency": "transparent"}).execute()["transparency"]
        == "transparent"
    )


def test_moving_and_cancelling_reach_the_guests(call, events, leos):
    later = {"start": {"dateTime": "2026-11-23T14:00:00Z"}, "end": {"dateTime": "2026-11-23T15:00:00Z"}}
    events.patch(calendarId="primary", eventId=call["id"], body=later).execute()
    assert leos.get(calendarId="primary", eventId=call["id"]).execute()["start"]["dateTime"] == "2026-11-23T14:00:00Z"
    events.patch(calendarId="primary", eventId=call["id"], body={"attendees": GUESTS[1:]}).execute()
    assert leos.get(calendarId="primary", eventId=call["id"]).execute()["status"] == "cancelled"


@pytest.mark.parametrize(("updates", "mailed"), [("all", [ANA, LEO]), ("externalOnly", [ANA]), ("none", []), (None, [])])
def test_mails_go_to_whom_the_request_says(emulator, events, updates, mailed):
    options = {"sendUpdates": updates} if updates else {}
    created = events.insert(calendarId="primary", body=meeting(attendees=GUESTS), **options).execute()
    events.delete(calendarId="primary", eventId=created["id"], **options).execute()
    assert [(one["method"], one["to"]) for one in emulator.mailed] == [
        *(("request", to) for to in mailed),
        *(("cancel", to) for to in mailed),
    ]


def test_an_answer_is_mailed_to_the_organizer(emulator, call):
    emulator.respond(LEO, call["id"], "accepted")
    assert [(one["method"], one["from"], one["to"]) for one in emulator.mailed][-1] == ("reply", LEO, MARIA)


def test_long_lists_of_guests_are_cut_when_asked(call, events):
    cut = events.get(calendarId="primary", eventId=call["id"], maxAttendees=1).execute()
    assert (cut["attendees"], cut["attendeesOmitted"]) == ([], True)


@pytest.mark.parametrize(
    "fields",
    [
        {"attendees": [{"displayName": "Nobody"}]},
        {"attendees": [{"email": LEO, "responseStatus": "perhaps"}]},
        {"status": "maybe"},
        {"transparency": "glass"},
        {"reminders": {"useDefault": True, "overrides": [{"method": "popup", "minutes": 5}]}},
        {"reminders": {"useDefault": False, "overrides": [{"method": "fax", "minutes": 5}]}},
        {"reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 5}] * 6}},
    ],
)
def test_what_calendar_does_not_know_is_refused(events, fields):
    assert refusal(events.insert(calendarId="primary", body=meeting(**fields)))[0] == 400
