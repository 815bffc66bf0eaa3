"""The rest of the API through Google's own client: holds, replacing, syncing, conferences, groups, settings, batches, quotas."""

from datetime import timedelta

import httpx
import pytest

from tests.contract.emulators.calendar.appointments import DAY, LEO, MARIA, busy, meeting, refusal


def test_a_tentative_hold_takes_time_unless_it_is_transparent(events, service):
    hold = events.insert(calendarId="primary", body=meeting(status="tentative")).execute()
    assert (hold["status"], len(busy(service))) == ("tentative", 1)
    events.patch(calendarId="primary", eventId=hold["id"], body={"transparency": "transparent"}).execute()
    assert busy(service) == []


def test_replacing_an_event_drops_what_is_not_named(events):
    created = events.insert(calendarId="primary", body=meeting(location="Here", description="Long")).execute()
    replaced = events.update(calendarId="primary", eventId=created["id"], body=meeting(summary="New")).execute()
    assert (replaced["summary"], "location" in replaced, replaced["iCalUID"], replaced["created"]) == (
        "New",
        False,
        created["iCalUID"],
        created["created"],
    )
    assert refusal(events.update(calendarId="primary", eventId=created["id"], body={"summary": "No times"})) == (400, "required")


def test_times_are_shown_in_the_calendars_zone_or_the_one_asked_for(events):
    created = events.insert(calendarId="primary", body=meeting()).execute()
    assert created["start"] == {"dateTime": "2026-11-23T11:00:00+01:00", "timeZone": "Europe/Madrid"}
    asked = events.get(calendarId="primary", eventId=created["id"], timeZone="America/New_York").execute()
    assert asked["start"]["dateTime"] == "2026-11-23T05:00:00-05:00"
    assert refusal(events.get(calendarId="primary", eventId=created["id"], timeZone="Mars/Olympus")) == (400, "invalid")


def test_a_sync_token_tells_what_changed_since_deletions_included(events):
    kept, gone = (events.insert(calendarId="primary", body=meeting(summary=name)).execute()["id"] for name in ("Kept", "Gone"))
    token = events.list(calendarId="primary").execute()["nextSyncToken"]
    assert events.list(calendarId="primary", syncToken=token).execute()["items"] == []
    events.delete(calendarId="primary", eventId=gone).execute()
    fresh = events.insert(calendarId="primary", body=meeting(summary="Fresh")).execute()["id"]
    changed = events.list(calendarId="primary", syncToken=token).execute()
    assert {one["id"]: one["status"] for one in changed["items"]} == {gone: "cancelled", fresh: "confirmed"}
    assert events.list(calendarId="primary", syncToken=changed["nextSyncToken"]).execute()["items"] == []
    assert kept not in {one["id"] for one in changed["items"]}


def test_what_changes_between_two_pages_is_not_lost_to_the_next_sync(events):
    ids = [events.insert(calendarId="primary", body=meeting()).execute()["id"] for _ in range(3)]
    first = events.list(calendarId="primary", maxResults=2).execute()
    events.patch(calendarId="primary", eventId=ids[0], body={"summary": "Changed"}).execute()
    last = events.list(calendarId="primary", maxResults=2, pageToken=first["nextPageToken"]).execute()
    assert [one["id"] for one in events.list(calendarId="primary", syncToken=last["nextSyncToken"]).execute()["items"]] == [ids[0]]


def test_an_expired_sync_token_asks_for_a_full_sync(emulator, events):
    token = events.list(calendarId="primary").execute()["nextSyncToken"]
    assert refusal(events.list(calendarId="primary", syncToken=token, q="x")) == (400, "badRequest")
    emulator.expire_sync_tokens()
    assert refusal(events.list(calendarId="primary", syncToken=token)) == (410, "fullSyncRequired")
    assert refusal(events.list(calendarId="primary", syncToken="made-up")) == (410, "fullSyncRequired")
    fresh = events.list(calendarId="primary").execute()["nextSyncToken"]
    assert events.list(calendarId="primary", syncToken=fresh).execute()["items"] == []


