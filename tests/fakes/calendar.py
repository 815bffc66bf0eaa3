"""A calendar in memory: the taken intervals, and how it was asked."""

from collections.abc import Sequence
from datetime import datetime

from shared.domain.slots import Busy
from shared.domain.workspace import Operator


class MemoryCalendar:
    def __init__(self, *taken: Busy) -> None:
        self.taken = list(taken)
        self.asked: list[tuple[datetime, datetime]] = []

    def of(self, operator: Operator) -> "MemoryCalendar":
        """As CalendarOf: the same calendar for every operator."""
        return self

    def busy(self, *, start: datetime, end: datetime) -> Sequence[Busy]:
        self.asked.append((start, end))
        return sorted((one for one in self.taken if one.start < end and one.end > start), key=lambda one: one.start)
