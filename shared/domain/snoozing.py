"""Until when a draft is snoozed: a moment, or a preset in the operator's own time. For the snooze stage."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

MORNING, AFTERNOON = time(9), time(14)
LONGEST = timedelta(days=90)


class Preset(StrEnum):
    IN_AN_HOUR = "in_an_hour"
    THIS_AFTERNOON = "this_afternoon"  # at 14:00; tomorrow's, when that has passed
    TOMORROW = "tomorrow"  # at 9:00
    NEXT_WEEK = "next_week"  # on Monday at 9:00
    NOW = "now"  # no longer


class NotUntilThen(ValueError):
    """In an operator's words."""


def snoozed_until(wish: str, *, now: datetime, zone: str) -> datetime | None:
    """UTC; None for no longer. `wish` is a preset, or an ISO moment: one without an offset is the operator's. Raises NotUntilThen."""
    if wish in set(Preset):
        return _preset(Preset(wish), now=now, zone=zone)
    try:
        given = datetime.fromisoformat(wish)
    except ValueError:
        known = ", ".join(Preset)
        raise NotUntilThen(f"should be one of {known}, or a moment such as 2026-11-24T09:00") from None
    try:
        until = (given if given.tzinfo else given.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    except OverflowError:
        raise NotUntilThen("should be a moment within the next 90 days") from None
    if not now < until <= now + LONGEST:
        raise NotUntilThen("should be a moment within the next 90 days")
    return until


def _preset(preset: Preset, *, now: datetime, zone: str) -> datetime | None:
    if preset is Preset.NOW:
        return None
    if preset is Preset.IN_AN_HOUR:
        return now + timedelta(hours=1)
    today = now.astimezone(ZoneInfo(zone)).date()
    if preset is Preset.THIS_AFTERNOON:
        afternoon = _moment(today, AFTERNOON, zone)
        return afternoon if afternoon > now else _moment(today + timedelta(days=1), AFTERNOON, zone)
    days = 1 if preset is Preset.TOMORROW else 7 - today.weekday()
    return _moment(today + timedelta(days=days), MORNING, zone)


def _moment(day: date, clock: time, zone: str) -> datetime:
    """A local time of that day; one that is skipped in spring is the moment after the gap."""
    return datetime.combine(day, clock, tzinfo=ZoneInfo(zone)).astimezone(UTC)
