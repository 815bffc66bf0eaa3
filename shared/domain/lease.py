"""A claim on an effect: while it lasts, nobody else may attempt the same effect."""

from datetime import datetime, timedelta

from shared.domain.entity import Value

LEASE_FOR = timedelta(seconds=90)
"""Longer than any function may run, so a lease that has ended belongs to a delivery that is dead."""


class Lease(Value):
    """`fence` grows with every claim."""

    holder: str
    until: datetime
    fence: int


def claimed(previous: Lease | None, *, holder: str, now: datetime) -> Lease | None:
    """The next lease, or None while the previous one still runs."""
    if previous is not None and previous.until > now:
        return None
    return Lease(holder=holder, until=now + LEASE_FOR, fence=previous.fence + 1 if previous else 1)
