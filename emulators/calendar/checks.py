"""What an event may say about itself: statuses, guests, reminders."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from emulators.calendar import errors, recurrence, times

WORDS = {
    "status": ("confirmed", "tentative", "cancelled"),
    "transparency": ("opaque", "transparent"),
    "visibility": ("default", "public", "private", "confidential"),
}
RESPONSES = ("needsAction", "declined", "tentative", "accepted")
MOST_REMINDERS, MOST_MINUTES = 5, 40_320


def check(event: Mapping[str, Any], zone: ZoneInfo) -> None:
    """Raises what Calendar would answer to an event that cannot be kept."""
    times.check(event, zone)
    for name, words in WORDS.items():
        if event.get(name, words[0]) not in words:
            raise errors.invalid(f"Invalid value for: {event[name]} is not a valid value")
    if event.get("recurrence"):
        recurrence.parsed(event["recurrence"])
    for attendee in event.get("attendees", ()):
        _check_attendee(attendee)
    _check_reminders(event.get("reminders", {}))


def _check_attendee(attendee: Mapping[str, Any]) -> None:
    if "@" not in str(attendee.get("email", "")):
        raise errors.invalid("Invalid attendee email." if attendee.get("email") else "Missing attendee email.")
    if attendee.get("responseStatus", "needsAction") not in RESPONSES:
        raise errors.invalid("Invalid attendee response status.")


def _check_reminders(reminders: Mapping[str, Any]) -> None:
    overrides = reminders.get("overrides", ())
    if reminders.get("useDefault") and overrides:
        raise errors.both_reminders()
    for one in overrides:
        if one.get("method") not in ("email", "popup") or not 0 <= int(one.get("minutes", -1)) <= MOST_MINUTES:
            raise errors.invalid("Invalid reminder.")
    if len(overrides) > MOST_REMINDERS:
        raise errors.invalid("The maximum number of override reminders is 5.")
