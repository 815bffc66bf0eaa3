"""When a job fires: unix-cron in a time zone, and Google's durations written as "3.5s"."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from emulators.scheduler.errors import InvalidArgument

DURATION = re.compile(r"(\d+(?:\.\d{1,9})?)s")


def next_moment(schedule: str, time_zone: str, *, after: datetime) -> datetime:
    """The first moment after `after`, in UTC; InvalidArgument for what is not a five-field cron line or a known zone."""
    if len(schedule.split()) != 5:
        raise InvalidArgument(f"Schedule {schedule!r} is not in unix-cron format.")
    try:
        moment: datetime = next(CronSim(schedule, after.astimezone(_zone(time_zone))))
    except (CronSimError, StopIteration) as error:
        raise InvalidArgument(f"Schedule {schedule!r} is not in unix-cron format or never comes.") from error
    return moment.astimezone(UTC)


def timestamp(moment: datetime) -> str:
    """As Google's JSON writes moments."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def duration(text: str) -> timedelta:
    match = DURATION.fullmatch(text)
    if match is None:
        raise InvalidArgument(f"{text!r} is not a duration such as 30s.")
    return timedelta(seconds=float(match.group(1)))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo("UTC" if name.lower() in ("", "utc") else name)
    except (KeyError, ValueError) as error:
        raise InvalidArgument(f"Time zone {name!r} is not in the tz database.") from error
