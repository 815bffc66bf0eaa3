"""The operator's calendar: when they are taken, and the times held in it for others."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from shared.domain.holds import FoundHold, Hold
from shared.domain.slots import Busy
from shared.domain.workspace import Operator


class Calendar(Protocol):
    def busy(self, *, start: datetime, end: datetime, held_for: str) -> Sequence[Busy]:
        """Taken intervals that touch [start, end), in order, UTC; without what is held for this party and untouched since.

        Raises Transient; NotFound for an unknown calendar.
        """

    def hold(self, *, hold: Hold, event_id: str) -> None:
        """A tentative event nobody is told of. Raises Conflict when there is or was an event of this id; OutcomeUnknown."""

    def find(self, *, event_id: str) -> FoundHold | None:
        """The event, deleted or not; None when there never was one."""

    def release(self, *, found: FoundHold) -> None:
        """Deletes it as it was found: Conflict when it has changed since. Deleting what is gone is fine. Raises OutcomeUnknown."""


CalendarOf = Callable[[Operator], Calendar]
