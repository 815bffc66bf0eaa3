"""Calendars, who may see them, and their events as Calendar's own resources; pure, JSON-safe in and out."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from emulators.calendar import checks, errors, occurrences
from emulators.calendar.occurrences import Event
from emulators.calendar.times import moment, stamp

ROLES = ("none", "freeBusyReader", "reader", "writer", "owner")
EVENT_ID = re.compile(r"[a-v0-9]{5,1024}")
DEFAULTS = {"status": "confirmed", "sequence": 0, "reminders": {"useDefault": True}, "eventType": "default"}


@dataclass
class CalendarRecord:
    """One calendar. `roles` maps an account to what it may do; `revisions` says when, in the order of all changes, an event changed."""

    id: str
    summary: str
    time_zone: str
    roles: dict[str, str]
    events: dict[str, Event] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def role_of(self, account: str) -> str:
        return self.roles.get(account, "none")

    def span(self, event: Event) -> tuple[datetime, datetime]:
        """Start and end of an event, aware; whole days in the calendar's zone."""
        return moment(event["start"], self.zone), moment(event["end"], self.zone)

    def occurrences(self, event: Event, *, after: datetime | None = None, before: datetime | None = None) -> Iterator[Event]:
        """The event itself, or its unchanged single occurrences when it recurs."""
        return occurrences.expanded(event, self.events, self.zone, after=after, before=before)

    def found(self, event_id: str) -> Event | None:
        """An event, or an occurrence nobody has changed yet."""
        return self.events.get(event_id) or occurrences.named(event_id, self.events, self.zone)

    def changed_occurrences(self, series_id: str) -> list[Event]:
        return [one for one in self.events.values() if one.get("recurringEventId") == series_id]


@dataclass
class CalendarState:
    """`groups` maps a group's address to its members; `forgotten` is the revision before which sync tokens have expired."""

    zones: dict[str, str] = field(default_factory=dict)  # account -> time zone setting
    calendars: dict[str, CalendarRecord] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    mailed: list[dict[str, Any]] = field(default_factory=list)
    forgotten: int = 0
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
        found = calendar.found(event_id)
        if found is None:
            raise errors.not_found()
        return found

    def insert(self, calendar: CalendarRecord, body: Mapping[str, Any], *, account: str, now: datetime) -> Event:
        event_id = body.get("id") or self._event_id()
        if not EVENT_ID.fullmatch(event_id):
            raise errors.invalid("Invalid resource id value.")
        if event_id in calendar.events:
            raise errors.duplicate()
        organizer = {"email": calendar.id, **({} if calendar.id == account else {"displayName": calendar.summary})}
        event = {"organizer": organizer, **DEFAULTS, **{key: value for key, value in body.items() if value is not None}}
        event |= {"id": event_id, "kind": "calendar#event", "created": stamp(now), "creator": {"email": account}}
        event |= {
            "iCalUID": body.get("iCalUID") or f"{event_id}@google.com",
            "htmlLink": f"https://www.google.com/calendar/event?eid={event_id}",
        }
        return self.store(calendar, event, now=now)

    def change(self, calendar: CalendarRecord, event_id: str, changes: Mapping[str, Any], *, now: datetime) -> Event:
        """Merges the changes: objects are merged, lists replaced, null removes."""
        before = self.event(calendar, event_id)
        return self._changed(calendar, before, _merged(before, changes), now)

    def replace(self, calendar: CalendarRecord, event_id: str, body: Mapping[str, Any], *, now: datetime) -> Event:
        """A PUT: what is not named is gone, but for what Calendar itself gave the event."""
        before = self.event(calendar, event_id)
        given = ("id", "kind", "created", "creator", "organizer", "iCalUID", "htmlLink", "recurringEventId", "originalStartTime")
        kept = {name: before[name] for name in given if name in before}
        return self._changed(calendar, before, {**DEFAULTS, **dict(body), **kept}, now)

    def cancel(self, calendar: CalendarRecord, event_id: str, *, now: datetime) -> Event:
        """Deletes; occurrences of a deleted series that had been changed go with it."""
        before = self.event(calendar, event_id)
        if before["status"] == "cancelled":
            raise errors.deleted()
        for one in calendar.changed_occurrences(event_id):
            self.store(calendar, {**one, "status": "cancelled"}, now=now)
        return self.store(calendar, {**before, "status": "cancelled"}, now=now)

    def store(self, calendar: CalendarRecord, event: Event, *, now: datetime) -> Event:
        """Checks and keeps an event under a new etag and revision."""
        checks.check(event, calendar.zone)
        if "attendees" in event:
            event["attendees"] = [{"responseStatus": "needsAction", **one} for one in event["attendees"]]
        self.minted += 1
        event |= {"etag": f'"{int(now.timestamp() * 2000) * 1000 + self.minted}"', "updated": stamp(now)}
        calendar.events[event["id"]] = event
        calendar.revisions[event["id"]] = self.minted
        return event

    def _changed(self, calendar: CalendarRecord, before: Event, event: Event, now: datetime) -> Event:
        moved = (event.get("start"), event.get("end")) != (before.get("start"), before.get("end"))
        return self.store(calendar, {**event, "sequence": before.get("sequence", 0) + moved}, now=now)

    def _event_id(self) -> str:
        self.minted += 1
        return f"evt{self.minted:023d}"

    def dump(self) -> dict[str, Any]:
        return asdict(self) | {"calendars": [asdict(one) for one in self.calendars.values()]}

    def load(self, data: Mapping[str, Any]) -> None:
        self.zones, self.groups = dict(data.get("zones", {})), dict(data.get("groups", {}))
        self.calendars = {one["id"]: CalendarRecord(**one) for one in data.get("calendars", [])}
        self.mailed = list(data.get("mailed", []))
        self.forgotten, self.minted = int(data.get("forgotten", 0)), int(data.get("minted", 0))


def _rank(role: str) -> int:
    return ROLES.index(role)


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
