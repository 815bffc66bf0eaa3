"""Guests: their own copies of an event, their answers, and the mails Calendar would have sent about all that."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from emulators.calendar import errors
from emulators.calendar.occurrences import Event
from emulators.calendar.state import CalendarRecord, CalendarState

OWN = frozenset({"reminders", "transparency", "visibility", "colorId", "extendedProperties", "attendees"})
"""What a guest may change on the own copy; everything else belongs to the organizer."""


def told(state: CalendarState, calendar: CalendarRecord, before: Event | None, event: Event, *, updates: str, now: datetime) -> None:
    """After the organizer has stored an event: copies to guests with a calendar here, cancelled ones to those who left, and mails."""
    if organizer(event) != calendar.id:
        return
    guests, gone = _guests(event), _guests(before or {}) - _guests(event)
    cancelled = event["status"] == "cancelled"
    for address in sorted(guests | gone):
        own = state.calendars.get(address)
        if own is not None and own is not calendar:
            _copy(state, own, event, leaving=cancelled or address in gone, now=now)
        if updates == "all" or (updates == "externalOnly" and own is None):
            _mail(state, "cancel" if cancelled or address in gone else "request", event, calendar.id, address, now)


def answered(
    state: CalendarState, calendar: CalendarRecord, event: Event, changes: dict[str, Any], *, updates: str, now: datetime
) -> dict[str, Any]:
    """Before a guest's change is stored: only the guest's own answer counts, and it reaches everybody's copy."""
    host = state.calendars.get(organizer(event))
    if organizer(event) == calendar.id:
        return changes
    if set(changes) - OWN:
        raise errors.not_the_organizer()
    answer = next((one for one in changes.get("attendees", ()) if one.get("email") == calendar.id), None)
    if answer is None:
        return {key: value for key, value in changes.items() if key != "attendees"}
    attendees = _with_answer(event, answer)
    for address in sorted(_guests(event) | {organizer(event)}):
        own = state.calendars.get(address)
        if own is not None and own is not calendar and event["id"] in own.events:
            state.store(own, {**own.events[event["id"]], "attendees": _with_answer(own.events[event["id"]], answer)}, now=now)
    if updates == "all" or (updates == "externalOnly" and host is None):
        _mail(state, "reply", event, calendar.id, organizer(event), now)
    return {**changes, "attendees": attendees}


def organizer(event: Mapping[str, Any]) -> str:
    return str(event.get("organizer", {}).get("email", ""))


def _copy(state: CalendarState, own: CalendarRecord, event: Event, *, leaving: bool, now: datetime) -> None:
    known = own.events.get(event["id"], {})
    if leaving and not known:
        return
    personal: dict[str, Any] = {name: known[name] for name in ("reminders", "transparency", "colorId") if name in known}
    private = (
        {"extendedProperties": {"shared": event["extendedProperties"]["shared"]}}
        if event.get("extendedProperties", {}).get("shared")
        else {}
    )
    shared = {key: value for key, value in event.items() if key not in ("extendedProperties", "reminders", "transparency", "colorId")}
    state.store(
        own,
        {"reminders": {"useDefault": True}, **shared, **private, **personal, "status": "cancelled" if leaving else event["status"]},
        now=now,
    )


def _with_answer(event: Event, answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    given = {name: answer[name] for name in ("responseStatus", "comment", "additionalGuests") if name in answer}
    return [{**one, **given} if one["email"] == answer["email"] else one for one in event.get("attendees", [])]


def _guests(event: Mapping[str, Any]) -> set[str]:
    return {str(one["email"]) for one in event.get("attendees", ())} - {organizer(event)}


def _mail(state: CalendarState, method: str, event: Event, sender: str, to: str, now: datetime) -> None:
    """As RFC 5546 calls it: request, cancel or reply."""
    state.mailed.append(
        {"at": now.isoformat(), "method": method, "event_id": event["id"], "from": sender, "to": to, "summary": event.get("summary", "")}
    )
