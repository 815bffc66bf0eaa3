"""Answers about events."""

from typing import Any

from werkzeug.wrappers import Response

from emulators.calendar import conference, errors, invitations, listing
from emulators.calendar.occurrences import Event
from emulators.calendar.state import CalendarRecord
from emulators.calendar.visit import Visit
from emulators.google_api.requests import count, json_body, marked, next_page, page


def list_events(visit: Visit, calendar_id: str) -> Response:
    calendar = visit.calendar(calendar_id)
    return _page(visit, calendar, listing.matching(visit, calendar))


def list_instances(visit: Visit, calendar_id: str, event_id: str) -> Response:
    calendar = visit.calendar(calendar_id)
    return _page(visit, calendar, listing.instances(visit, calendar, visit.state.event(calendar, event_id)))


def get_event(visit: Visit, calendar_id: str, event_id: str) -> Response:
    """A conference that was being made is ready when it is looked at again."""
    calendar = visit.calendar(calendar_id)
    event = visit.state.event(calendar, event_id)
    if visit.request.headers.get("If-None-Match") == event["etag"]:
        return Response(status=304)
    answer = visit.answer(visit.shown(calendar, event))
    ready = conference.settled(event)
    if ready:
        visit.state.change(calendar, event_id, ready, now=visit.now)
    return answer


def insert_event(visit: Visit, calendar_id: str) -> Response:
    calendar = visit.calendar(calendar_id, at_least="writer")
    return _stored(visit, calendar, None, visit.state.insert(calendar, _wanted(visit, {}), account=visit.account, now=visit.now))


def import_event(visit: Visit, calendar_id: str) -> Response:
    """A private copy of an event that exists elsewhere: its iCalUID says which, and nobody is told."""
    calendar = visit.calendar(calendar_id, at_least="writer")
    body = _wanted(visit, {})
    if not body.get("iCalUID"):
        raise errors.missing("iCalUID")
    known = next((one for one in calendar.events.values() if one["iCalUID"] == body["iCalUID"]), None)
    if known is None:
        return visit.answer(visit.shown(calendar, visit.state.insert(calendar, body, account=visit.account, now=visit.now)))
    return visit.answer(visit.shown(calendar, visit.state.replace(calendar, known["id"], body, now=visit.now)))


def patch_event(visit: Visit, calendar_id: str, event_id: str) -> Response:
    calendar = visit.calendar(calendar_id, at_least="writer")
    before = visit.state.event(calendar, event_id)
    visit.check_match(before)
    changes = invitations.answered(visit.state, calendar, before, _wanted(visit, before), updates=visit.updates, now=visit.now)
    return _stored(visit, calendar, before, visit.state.change(calendar, event_id, changes, now=visit.now))


def update_event(visit: Visit, calendar_id: str, event_id: str) -> Response:
    calendar = visit.calendar(calendar_id, at_least="writer")
    before = visit.state.event(calendar, event_id)
    visit.check_match(before)
    if invitations.organizer(before) != calendar.id:
        raise errors.not_the_organizer()
    return _stored(visit, calendar, before, visit.state.replace(calendar, event_id, _wanted(visit, before), now=visit.now))


def delete_event(visit: Visit, calendar_id: str, event_id: str) -> Response:
    calendar = visit.calendar(calendar_id, at_least="writer")
    before = visit.state.event(calendar, event_id)
    visit.check_match(before)
    _stored(visit, calendar, before, visit.state.cancel(calendar, event_id, now=visit.now))
    return Response(status=204)


def move_event(visit: Visit, calendar_id: str, event_id: str) -> Response:
    """To another calendar, which becomes the organizer; the event keeps its id."""
    source = visit.calendar(calendar_id, at_least="writer")
    target = visit.calendar(visit.request.args.get("destination", ""), at_least="writer")
    event = visit.state.event(source, event_id)
    if event.get("recurringEventId") or event["eventType"] != "default":
        raise errors.bad_request("Only default events that are not single occurrences can be moved.")
    visit.state.store(source, {**event, "status": "cancelled"}, now=visit.now)
    moved = visit.state.store(target, {**event, "organizer": {"email": target.id}}, now=visit.now)
    return visit.answer(visit.shown(target, moved))


def _stored(visit: Visit, calendar: CalendarRecord, before: Event | None, event: Event) -> Response:
    invitations.told(visit.state, calendar, before, event, updates=visit.updates, now=visit.now)
    return visit.answer(visit.shown(calendar, event))


def _wanted(visit: Visit, before: Event) -> dict[str, Any]:
    version = visit.request.args.get("conferenceDataVersion")
    return conference.applied(before, dict(json_body(visit.request)), version=version, pending=visit.pending_conferences)


def _page(visit: Visit, calendar: CalendarRecord, found: list[Event]) -> Response:
    size = count(visit.request, "maxResults", default=250, most=2500)
    revision = marked(visit.request, fresh=visit.state.minted)
    shown, more = page(found, visit.request, size=size, mark=revision)
    head: dict[str, Any] = {"kind": "calendar#events", "etag": f'"p{visit.state.minted}"', "summary": calendar.summary}
    head |= {"timeZone": visit.zone(calendar).key, "accessRole": calendar.role_of(visit.account), "defaultReminders": []}
    updated = {"updated": max(event["updated"] for event in calendar.events.values())} if calendar.events else {}
    tail = next_page(more) or {"nextSyncToken": listing.sync_token(calendar, revision)}
    return visit.answer({**head, **updated, "items": [visit.shown(calendar, one) for one in shown], **tail})
