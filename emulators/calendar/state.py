"""Calendars, who may see them, and their events as Calendar's own resources; pure, JSON-safe in and out."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from emulators.calendar import errors, recurrence

ROLES = ("none", "freeBusyReader", "reader", "writer", "owner")
EVENT_ID = re.compile(r"[a-v0-9]{5,1024}")
Event = dict[str, Any]


@dataclass
class CalendarRecord:
    """One calendar. `roles` maps an account to what it may do."""

    id: str
    summary: str
    time_zone: str
    roles: dict[str, str]
    events: dict[str, Event] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def role_of(self, account: str) -> str:
        return self.roles.get(account, "none")

    def span(self, event: Event) -> tuple[datetime, datetime]:
        """Start and end of an event, aware; whole days in the calendar's zone."""
        return moment(event["start"], self.zone), moment(event["end"], self.zone)

    def occurrences(self, event: Event, *, before: datetime) -> Iterator[Event]:
        """The event itself, or its single instances when it recurs."""
        if not event.get("recurrence"):
            yield event
            return
        first, end = self.span(event)
        for start in recurrence.starts(recurrence.parsed_rule(event["recurrence"]), first, before=before):
            yield _instance(event, start, end - first)


@dataclass
class CalendarState:
    zones: dict[str, str] = field(default_factory=dict)  # account -> time zone setting
    calendars: dict[str, CalendarRecord] = field(default_factory=dict)
    minted: int = 0

    def visible(self, account: str, calendar_id: str, *, at_least: str = "reader") -> CalendarRecord:
        """The calendar (`primary` is the account's own); 404 if the account may not see it, 403 if it may not write."""
        found = self.calendars.get(account if calendar_id == "primary" else calendar_id)
        if found is None or _rank(found.role_of(account)) < min(_rank(at_least), _rank("reader")):
            raise errors.not_found()
        if _rank(found.role_of(account)) < _rank(at_least):
            raise errors.forbidden()
        return found

    def event(self, calendar: CalendarRecord, event_id: str) -> Event:
        found = calendar.events.get(event_id)
        if found is None:
            raise errors.not_found()
        return found

    def insert(self, calendar: CalendarRecord, body: Mapping[str, Any], *, account: str, now: datetime) -> Event:
        event_id = body.get("id") or self._event_id()
        if not EVENT_ID.fullmatch(event_id):
            raise errors.invalid("Invalid resource id value.")
        if event_id in calendar.events:
            raise errors.duplicate()
        person = {"email": account, "self": True}
        defaults = {"status": "confirmed", "sequence": 0, "reminders": {"useDefault": True}, "eventType": "default"}
        event = {
            **defaults,
            **body,
            "id": event_id,
            "kind": "calendar#event",
            "created": stamp(now),
            "creator": person,
            "organizer": person,
        }
        event |= {
            "iCalUID": body.get("iCalUID") or f"{event_id}@google.com",
            "htmlLink": f"https://www.google.com/calendar/event?eid={event_id}",
        }
        return self._store(calendar, event, now)

    def change(self, calendar: CalendarRecord, event_id: str, changes: Mapping[str, Any], *, now: datetime) -> Event:
        """Merges the changes: objects are merged, lists replaced, null removes."""
        before = self.event(calendar, event_id)
        event = _merged(before, changes)
        moved = (event.get("start"), event.get("end")) != (before.get("start"), before.get("end"))
        event["sequence"] = before.get("sequence", 0) + moved
        return self._store(calendar, event, now)

    def cancel(self, calendar: CalendarRecord, event_id: str, *, now: datetime) -> None:
        if self.event(calendar, event_id)["status"] == "cancelled":
            raise errors.deleted()
        self._store(calendar, {**calendar.events[event_id], "status": "cancelled"}, now)

    def _store(self, calendar: CalendarRecord, event: Event, now: datetime) -> Event:
        check_times(event, calendar.zone)
        if event.get("recurrence"):
            recurrence.parsed_rule(event["recurrence"])
        self.minted += 1
        event |= {"etag": f'"{int(now.timestamp() * 2000) * 1000 + self.minted}"', "updated": stamp(now)}
        calendar.events[event["id"]] = event
        return event

    def _event_id(self) -> str:
        self.minted += 1
        return f"evt{self.minted:023d}"

    def dump(self) -> dict[str, Any]:
        return {"zones": self.zones, "calendars": [asdict(one) for one in self.calendars.values()], "minted": self.minted}

    def load(self, data: Mapping[str, Any]) -> None:
        self.zones = dict(data.get("zones", {}))
        self.calendars = {one["id"]: CalendarRecord(**one) for one in data.get("calendars", [])}
        self.minted = int(data.get("minted", 0))


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def zone_named(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise errors.invalid("Invalid time zone definition.") from error


def moment(value: Mapping[str, Any], zone: ZoneInfo) -> datetime:
    """An EventDateTime as an aware datetime, in its own zone where it names one."""
    own = zone_named(value["timeZone"]) if value.get("timeZone") else None
    if "date" in value:
        return datetime.combine(date.fromisoformat(value["date"]), datetime.min.time(), tzinfo=zone)
    at = datetime.fromisoformat(value["dateTime"])
    if at.tzinfo is None:
        return at.replace(tzinfo=own)
    return at.astimezone(own or zone)


def check_times(event: Event, zone: ZoneInfo) -> None:
    """Start and end are there, complete, of one kind and in order."""
    for name in ("start", "end"):
        value = event.get(name)
        if not value or not (value.get("date") or value.get("dateTime")):
            raise errors.missing(f"{name} time")
        if "dateTime" in value and not value.get("timeZone") and _read(value["dateTime"]).tzinfo is None:
            raise errors.missing(f"time zone definition for {name} time")
    if ("date" in event["start"]) != ("date" in event["end"]):
        raise errors.invalid("Start and end times must either both be date or both be dateTime.")
    try:
        if moment(event["end"], zone) < moment(event["start"], zone):
            raise errors.empty_range()
    except ValueError as error:
        raise errors.bad_request() from error


def _read(value: str) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except ValueError as error:
        raise errors.bad_request() from error


def _rank(role: str) -> int:
    return ROLES.index(role)


def _instance(event: Event, start: datetime, length: timedelta) -> Event:
    end = start + length
    if "date" in event["start"]:
        times = {"start": {"date": start.date().isoformat()}, "end": {"date": end.date().isoformat()}}
        suffix = start.strftime("%Y%m%d")
    else:
        named = {"timeZone": event["start"]["timeZone"]} if event["start"].get("timeZone") else {}
        times = {"start": {"dateTime": start.isoformat(), **named}, "end": {"dateTime": end.isoformat(), **named}}
        suffix = start.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    single = {key: value for key, value in event.items() if key != "recurrence"}
    return {**single, **times, "id": f"{event['id']}_{suffix}", "recurringEventId": event["id"], "originalStartTime": times["start"]}


def _merged(before: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(before)
    for key, value in changes.items():
        if value is None:
            merged.pop(key, None)
        elif key in ("start", "end") or not isinstance(value, Mapping):
            merged[key] = value
        else:
            merged[key] = _merged(before.get(key) or {}, value)
    return merged
