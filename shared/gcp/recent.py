"""What this process has read lately of the kinds whose readings stay good for a while; used by the store."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from shared.ports.clock import Clock

T = TypeVar("T")

MOST = 1000


class RecentReadings:
    """By document path. That a document is missing is never remembered: it may be created at any moment."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._read: dict[str, tuple[object, datetime]] = {}

    def recall(self, path: str, *, good_for: timedelta, read: Callable[[], T | None]) -> T | None:
        """The reading of this path that is still good, else a new one."""
        if not good_for:
            return read()
        known = self._read.get(path)
        now = self._clock.now()
        if known is not None and timedelta(0) <= now - known[1] < good_for:
            return known[0]  # type: ignore[return-value]
        found = read()
        if found is not None:
            if len(self._read) >= MOST:
                self._read.clear()
            self._read[path] = (found, now)
        return found

    def forget(self, path: str) -> None:
        """Whoever writes reads what they wrote."""
        self._read.pop(path, None)
