"""Recurring events: RRULE, RDATE and EXDATE (RFC 5545) as local starts, at the same wall-clock time across DST changes."""

import calendar
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from emulators.calendar import errors
from emulators.calendar.times import zone_named

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WEEKDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
KNOWN = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"})
LONGEST = 100
"""Years after which a rule that names no end, or never matches, is looked at no further."""
LINE = re.compile(r"(RRULE|RDATE|EXDATE)((?:;[A-Z]+=[^:;]+)*):(.+)")


@dataclass(frozen=True)
class Rule:
    """One RRULE. `days` are (ordinal or 0, weekday); everything empty means: as in the first occurrence."""

    frequency: str
    interval: int = 1
    count: int | None = None
    until: str | None = None
    days: tuple[tuple[int, int], ...] = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    week_start: int = 0


@dataclass(frozen=True)
class Recurrence:
    """The lines of an event's `recurrence`, read."""

    rules: tuple[Rule, ...]
    added: tuple[str, ...]
    excluded: tuple[str, ...]

    def starts(self, first: datetime, *, before: datetime | None) -> Iterator[datetime]:
        """Starts in order, none twice, until `before`, the rule's end, or LONGEST years have passed."""
        horizon = before or first + timedelta(days=366 * LONGEST)
        out = {_moment(one, first) for one in self.excluded}
        extra = sorted({_moment(one, first) for one in self.added})
        if not self.rules:
            extra = sorted({first, *extra})
        streams: list[Iterator[datetime]] = [_of_rule(rule, first, horizon) for rule in self.rules]
        last = None
        for start in _in_order([*streams, iter(extra)]):
            if start >= horizon:
                return
            if start != last and start not in out:
                yield start
            last = start


def parsed(lines: Iterable[str]) -> Recurrence:
    """Reads the lines of an event; 400 for what is no recurrence, or not one that can be expanded here."""
    rules: list[Rule] = []
    dates: dict[str, list[str]] = {"RDATE": [], "EXDATE": []}
    for line in lines:
        found = LINE.fullmatch(line)
        if found is None:
            raise errors.invalid("Invalid recurrence rule.")
        if found[1] == "RRULE":
            rules.append(_rule(found[3]))
        else:
            zone = re.search(r"TZID=([^;:]+)", found[2])
            dates[found[1]] += [f"{one}@{zone[1]}" if zone else one for one in found[3].split(",")]
    return Recurrence(tuple(rules), tuple(dates["RDATE"]), tuple(dates["EXDATE"]))


def _rule(text: str) -> Rule:
    parts = dict(part.partition("=")[::2] for part in text.split(";") if part)
    if set(parts) - KNOWN or parts.get("FREQ") not in PERIODS:
        raise errors.invalid("Invalid recurrence rule.")
    _read(parts.get("UNTIL", "20260101"), UTC)
    try:
        return Rule(
            frequency=parts["FREQ"],
            interval=_positive(parts.get("INTERVAL", "1")),
            count=_positive(parts["COUNT"]) if "COUNT" in parts else None,
            until=parts.get("UNTIL"),
            days=tuple(_weekday(one) for one in parts["BYDAY"].split(",")) if "BYDAY" in parts else (),
            month_days=_numbers(parts.get("BYMONTHDAY", "")),
            months=_numbers(parts.get("BYMONTH", "")),
            positions=_numbers(parts.get("BYSETPOS", "")),
            week_start=DAYS.index(parts.get("WKST", "MO")),
        )
    except ValueError as error:
        raise errors.invalid("Invalid recurrence rule.") from error


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(one) for one in text.split(",")) if text else ()


def _weekday(text: str) -> tuple[int, int]:
    found = WEEKDAY.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return int(found[1] or 0), DAYS.index(found[2])


def _of_rule(rule: Rule, first: datetime, horizon: datetime) -> Iterator[datetime]:
    last, seen = _until(rule, first), 0
    for days in PERIODS[rule.frequency](rule, first.date(), horizon.date() + timedelta(days=1)):
        for day in _picked(sorted(set(days)), rule.positions):
            start = datetime.combine(day, first.timetz())
            if day < first.date():
                continue
            if start > last or (rule.count is not None and seen >= rule.count):
                return
            seen += 1
            yield start


def _picked(days: list[date], positions: tuple[int, ...]) -> list[date]:
    """BYSETPOS: the nth of each period, counted from the end when negative."""
    if not positions:
        return days
    return sorted({days[at - 1 if at > 0 else at] for at in positions if at and abs(at) <= len(days)})


