"""freeBusy.query: taken intervals per calendar, and per-calendar errors inside a 200."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from emulators.calendar import errors
from emulators.calendar.state import CalendarRecord, CalendarState, Event, stamp, zone_named

MOST_CALENDARS = 50
Interval = tuple[datetime, datetime]


def query(state: CalendarState, body: dict[str, Any], *, account: str) -> dict[str, Any]:
    start, end = _bound(body, "timeMin"), _bound(body, "timeMax")
    if end <= start:
        raise errors.empty_range()
    zone = zone_named(body.get("timeZone", "UTC"))
    wanted = [item.get("id", "") for item in body.get("items", [])]
    calendars = {}
    for number, calendar_id in enumerate(wanted):
        record = state.calendars.get(account if calendar_id == "primary" else calendar_id)
        if number >= MOST_CALENDARS:
            calendars[calendar_id] = _refused("tooManyCalendarsRequested")
        elif record is None or record.role_of(account) == "none":
            calendars[calendar_id] = _refused("notFound")
        else:
            calendars[calendar_id] = {"busy": [_shown(one, zone) for one in merged(taken(record, start, end))]}
    return {"kind": "calendar#freeBusy", "timeMin": stamp(start), "timeMax": stamp(end), "calendars": calendars}


def taken(calendar: CalendarRecord, start: datetime, end: datetime) -> Iterable[Interval]:
    """Every occupied interval that overlaps [start, end), cut to it."""
    for event in calendar.events.values():
        if not _blocks(event):
            continue
        for one in calendar.occurrences(event, before=end):
            begins, ends = calendar.span(one)
            if begins < end and ends > start:
                yield max(begins, start), min(ends, end)


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """In order, with overlapping and touching ones joined."""
    joined: list[Interval] = []
    for start, end in sorted(intervals):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _blocks(event: Event) -> bool:
    """Cancelled, transparent, declined and working-location events leave the time free; tentative ones do not."""
    declined = any(one.get("self") and one.get("responseStatus") == "declined" for one in event.get("attendees", []))
    free = event.get("transparency") == "transparent" or event.get("eventType") == "workingLocation"
    return event["status"] != "cancelled" and not declined and not free


def _bound(body: dict[str, Any], name: str) -> datetime:
    try:
        at = datetime.fromisoformat(body[name])
    except KeyError as error:
        raise errors.missing(f"{name} parameter") from error
    except (TypeError, ValueError) as error:
        raise errors.bad_request() from error
    if at.tzinfo is None:
        raise errors.bad_request()
    return at


def _refused(reason: str) -> dict[str, Any]:
    return {"errors": [{"domain": "global", "reason": reason}], "busy": []}


def _shown(interval: Interval, zone: ZoneInfo) -> dict[str, str]:
    return {name: at.astimezone(zone).isoformat().replace("+00:00", "Z") for name, at in zip(("start", "end"), interval, strict=True)}
