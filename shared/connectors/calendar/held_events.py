"""A hold as a Calendar event, and what became of it there. Used by the adapter."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shared.connectors.calendar.wire import Event
from shared.domain.holds import FoundHold, Hold
from shared.domain.ids import derived_id

KIND, KIND_OF_HOLDS = "salesAgent", "hold"
HOLD, PARTY, WRITTEN = "salesAgentHold", "salesAgentParty", "salesAgentWritten"
"""Private extended properties: whose event it is, and a digest of how we left it."""
DESCRIPTION = "A draft offers this time. It is given back by itself; rename, move or accept it, and it is yours to keep."


def event_of(hold: Hold, *, event_id: str) -> Mapping[str, Any]:
    """Tentative, opaque, private, without guests or reminders, and without a word of any mail."""
    return {
        "id": event_id,
        "status": "tentative",
        "summary": hold.summary,
        "description": DESCRIPTION,
        "start": {"dateTime": _told(hold.start)},
        "end": {"dateTime": _told(hold.end)},
        "transparency": "opaque",
        "visibility": "private",
        "reminders": {"useDefault": False},
        "extendedProperties": {
            "private": {KIND: KIND_OF_HOLDS, HOLD: hold.id, PARTY: hold.party, WRITTEN: _digest(hold.summary, hold.start, hold.end)}
        },
    }


def found_hold(event: Event) -> FoundHold:
    """`hold_id` is empty for an event that is none of ours."""
    private = event.extended_properties.private
    cancelled = event.status == "cancelled"
    return FoundHold(
        event_id=event.id,
        etag=event.etag,
        hold_id=private.get(HOLD, ""),
        party=private.get(PARTY, ""),
        start=None if cancelled else event.start.date_time,
        end=None if cancelled else event.end.date_time,
        cancelled=cancelled,
        touched=not cancelled and _touched(event),
    )


def held_for(event: Event, party: str) -> bool:
    """A hold of ours for this party that nobody has touched."""
    return bool(party) and event.extended_properties.private.get(PARTY) == party and not _touched(event)


def _touched(event: Event) -> bool:
    """Anything a person may have done to it; what Calendar itself adds does not count."""
    start, end = event.start.date_time, event.end.date_time
    if event.status != "tentative" or event.attendees or event.location or event.hangout_link or start is None or end is None:
        return True
    as_written = event.extended_properties.private.get(WRITTEN) == _digest(event.summary, start, end)
    return not as_written or event.description != DESCRIPTION


def _digest(summary: str, start: datetime, end: datetime) -> str:
    return derived_id("hold_written", summary, _told(start), _told(end))


def _told(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
