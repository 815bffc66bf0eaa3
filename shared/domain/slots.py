"""Meeting slots: moments in real time zones, always stored in UTC, spoken of in the recipient's zone."""

from bisect import bisect_left
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


class TakenTime:
    """What is taken, in order and without overlaps, so that a question about one moment need not look at every entry."""

    def __init__(self, busy: Iterable[Busy], *, buffer: timedelta = NO_BUFFER) -> None:
        self._starts, self._ends = list[datetime](), list[datetime]()
        for start, end in sorted((one.start - buffer, one.end + buffer) for one in busy):
            if self._ends and start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._starts.append(start)
                self._ends.append(end)

    def leaves_free(self, start: datetime, end: datetime) -> bool:
        """Nothing taken lies in [start, end) or nearer to it than the buffer."""
        before = bisect_left(self._starts, end)
        return before == 0 or self._ends[before - 1] <= start


class Slot(Value):
    """meeting_slot's answer, one of two or three, best first."""

    start: datetime  # aware, UTC
    end: datetime
    timezone: str  # IANA name the recipient is told the time in
    spoken: str  # "Tuesday 24 November at 15:00 (CET)"
    reason: str
    evidence: Evidence
