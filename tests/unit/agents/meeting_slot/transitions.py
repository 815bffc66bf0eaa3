"""Every change of clocks of every zone within two years, and what an offer around it has to be; used by the tests of meeting slots."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from shared.agents.meeting_slot.agent import FreeBusySlots
from shared.agents.meeting_slot.wording import MONTHS
from shared.agents.meeting_slot.zones import zone_name
from shared.domain.planning import Priority
from shared.domain.slots import Busy, Slot
from shared.domain.workspace import WorkingHours
from tests.builders import MONDAY, PROSPECT, an_operator, busy
from tests.fakes.calendar import MemoryCalendar

TWO_YEARS = timedelta(days=731)
SPOKEN = re.compile(r"(\w+) (\d+) (\w+) at (\d\d):(\d\d) \((.+)\)")
NIGHT_AND_DAY = (
    {"start": time(9), "end": time(17, 30)},
    {"start": time(0), "end": time(5)},  # clocks change at night
    {"start": time(20), "end": time(23, 59)},
)
AWAKE = "awake"
EVERY_DAY = tuple(range(7))


@dataclass(frozen=True)
class Change:
    """The first moment after the clocks of a zone have changed, and the offsets around it."""

    zone: str
    at: datetime
    before: timedelta
    after: timedelta


def changes_of(zone: str) -> Iterator[Change]:
    """By halving every day on which the offset is another one at its end."""
    days = [MONDAY + timedelta(days=number) for number in range(TWO_YEARS.days + 1)]
    for first, last in pairwise(days):
        if _offset(zone, first) != _offset(zone, last):
            moment = _first_with(zone, first, last)
            yield Change(zone, moment, _offset(zone, first), _offset(zone, last))


def every_change() -> list[Change]:
    return [change for zone in sorted(available_timezones()) if zone_name(zone) for change in changes_of(zone)]


def one_of_each_kind(changes: Sequence[Change]) -> list[Change]:
    """One zone for each way to change the clocks: by how much, at what local time, on which weekday."""
    kinds = {(one.before, one.after, one.at.astimezone(ZoneInfo(one.zone)).strftime("%H:%M %a")): one for one in reversed(changes)}
    return list(kinds.values())


def _offset(zone: str, at: datetime) -> timedelta:
    return at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta(0)


def _first_with(zone: str, first: datetime, last: datetime) -> datetime:
    after = _offset(zone, last)
    while last - first > timedelta(minutes=1):
        middle = first + (last - first) // 2
        first, last = (first, middle) if _offset(zone, middle) == after else (middle, last)
    return last.replace(second=0, microsecond=0)


def offers_around(change: Change, *, other: str = "") -> Iterator[tuple[Sequence[Slot], WorkingHours, WorkingHours, list[Busy], datetime]]:
    """What is offered shortly before the change: by day, by night and in the evening, to somebody in the same zone or another.

    `awake` is somebody who works while the operator does, wherever that may be.
    """
    for shift in NIGHT_AND_DAY:
        ours = WorkingHours(timezone=change.zone, weekdays=EVERY_DAY, **shift)
        there = _working_zone(change, shift["start"]) if other == AWAKE else other
        for hours, urgency in ((30, Priority.NORMAL), (2, Priority.URGENT)):
            now = change.at - timedelta(hours=hours, minutes=7)
            taken = [busy(change.at + timedelta(minutes=10), minutes=25), busy(now + timedelta(hours=5), minutes=61)]
            operator = an_operator(hours=ours, call_notice_minutes=30)
            asked = {"recipient": PROSPECT, "contact_country": "", "contact_phone": ""}
            slots = FreeBusySlots(calendar=MemoryCalendar(*taken).of).propose(
                operator=operator, contact_timezone=there, urgency=urgency, now=now, **asked
            )
            yield slots, ours, WorkingHours(timezone=there or change.zone), taken, now + timedelta(minutes=30)


def _working_zone(change: Change, opening: time) -> str:
    """Where it is about nine in the morning when this working day opens."""
    east = (9 - opening.hour + round(change.after / timedelta(hours=1)) + 11) % 24 - 11
    return f"Etc/GMT{-east:+d}"  # POSIX counts to the west


def faults_of(slots: Sequence[Slot], ours: WorkingHours, theirs: WorkingHours, taken: list[Busy], earliest: datetime) -> Iterator[str]:
    """What is wrong with an offer, worked out minute by minute and without the code that made it."""
    for slot in slots:
        minutes = [slot.start + timedelta(minutes=number) for number in range(30)]
        if slot.end - slot.start != timedelta(minutes=30) or slot.start.tzinfo is not UTC or slot.start < earliest:
            yield f"{slot.spoken}: not thirty minutes after the notice"
        if any(one.start <= minute < one.end for one in taken for minute in minutes):
            yield f"{slot.spoken}: taken"
        if not all(_at_work(hours, minute) for hours in (ours, theirs) for minute in minutes):
            yield f"{slot.spoken}: outside working hours"
        if read_back(slot) != [slot.start]:
            yield f"{slot.spoken}: does not say when"
    if any(later.start - sooner.start < timedelta(minutes=30) for sooner, later in pairwise(sorted(slots, key=lambda one: one.start))):
        yield "offers overlap"
    if not {one.start.astimezone(ZoneInfo(ours.timezone)).date() for one in slots} <= set(_business_days(ours, theirs, earliest)):
        yield "beyond the next three business days"


def read_back(slot: Slot) -> list[datetime]:
    """Every moment within three weeks that a reader in the slot's zone may take the words for."""
    told = SPOKEN.fullmatch(slot.spoken)
    assert told is not None, slot.spoken
    zone, (weekday, day, month, hour, minute, word) = ZoneInfo(slot.timezone), told.groups()
    found = set()
    for year in (slot.start.year - 1, slot.start.year, slot.start.year + 1):
        if (month, day) == ("February", "29") and year % 4:
            continue
        local = datetime(year, MONTHS.index(month) + 1, int(day), int(hour), int(minute), tzinfo=zone)
        for moment in ((local.replace(fold=fold)).astimezone(UTC) for fold in (0, 1)):
            shown = moment.astimezone(zone)
            exists = shown.replace(tzinfo=None) == local.replace(tzinfo=None)
            if exists and shown.strftime("%A") == weekday and abs(moment - slot.start) < timedelta(days=21) and _is_called(shown, word):
                found.add(moment)
    return sorted(found)