def _daily(rule: Rule, first: date, end: date) -> Iterator[list[date]]:
    day = first
    while day < end:
        fits = not rule.days or day.weekday() in {weekday for _, weekday in rule.days}
        yield [day] if fits and _in_month(rule, day) and _on_month_day(rule, day) else []
        day += timedelta(days=rule.interval)


def _weekly(rule: Rule, first: date, end: date) -> Iterator[list[date]]:
    wanted = {weekday for _, weekday in rule.days} or {first.weekday()}
    week = first - timedelta(days=(first.weekday() - rule.week_start) % 7)
    while week < end:
        days = (week + timedelta(days=number) for number in range(7))
        yield [day for day in days if day.weekday() in wanted and _in_month(rule, day)]
        week += timedelta(weeks=rule.interval)


def _monthly(rule: Rule, first: date, end: date) -> Iterator[list[date]]:
    year, month = first.year, first.month
    while date(year, month, 1) < end:
        yield _days_of_month(rule, year, month, first) if not rule.months or month in rule.months else []
        year, month = year + (month - 1 + rule.interval) // 12, (month - 1 + rule.interval) % 12 + 1


def _yearly(rule: Rule, first: date, end: date) -> Iterator[list[date]]:
    year = first.year
    while date(year, 1, 1) < end:
        if rule.days and not rule.months and not rule.month_days:
            yield _nth(rule.days, [date(year, 1, 1) + timedelta(days=n) for n in range(366 if calendar.isleap(year) else 365)])
        else:
            months = rule.months or (range(1, 13) if rule.month_days else (first.month,))
            yield [day for month in months for day in _days_of_month(rule, year, month, first)]
        year += rule.interval


PERIODS: dict[str, Callable[[Rule, date, date], Iterator[list[date]]]] = {
    "DAILY": _daily,
    "WEEKLY": _weekly,
    "MONTHLY": _monthly,
    "YEARLY": _yearly,
}


def _days_of_month(rule: Rule, year: int, month: int, first: date) -> list[date]:
    days = [date(year, month, number) for number in range(1, calendar.monthrange(year, month)[1] + 1)]
    if rule.month_days:
        days = [day for day in days if _on_month_day(rule, day)]
        return [day for day in days if not rule.days or day.weekday() in {weekday for _, weekday in rule.days}]
    return _nth(rule.days, days) if rule.days else [day for day in days if day.day == first.day]


def _nth(wanted: tuple[tuple[int, int], ...], days: list[date]) -> list[date]:
    """Weekdays among the days: every one, or the nth from either end."""
    found: list[date] = []
    for ordinal, weekday in wanted:
        same = [day for day in days if day.weekday() == weekday]
        found += same if not ordinal else _picked(same, (ordinal,))
    return found


def _in_month(rule: Rule, day: date) -> bool:
    return not rule.months or day.month in rule.months


def _on_month_day(rule: Rule, day: date) -> bool:
    length = calendar.monthrange(day.year, day.month)[1]
    return not rule.month_days or bool({day.day, day.day - length - 1} & set(rule.month_days))


def _until(rule: Rule, first: datetime) -> datetime:
    """The last moment at which an occurrence may start; a bare date includes its whole day."""
    if rule.until is None:
        return datetime.max.replace(tzinfo=UTC) - timedelta(days=2)
    if len(rule.until) == len("20261123"):
        return datetime.combine(_read(rule.until, first.tzinfo).date(), time.max, tzinfo=first.tzinfo)
    return _read(rule.until, first.tzinfo)


def _moment(text: str, first: datetime) -> datetime:
    """A date or date-time of RDATE or EXDATE; a bare date means the occurrence of that day."""
    stamp, _, zone = text.partition("@")
    at = _read(stamp, zone_named(zone) if zone else first.tzinfo)
    return datetime.combine(at.date(), first.timetz()) if len(stamp) == len("20261123") else at.astimezone(first.tzinfo)


def _read(text: str, zone: tzinfo | None) -> datetime:
    form = "%Y%m%d" if len(text) == len("20261123") else "%Y%m%dT%H%M%S"
    try:
        return datetime.strptime(text.rstrip("Z"), form).replace(tzinfo=UTC if text.endswith("Z") else zone)
    except ValueError as error:
        raise errors.invalid("Invalid recurrence rule.") from error


def _in_order(streams: list[Iterator[datetime]]) -> Iterator[datetime]:
    """Several ordered streams as one."""
    waiting = [(start, stream) for stream in streams if (start := next(stream, None)) is not None]
    while waiting:
        start, stream = min(waiting, key=lambda pair: pair[0])
        waiting.remove((start, stream))
        following = next(stream, None)
        if following is not None:
            waiting.append((following, stream))
        yield start
