"""When a mail may leave: the next moment within a window, in somebody's own time. Used when a send is approved and at the wire."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared.domain.policy import Window

LONGEST_SEARCH = 8
"""Days: a window opens on one day of the week at least."""


def next_open(window: Window, at: datetime, *, zone: str) -> datetime:
    """`at` itself when the window is open then, else the moment it opens next; aware, UTC. A window may not pass midnight."""
    local = at.astimezone(ZoneInfo(zone))
    for days in range(LONGEST_SEARCH):
        day = local.date() + timedelta(days=days)
        if day.weekday() not in window.weekdays:
            continue
        opens, closes = _moment(day, window.start, zone), _moment(day, window.end, zone)
        if at < closes and opens < closes:
            return max(at, opens).astimezone(UTC)
    raise ValueError(f"a window from {window.start} to {window.end} never opens")


def _moment(day: date, clock: time, zone: str) -> datetime:
    """A local time of that day; one that is skipped in spring is the moment after the gap."""
    return datetime.combine(day, clock, tzinfo=ZoneInfo(zone)).astimezone(UTC)