def test_changes_since_a_moment_include_deletions(events, clock):
    old = events.insert(calendarId="primary", body=meeting()).execute()
    clock.advance(timedelta(minutes=5))
    gone = events.insert(calendarId="primary", body=meeting()).execute()
    events.delete(calendarId="primary", eventId=gone["id"]).execute()
    listed = events.list(calendarId="primary", updatedMin="2026-11-23T09:05:00Z").execute()["items"]
    assert [(one["id"], one["status"]) for one in listed] == [(gone["id"], "cancelled")]
    assert old["updated"] < listed[0]["updated"]


def test_events_are_found_by_uid_type_guest_and_shared_properties(emulator, events):
    made = events.insert(calendarId="primary", body=meeting(attendees=[{"email": LEO, "displayName": "Leo Brand"}])).execute()
    emulator.event(MARIA, start="2026-11-23", end="2026-11-24", eventType="workingLocation", extendedProperties={"shared": {"a": "b"}})
    listing = events.list
    assert [one["id"] for one in listing(calendarId="primary", iCalUID=made["iCalUID"]).execute()["items"]] == [made["id"]]
    assert [one["id"] for one in listing(calendarId="primary", q="brand").execute()["items"]] == [made["id"]]
    assert [one["id"] for one in listing(calendarId="primary", eventTypes=["default"]).execute()["items"]] == [made["id"]]
    assert len(listing(calendarId="primary", sharedExtendedProperty="a=b").execute()["items"]) == 1


def test_a_conference_may_be_ready_only_when_the_event_is_read_again(emulator, events):
    emulator.pending_conferences = True
    wanted = meeting(conferenceData={"createRequest": {"requestId": "r1", "conferenceSolutionKey": {"type": "hangoutsMeet"}}})
    made = events.insert(calendarId="primary", body=wanted, conferenceDataVersion=1).execute()
    assert (made["conferenceData"]["createRequest"]["status"]["statusCode"], "hangoutLink" in made) == ("pending", False)
    assert "hangoutLink" not in events.get(calendarId="primary", eventId=made["id"]).execute()
    ready = events.get(calendarId="primary", eventId=made["id"]).execute()
    assert ready["hangoutLink"].startswith("https://meet.google.com/")
    assert ready["conferenceData"]["entryPoints"][0]["uri"] == ready["hangoutLink"]


def test_the_same_request_makes_one_conference_and_null_removes_it(events):
    def asked(request_id):
        return {"conferenceData": {"createRequest": {"requestId": request_id, "conferenceSolutionKey": {"type": "hangoutsMeet"}}}}

    made = events.insert(calendarId="primary", body=meeting(**asked("r1")), conferenceDataVersion=1).execute()
    patch = {"calendarId": "primary", "eventId": made["id"], "conferenceDataVersion": 1}
    assert events.patch(body=asked("r1"), **patch).execute()["hangoutLink"] == made["hangoutLink"]
    assert events.patch(body=asked("r2"), **patch).execute()["hangoutLink"] != made["hangoutLink"]
    assert "conferenceData" not in events.patch(body={"conferenceData": None}, **patch).execute()
    zoom = {"conferenceData": {"createRequest": {"requestId": "z", "conferenceSolutionKey": {"type": "addOn"}}}}
    assert refusal(events.patch(body=zoom, **patch)) == (400, "invalid")


def test_an_event_is_moved_to_another_calendar(emulator, events):
    emulator.calendar("team@group.example", owner=MARIA, summary="Team")
    made = events.insert(calendarId="primary", body=meeting()).execute()
    moved = events.move(calendarId="primary", eventId=made["id"], destination="team@group.example").execute()
    assert (moved["id"], moved["organizer"]["email"]) == (made["id"], "team@group.example")
    assert events.get(calendarId="primary", eventId=made["id"]).execute()["status"] == "cancelled"


def test_importing_the_same_uid_twice_updates_the_first_copy(events):
    body = meeting(iCalUID="abc@brightleaf.example", organizer={"email": "ana@brightleaf.example"})
    first = events.import_(calendarId="primary", body=body).execute()
    second = events.import_(calendarId="primary", body={**body, "summary": "Changed"}).execute()
    assert (second["id"], second["summary"], second["organizer"]["email"]) == (first["id"], "Changed", "ana@brightleaf.example")
    assert refusal(events.import_(calendarId="primary", body=meeting())) == (400, "required")


