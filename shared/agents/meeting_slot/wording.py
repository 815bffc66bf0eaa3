"""How a slot is said to the recipient, and why it was chosen, to the operator."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from shared.domain.slot_search import Search

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = "January February March April May June July August September October November December".split()


def spoken(start: datetime, *, zone: str) -> str:
    """ "Tuesday 24 November at 15:00 (CET)", in the recipient's zone."""
    local = start.astimezone(ZoneInfo(zone))
    return f"{WEEKDAYS[local.weekday()]} {local.day} {MONTHS[local.month - 1]} at {local:%H:%M} ({_zone_word(local)})"


def reason(start: datetime, *, search: Search, among: tuple[datetime, ...]) -> str:
    """Why this one stands where it stands."""
    theirs, ours = start.astimezone(search.recipient.zone), start.astimezone(search.operator.zone)
    merit = (
        "the soonest of these"
        if start == min(among)
        else "another day"
        if _alone_on_its_day(start, search, among)
        else "another time that day"
    )
    comfort = "at a good hour for both" if search.preference(start)[0] == 0 else f"in the {_part_of_day(theirs)} for them"
    yours = f"; {ours:%H:%M} for you" if ours.utcoffset() != theirs.utcoffset() else ""
    return f"You are free: {merit}, {comfort}{yours}."


def _alone_on_its_day(start: datetime, search: Search, among: tuple[datetime, ...]) -> bool:
    days = [one.astimezone(search.operator.zone).date() for one in among]
    return days.count(start.astimezone(search.operator.zone).date()) == 1


def _part_of_day(local: datetime) -> str:
    return "morning" if local.hour < 12 else "middle of the day" if local.hour < 14 else "afternoon" if local.hour < 18 else "evening"


def _zone_word(local: datetime) -> str:
    """The zone's abbreviation; zones without one are told by their distance from UTC."""
    name = local.tzname() or ""
    if name[:1].isalpha():
        return name
    offset = local.utcoffset() or timedelta(0)
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    return f"UTC{'-' if offset < timedelta(0) else '+'}{hours}{f':{minutes:02}' if minutes else ''}"
