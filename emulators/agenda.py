"""When what waits is due: a queue by moment, first come first served among equals; used by every emulator that delivers."""

import heapq
import itertools
from datetime import datetime, timedelta


class Agenda:
    """Tickets by the moment they are due. Moving or dropping one leaves its old entry in the heap, skipped when it surfaces."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, str]] = []
        self._current: dict[str, tuple[datetime, int]] = {}
        self._arrival = itertools.count()

    def put(self, ticket: str, due: datetime) -> None:
        """Add a ticket, or move it to another moment and behind its equals."""
        entry = (due, next(self._arrival))
        self._current[ticket] = entry
        heapq.heappush(self._heap, (*entry, ticket))

    def drop(self, ticket: str) -> None:
        self._current.pop(ticket, None)

    def due(self, ticket: str) -> datetime | None:
        entry = self._current.get(ticket)
        return entry[0] if entry else None

    def first(self) -> tuple[datetime, str] | None:
        """The earliest moment and its ticket, which stays."""
        while self._heap:
            due, arrival, ticket = self._heap[0]
            if self._current.get(ticket) == (due, arrival):
                return due, ticket
            heapq.heappop(self._heap)
        return None

    def pop_due(self, now: datetime) -> str | None:
        """Remove and answer the earliest ticket that is due by now."""
        earliest = self.first()
        if earliest is None or earliest[0] > now:
            return None
        self.drop(earliest[1])
        return earliest[1]

    def __len__(self) -> int:
        return len(self._current)


def backoff(failures: int, *, least: timedelta, most: timedelta, doublings: int = 40) -> timedelta:
    """The wait after so many failures in a row: doubles `doublings` times from `least`, then grows by that step, up to `most`."""
    grown = failures - 1
    factor: int = 2 ** min(grown, doublings, 40) * max(1, grown - doublings + 1)
    return timedelta(seconds=min(least.total_seconds() * factor, max(most, least).total_seconds()))