def test_groups_are_expanded_into_their_calendars(emulator, service):
    emulator.group("sales@northwind.example", [MARIA, "gone@northwind.example"])
    emulator.event(MARIA, start="2026-11-23T10:00:00Z", end="2026-11-23T11:00:00Z")
    question = {**DAY, "items": [{"id": "sales@northwind.example"}, {"id": MARIA}]}
    answer = service.freebusy().query(body=question).execute()
    assert answer["groups"]["sales@northwind.example"]["calendars"] == [MARIA, "gone@northwind.example"]
    assert len(answer["calendars"][MARIA]["busy"]) == 1
    assert answer["calendars"]["gone@northwind.example"]["errors"][0]["reason"] == "notFound"
    small = service.freebusy().query(body={**question, "groupExpansionMax": 1}).execute()
    assert small["groups"]["sales@northwind.example"]["errors"][0]["reason"] == "groupTooBig"
    few = service.freebusy().query(body={**question, "calendarExpansionMax": 1}).execute()
    assert few["calendars"]["gone@northwind.example"]["errors"][0]["reason"] == "tooManyCalendarsRequested"


def test_settings_and_calendars_are_listed(emulator, service):
    emulator.calendar("team@group.example", owner=LEO, shared={MARIA: "freeBusyReader"})
    settings = {one["id"]: one["value"] for one in service.settings().list().execute()["items"]}
    assert (settings["timezone"], settings["weekStart"]) == ("Europe/Madrid", "0")
    listing = service.calendarList()
    assert len(listing.list().execute()["items"]) == 2
    assert [one["id"] for one in listing.list(minAccessRole="writer").execute()["items"]] == [MARIA]
    seen, request = [], listing.list(maxResults=1)
    while request is not None:
        answer = request.execute()
        seen += [one["id"] for one in answer["items"]]
        request = listing.list_next(request, answer)
    assert seen == [MARIA, "team@group.example"]


def test_every_page_of_events_leads_to_the_next(emulator, events):
    for hour in range(10, 15):
        emulator.event(MARIA, start=f"2026-11-23T{hour}:00:00Z", end=f"2026-11-23T{hour}:30:00Z")
    seen, request = [], events.list(calendarId="primary", maxResults=2)
    while request is not None:
        answer = request.execute()
        seen += [one["id"] for one in answer["items"]]
        request = events.list_next(request, answer)
    assert len(set(seen)) == 5


def test_a_batch_of_events_is_answered_part_by_part(emulator, service, events):
    answers = []
    batch = service.new_batch_http_request(
        callback=lambda _id, answer, error: answers.append(answer["summary"] if answer else error.status_code)
    )
    batch.add(events.insert(calendarId="primary", body=meeting(id="slot0001")))
    batch.add(events.insert(calendarId="primary", body=meeting(id="slot0001")))
    batch.add(events.get(calendarId="primary", eventId="slot0001"))
    batch.execute()
    assert answers == ["Call", 409, "Call"]


def test_a_quota_is_kept_when_it_is_switched_on(emulator, events, clock):
    emulator.quota.restrict(2)
    for _ in range(2):
        events.list(calendarId="primary").execute()
    assert refusal(events.list(calendarId="primary")) == (403, "rateLimitExceeded")
    clock.advance(timedelta(minutes=1))
    events.list(calendarId="primary").execute()


def test_an_unchanged_event_is_not_sent_again(events, url):
    made = events.insert(calendarId="primary", body=meeting()).execute()
    headers = {"Authorization": f"Bearer emulated:{MARIA}", "If-None-Match": made["etag"]}
    assert httpx.get(f"{url}/calendar/v3/calendars/primary/events/{made['id']}", headers=headers, trust_env=False).status_code == 304


def test_a_delete_based_on_an_old_version_is_refused(events):
    made = events.insert(calendarId="primary", body=meeting()).execute()
    events.patch(calendarId="primary", eventId=made["id"], body={"summary": "Moved"}).execute()
    stale = events.delete(calendarId="primary", eventId=made["id"])
    stale.headers["If-Match"] = made["etag"]
    assert refusal(stale) == (412, "conditionNotMet")


@pytest.mark.parametrize("address", ["calendars/primary/events", "users/me/settings", "users/me/calendarList"])
def test_lists_are_answered_without_googles_client_too(url, address):
    answer = httpx.get(f"{url}/calendar/v3/{address}", headers={"Authorization": f"Bearer emulated:{MARIA}"}, trust_env=False).json()
    assert answer["nextSyncToken"]
