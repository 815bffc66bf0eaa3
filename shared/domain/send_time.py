"""When a mail may leave: the next moment within a window, in somebody's own time. Used when a send is approved and at the wire."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared.domain.policy import Window

LONGEST_SEARCH = 15
"""Days: a window opens on one day of the week at least, and only once a year is one skipped by the clock."""


def next_open(window: Window, at: datetime, *, zone: str) -> datetime:
    """`at` itself when the window is open then, else the moment it opens next; aware, UTC. A window may not pass midnight."""
    local = at.astimezone(ZoneInfo(zone))
    for days in range(LONGEST_SEARCH):
        day = local.date() + timedelta(days=days)
        if day.weekday() not in window.weekdays:
            continue
        opens, closes = _moment(day, window.start, zone), _moment(day, window.end, zone)
        if at < closes and opens < closes:
            moment = max(at, opens).astimezone(UTC)
            set_back = _shown(moment, zone).time() < window.start  # since it opened: it opens a second time that day
            return datetime.combine(day, window.start, tzinfo=ZoneInfo(zone)).replace(fold=1).astimezone(UTC) if set_back else moment
    raise ValueError(f"a window from {window.start} to {window.end} never opens")


def _moment(day: date, clock: time, zone: str) -> datetime:
    """A local time of that day: of one that comes twice the first, for one that is skipped the moment of the jump."""
    wanted = datetime.combine(day, clock, tzinfo=ZoneInfo(zone))
    moment, before = wanted.astimezone(UTC), wanted.replace(fold=1).astimezone(UTC)
    while moment - before > timedelta.resolution:  # only of a skipped time the second reading is the earlier one
        middle = before + (moment - before) // 2
        moment, before = (middle, before) if _shown(middle, zone) >= wanted.replace(tzinfo=None) else (moment, middle)
    return moment


def _shown(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
