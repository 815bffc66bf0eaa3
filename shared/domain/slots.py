"""Meeting slots: moments in real time zones, always stored in UTC, spoken of in the recipient's zone."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from shared.domain.entity import Value
from shared.domain.evidence import Evidence


class Busy(Value):
    """A taken interval [start, end), aware, in UTC."""

    start: datetime
    end: datetime


class Agenda(Value):
    """What is taken in a calendar from `start` to `end`, as it was read."""

    start: datetime
    end: datetime
    taken: tuple[Busy, ...] = ()

    def covers(self, start: datetime, end: datetime) -> bool:
        return self.start <= start and end <= self.end


NO_BUFFER = timedelta(0)


def still_free(start: datetime, end: datetime, busy: Iterable[Busy], *, buffer: timedelta = NO_BUFFER) -> bool:
    """Nothing taken lies in [start, end) or nearer to it than the buffer."""
    return not any(start - buffer < one.end and one.start < end + buffer for one in busy)


class Slot(Value):
    """meeting_slot's answer, one of two or three, best first."""

    start: datetime  # aware, UTC
    end: datetime
    timezone: str  # IANA name the recipient is told the time in
    spoken: str  # "Tuesday 24 November at 15:00 (CET)"
    reason: str
    evidence: Evidence
