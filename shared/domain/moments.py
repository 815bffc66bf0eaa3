"""Moments as people write them, far enough from the ends of the calendar to reckon with. Used by whoever reads a table or a query."""

from datetime import UTC, datetime

FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""What anybody can mean. Beyond, no zone could be put to it and no window reckoned around it."""


def written_moment(text: str) -> datetime | None:
    """ISO 8601, in UTC unless it says otherwise; None for what is no moment, or none between FIRST and LAST."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    aware = read if read.tzinfo else read.replace(tzinfo=UTC)
    return aware if FIRST <= aware <= LAST else None
