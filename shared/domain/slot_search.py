"""Times at which two sides work and one is free: moments are UTC, local time only decides what is allowed. Called by meeting_slot."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared.domain.slots import NO_BUFFER, Busy, TakenTime
from shared.domain.workspace import WorkingHours

LENGTH = timedelta(minutes=30)
BUSINESS_DAYS = 3
LOOK_AHEAD_DAYS = 14
"""Where the search for business days ends, whatever the holidays."""
APART = timedelta(hours=2)
"""Two offers on one day should be a real choice."""

FEWEST = 2
"""One time is no choice."""

_GRID = timedelta(minutes=15)  # fine enough for zones that are off by a quarter of an hour
_MINUTE = timedelta(minutes=1)
_COMFORTABLE = ((time(10), time(12)), (time(14), time(16, 30)))


@dataclass(frozen=True)
class Side:
    """One party: when it works, where, and on which days not."""

    hours: WorkingHours
    holidays: frozenset[date] = frozenset()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.hours.timezone)

    def works_on(self, day: date) -> bool:
        return day.weekday() in self.hours.weekdays and day not in self.holidays

    def works_through(self, start: datetime) -> bool:
        """Every minute of the slot lies in working time, and the clock shows each of them once.

        Both ends tell it unless the clocks change between them.
        """
        zone = self.zone
        first, last = start.astimezone(zone), (start + LENGTH - _MINUTE).astimezone(zone)
        if first.utcoffset() == last.utcoffset() and first.date() == last.date():
            return self._works_at(first) and self._works_at(last)
        return all(self._works_at((start + minute * _MINUTE).astimezone(zone)) for minute in range(LENGTH // _MINUTE))

    def _works_at(self, local: datetime) -> bool:
        return self.hours.start <= local.time() < self.hours.end and self.works_on(local.date()) and not _shown_twice(local)

    def discomfort(self, start: datetime) -> float:
        """Minutes by which a slot misses the good hours of the day here."""
        local = start.astimezone(self.zone).time()
        return min(_minutes_outside(local, first, last) for first, last in _COMFORTABLE)


@dataclass(frozen=True)
class Search:
    """The question: who meets whom, not before when, and what is taken already."""

    operator: Side
    recipient: Side
    earliest: datetime
    buffer: timedelta = NO_BUFFER  # kept free before and after a call

    def days(self) -> tuple[date, ...]:
        """The next three business days of both, in the operator's calendar; today counts while there is time left in it."""
        today = self.earliest.astimezone(self.operator.zone).date()
        coming = (today + timedelta(days=number) for number in range(LOOK_AHEAD_DAYS))
        both = [day for day in coming if self.operator.works_on(day) and self._they_work_on(day) and self._time_left(day)]
        return tuple(both[:BUSINESS_DAYS])

    def _they_work_on(self, day: date) -> bool:
        """While the operator's working day lasts: on the other side of the date line it is another date by then."""
        during = (self._moment(day, self.operator.hours.start), self._moment(day, self.operator.hours.end))
        return any(self.recipient.works_on(one.astimezone(self.recipient.zone).date()) for one in during)

    def _time_left(self, day: date) -> bool:
        return self._moment(day, self.operator.hours.end) - LENGTH >= self.earliest

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.operator.zone).astimezone(UTC)

    def until(self) -> datetime:
        """The end of the last of these days; `earliest` when there is none."""
        days = self.days()
        if not days:
            return self.earliest
        return self._moment(days[-1] + timedelta(days=1), time(0))

    def free(self, busy: Sequence[Busy]) -> tuple[datetime, ...]:
        """Every start, in order, of thirty minutes in both parties' working hours that touch nothing taken."""
        days, taken = set(self.days()), TakenTime(busy, buffer=self.buffer)
        return tuple(
            start
            for start in self._starts(days)
            if taken.leaves_free(start, start + LENGTH) and self.operator.works_through(start) and self.recipient.works_through(start)
        )

    def _starts(self, days: set[date]) -> Iterator[datetime]:
        """Full and half hours of the operator's clock."""
        zone, until = self.operator.zone, self.until()
        start = _rounded_up(self.earliest.astimezone(UTC))
        while start + LENGTH <= until:
            local = start.astimezone(zone)
            if local.minute % 30 == 0 and local.date() in days:
                yield start
            start += _GRID

    def chosen(self, free: Sequence[datetime], *, wanted: int, soonest: bool) -> tuple[datetime, ...]:
        """A few of the free starts, best first: one per day, then more of the same days, apart from each other.

        A choice that is narrow is still better than none: two offers may follow each other at once.
        """
        picked = self._one_per_day(free, soonest=soonest)[:wanted]
        for apart, enough in ((APART, wanted), (LENGTH, min(wanted, FEWEST))):
            for start in sorted(free, key=self.preference):
                if len(picked) < enough and all(abs(start - one) >= apart for one in picked):
                    picked.append(start)
        return tuple(sorted(picked) if soonest else sorted(picked, key=self.preference))

    def preference(self, start: datetime) -> tuple[float, datetime]:
        """Small is good: comfortable for both, then soon."""
        return self.operator.discomfort(start) + self.recipient.discomfort(start), start

    def _one_per_day(self, free: Sequence[datetime], *, soonest: bool) -> list[datetime]:
        by_day: dict[date, list[datetime]] = {}
        for start in free:
            by_day.setdefault(start.astimezone(self.operator.zone).date(), []).append(start)
        best = [min(starts, key=self.preference) for starts in by_day.values()]
        return [free[0], *best[1:]] if soonest and best else best


def _shown_twice(local: datetime) -> bool:
    """The clocks go back over this time: whoever reads it cannot tell which of the two is meant."""
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _rounded_up(moment: datetime) -> datetime:
    past = timedelta(minutes=moment.minute % 15, seconds=moment.second, microseconds=moment.microsecond)
    return moment + (_GRID - past if past else past)


def _minutes_outside(local: time, first: time, last: time) -> float:
    minute, opening, closing = (one.hour * 60 + one.minute for one in (local, first, last))
    return max(0, opening - minute, minute + LENGTH // _MINUTE - closing)