def _is_called(local: datetime, word: str) -> bool:
    """By its abbreviation, or by its distance from UTC."""
    told = re.fullmatch(r"UTC([+-])(\d+)(?::(\d\d))?", word)
    if told is None:
        return local.tzname() == word
    minutes = int(told[2]) * 60 + int(told[3] or 0)
    return local.utcoffset() == timedelta(minutes=-minutes if told[1] == "-" else minutes)


def _at_work(hours: WorkingHours, moment: datetime) -> bool:
    local = moment.astimezone(ZoneInfo(hours.timezone))
    return hours.start <= local.time() < hours.end and local.weekday() in hours.weekdays


def _business_days(ours: WorkingHours, theirs: WorkingHours, earliest: datetime) -> list[date]:
    """The first three dates here with thirty minutes left, not too early, in which we work while they have a working day."""
    found: list[date] = []
    for number in range(24 * 60 * 16 // 15):
        moment = earliest + timedelta(minutes=15 * number)
        local, there = moment.astimezone(ZoneInfo(ours.timezone)), moment.astimezone(ZoneInfo(theirs.timezone))
        if (
            _at_work(ours, moment)
            and _at_work(ours, moment + timedelta(minutes=29))
            and there.weekday() in theirs.weekdays
            and local.date() not in found
        ):
            found.append(local.date())
        if len(found) > 3:
            break
    return found[:3]
