"""How HubSpot writes moments and reads them from values; used by everything that stores or shows one."""

import re
from datetime import UTC, datetime


def parse_moment(value: str) -> datetime | None:
    """ISO 8601 or milliseconds since the epoch; None for anything else."""
    if re.fullmatch(r"-?\d{10,14}", value):
        return datetime.fromtimestamp(int(value) / 1000, UTC)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def iso(moment: datetime) -> str:
    at = moment.astimezone(UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
