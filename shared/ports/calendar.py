"""The operator's calendar."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from shared.domain.slots import Busy
from shared.domain.workspace import Operator


class Calendar(Protocol):
    def busy(self, *, start: datetime, end: datetime) -> Sequence[Busy]:
        """Taken intervals inside [start, end), in order, UTC. Raises Transient; NotFound for an unknown calendar."""


CalendarOf = Callable[[Operator], Calendar]
