"""freeBusy.query: taken intervals per calendar, groups of calendars, and per-calendar errors inside a 200."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from emulators.calendar import errors
from emulators.calendar.occurrences import Event
from emulators.calendar.state import CalendarRecord, CalendarState
from emulators.calendar.times import bound, shown_in, stamp, zone_named

MOST_CALENDARS, MOST_MEMBERS = 50, 100
Interval = tuple[datetime, datetime]


def query(state: CalendarState, body: dict[str, Any], *, account: str) -> dict[str, Any]:
    start, end = _needed(body, "timeMin"), _needed(body, "timeMax")
    if end <= start:
        raise errors.empty_range()
    zone = zone_named(body.get("timeZone", "UTC"))
    most = _most(body, "calendarExpansionMax", MOST_CALENDARS)
    groups, wanted = _expanded(state, body)
    calendars = {}
    for number, calendar_id in enumerate(wanted):
        record = state.calendars.get(account if calendar_id == "primary" else calendar_id)
        if number >= most:
            calendars[calendar_id] = _refused("tooManyCalendarsRequested")
        elif record is None or record.role_of(account) == "none":
            calendars[calendar_id] = _refused("notFound")
        else:
            shown = [{"start": shown_in(one[0], zone), "end": shown_in(one[1], zone)} for one in merged(taken(record, start, end))]
            calendars[calendar_id] = {"busy": shown}
    told = {"kind": "calendar#freeBusy", "timeMin": stamp(start), "timeMax": stamp(end), "calendars": calendars}
    return told | ({"groups": groups} if groups else {})


def taken(calendar: CalendarRecord, start: datetime, end: datetime) -> Iterable[Interval]:
    """Every occupied interval that overlaps [start, end), cut to it."""
    for event in calendar.events.values():
        if not _blocks(event, calendar.id):
            continue
        for one in calendar.occurrences(event, after=start, before=end):
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


def _expanded(state: CalendarState, body: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What each group asked for stands for, and all calendars in order, none twice."""
    most = _most(body, "groupExpansionMax", MOST_MEMBERS)
    groups: dict[str, Any] = {}
    wanted: list[str] = []
    for asked in (str(item.get("id", "")) for item in body.get("items", [])):
        members = state.groups.get(asked)
        if members is None:
            wanted.append(asked)
        elif len(members) > most:
            groups[asked] = {"errors": [{"domain": "calendar", "reason": "groupTooBig"}], "calendars": []}
        else:
            groups[asked] = {"calendars": list(members)}
            wanted += members
    return groups, list(dict.fromkeys(wanted))


def _blocks(event: Event, calendar_id: str) -> bool:
    """Cancelled, transparent, declined and working-location events leave the time free; tentative ones do not."""
    declined = any(one.get("responseStatus") == "declined" and one["email"] == calendar_id for one in event.get("attendees", []))
    free = event.get("transparency") == "transparent" or event.get("eventType") == "workingLocation"
    return event["status"] != "cancelled" and not declined and not free


def _needed(body: dict[str, Any], name: str) -> datetime:
    if name not in body:
        raise errors.missing(f"{name} parameter")
    at = bound(body[name])
    if at is None:
        raise errors.bad_request()
    return at


def _most(body: dict[str, Any], name: str, ceiling: int) -> int:
    wanted = body.get(name, ceiling)
    if not isinstance(wanted, int) or not 0 < wanted <= ceiling:
        raise errors.invalid(f"Invalid value for {name}: at most {ceiling}.")
    return wanted


def _refused(reason: str) -> dict[str, Any]:
    return {"errors": [{"domain": "global", "reason": reason}], "busy": []}
