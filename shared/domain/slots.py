"""Meeting slots: moments in real time zones, always stored in UTC, spoken of in the recipient's zone."""

from datetime import datetime

from shared.domain.entity import Value
from shared.domain.evidence import Evidence


class Busy(Value):
    """A taken interval [start, end), aware, in UTC."""

    start: datetime
    end: datetime


class Slot(Value):
    """meeting_slot's answer, one of two or three, best first."""

    start: datetime  # aware, UTC
    end: datetime
    timezone: str  # IANA name the recipient is told the time in
    spoken: str  # "Tuesday 24 November at 15:00 (CET)"
    reason: str
    evidence: Evidence
