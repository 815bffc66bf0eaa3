"""Occurrences of a recurring event: daily and weekly rules with INTERVAL, COUNT, UNTIL and BYDAY, which is what meetings use."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from emulators.calendar import errors

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
KNOWN = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST"})
MOST_OCCURRENCES = 2000


def parsed_rule(lines: list[str]) -> dict[str, str]:
    """The one RRULE of an event; raises 400 for rules this emulator cannot expand."""
    if len(lines) != 1 or not lines[0].startswith("RRULE:"):
        raise errors.invalid("Invalid recurrence rule.")
    rule = dict(part.partition("=")[::2] for part in lines[0].removeprefix("RRULE:").split(";"))
    days = rule.get("BYDAY", "MO").split(",")
    if rule.get("FREQ") not in ("DAILY", "WEEKLY") or set(rule) - KNOWN or not set(days) <= set(DAYS):
        raise errors.invalid("Invalid recurrence rule.")
    return rule


def starts(rule: dict[str, str], first: datetime, *, before: datetime) -> Iterator[datetime]:
    """Local starts in order, same wall-clock time across DST changes, until `before`, COUNT or UNTIL."""
    last = _until(rule, first)
    most = int(rule.get("COUNT", MOST_OCCURRENCES))
    for number, day in enumerate(_days(rule, first.date())):
        start = datetime.combine(day, first.timetz())
        if number >= most or start >= before or start > last:
            return
        yield start


def _days(rule: dict[str, str], first: date) -> Iterator[date]:
    interval = int(rule.get("INTERVAL", 1))
    if rule["FREQ"] == "DAILY":
        wanted = {DAYS.index(name) for name in rule["BYDAY"].split(",")} if "BYDAY" in rule else set(range(7))
        yield from (day for day in _every(first, timedelta(days=interval)) if day.weekday() in wanted)
        return
    weekdays = sorted(DAYS.index(name) for name in rule.get("BYDAY", DAYS[first.weekday()]).split(","))
    monday = first - timedelta(days=first.weekday())
    for week in _every(monday, timedelta(weeks=interval)):
        yield from (day for day in (week + timedelta(days=weekday) for weekday in weekdays) if day >= first)


def _every(first: date, step: timedelta) -> Iterator[date]:
    return (first + step * number for number in range(MOST_OCCURRENCES))


def _until(rule: dict[str, str], first: datetime) -> datetime:
    given = rule.get("UNTIL")
    if given is None:
        return datetime.max.replace(tzinfo=UTC) - timedelta(days=2)
    if len(given) == 8:
        return datetime.combine(datetime.strptime(given, "%Y%m%d").replace(tzinfo=UTC).date(), time.max, tzinfo=first.tzinfo)
    return datetime.strptime(given, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
