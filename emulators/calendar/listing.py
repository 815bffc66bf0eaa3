"""Which events a list asks for: by time, text, properties and type, or by what changed since a sync token."""

import base64
import binascii
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from emulators.calendar import errors
from emulators.calendar.occurrences import Event
from emulators.calendar.state import CalendarRecord
from emulators.calendar.times import bound, moment
from emulators.calendar.visit import Visit
from emulators.google_api.requests import flag

WITHOUT_SYNC = (
    *("iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty"),
    *("timeMin", "timeMax", "updatedMin"),
)
"""Parameters a sync token excludes: https://developers.google.com/workspace/calendar/api/v3/reference/events/list."""


def matching(visit: Visit, calendar: CalendarRecord) -> list[Event]:
    """In the order asked for; recurring events as one, or as single occurrences with singleEvents."""
    if visit.request.args.get("orderBy") == "startTime" and not flag(visit.request, "singleEvents"):
        raise errors.bad_request("The requested ordering is not available for the particular query.")
    since = _synced(visit, calendar)
    wanted = (event for event in calendar.events.values() if since is None or calendar.revisions[event["id"]] > since)
    return sorted(_within(visit, calendar, wanted, synced=since is not None), key=_order(visit, calendar))


def sync_token(calendar: CalendarRecord, revision: int) -> str:
    return base64.urlsafe_b64encode(f"{revision}|{calendar.id}".encode()).decode()


def instances(visit: Visit, calendar: CalendarRecord, series: Event) -> list[Event]:
    """The occurrences of one series, changed ones among them."""
    if not series.get("recurrence"):
        raise errors.not_recurring()
    start, end = _range(visit)
    changed = calendar.changed_occurrences(series["id"])
    found = [one for one in (*calendar.occurrences(series, after=start, before=end), *changed) if _overlaps(calendar, one, start, end)]
    kept = [one for one in found if one["status"] != "cancelled" or flag(visit.request, "showDeleted")]
    wanted = visit.request.args.get("originalStart")
    at = bound(wanted) if wanted and "T" in wanted else None
    if wanted:
        kept = [
            one
            for one in kept
            if (moment(one["originalStartTime"], calendar.zone) == at if at else one["originalStartTime"].get("date") == wanted)
        ]
    return sorted(kept, key=lambda one: (moment(one["originalStartTime"], calendar.zone), one["id"]))


def _synced(visit: Visit, calendar: CalendarRecord) -> int | None:
    """The revision a sync token stands for; 410 when it is too old or not one of this calendar."""
    token = visit.request.args.get("syncToken")
    if token is None:
        return None
    clashing = [name for name in WITHOUT_SYNC if name in visit.request.args]
    if clashing:
        raise errors.sync_token_with(", ".join(clashing))
    try:
        revision, _, calendar_id = base64.urlsafe_b64decode(token).decode().partition("|")
        if calendar_id == calendar.id and int(revision) >= visit.state.forgotten:
            return int(revision)
    except (binascii.Error, ValueError):
        pass
    raise errors.full_sync_required()


def _within(visit: Visit, calendar: CalendarRecord, events: Iterable[Event], *, synced: bool) -> Iterable[Event]:
    start, end = _range(visit)
    single, changed_since = flag(visit.request, "singleEvents"), visit.moment("updatedMin")
    for event in events:
        if not _asked_for(visit, event, deleted_too=synced or changed_since is not None or _kept_exception(visit, event)):
            continue
        if changed_since is not None and datetime.fromisoformat(event["updated"]) < changed_since:
            continue
        whole = not single or event["status"] == "cancelled"
        for one in [event] if whole else calendar.occurrences(event, after=start, before=end):
            if _overlaps(calendar, one, start, end) or (whole and event.get("recurrence") and _recurs_within(calendar, event, start, end)):
                yield one


def _recurs_within(calendar: CalendarRecord, event: Event, start: datetime | None, end: datetime | None) -> bool:
    return any(_overlaps(calendar, one, start, end) for one in calendar.occurrences(event, after=start, before=end))


def _kept_exception(visit: Visit, event: Event) -> bool:
    """Cancelled occurrences are told of when the series is listed as one: who expands it has to leave them out."""
    return bool(event.get("recurringEventId")) and not flag(visit.request, "singleEvents")


def _range(visit: Visit) -> tuple[datetime | None, datetime | None]:
    start, end = visit.moment("timeMin"), visit.moment("timeMax")
    if start and end and end <= start:
        raise errors.empty_range()
    return start, end


def _overlaps(calendar: CalendarRecord, event: Event, start: datetime | None, end: datetime | None) -> bool:
    begins, ends = calendar.span(event)
    return (end is None or begins < end) and (start is None or ends > start)


def _asked_for(visit: Visit, event: Event, *, deleted_too: bool) -> bool:
    args = visit.request.args
    types = args.getlist("eventTypes")
    return (
        (event["status"] != "cancelled" or deleted_too or flag(visit.request, "showDeleted"))
        and args.get("q", "").lower() in _text(event)
        and args.get("iCalUID", event["iCalUID"]) == event["iCalUID"]
        and (not types or event.get("eventType", "default") in types)
        and _has_properties(event, "private", args.getlist("privateExtendedProperty"))
        and _has_properties(event, "shared", args.getlist("sharedExtendedProperty"))
    )


def _text(event: Event) -> str:
    people = [*event.get("attendees", ()), event.get("organizer", {})]
    named = (str(one.get(key, "")) for one in people for key in ("email", "displayName"))
    return " ".join([*(str(event.get(name, "")) for name in ("summary", "description", "location")), *named]).lower()


def _has_properties(event: Event, kind: str, wanted: list[str]) -> bool:
    held = event.get("extendedProperties", {}).get(kind, {})
    return all(held.get(name) == value for name, _, value in (pair.partition("=") for pair in wanted))


def _order(visit: Visit, calendar: CalendarRecord) -> Callable[[Event], Any]:
    if visit.request.args.get("orderBy") == "updated":
        return lambda event: (event["updated"], event["id"])
    return lambda event: (moment(event["start"], calendar.zone), event["id"])
