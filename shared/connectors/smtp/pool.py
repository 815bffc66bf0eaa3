"""Connections that wait for the next mail: opening one takes several round trips. Used by the adapter, one pool per account and process."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.connectors.smtp.connection import Connection
from shared.ports.clock import Clock

MOST_IDLE = 4
IDLE_FOR, KEPT_FOR = timedelta(seconds=60), timedelta(minutes=10)
"""Servers close what says nothing for minutes, and dislike sessions without an end."""
MOST_MAILS = 50


@dataclass
class Kept:
    """A connection with what decides whether it is used once more."""

    connection: Connection
    opened_at: datetime
    used_at: datetime
    mails: int = 0

    def is_fresh(self, now: datetime) -> bool:
        return now - self.used_at < IDLE_FOR and now - self.opened_at < KEPT_FOR and self.mails < MOST_MAILS


class Pool:
    """Whoever takes a connection either gives it back or closes it."""

    def __init__(self, opened: Callable[[], Connection], *, clock: Clock) -> None:
        self._opened, self._clock = opened, clock
        self._idle: list[Kept] = []
        self._lock = threading.Lock()

    def take(self) -> Kept:
        """One that has just said that it is there, or a new one."""
        while (kept := self._next_idle()) is not None:
            if kept.is_fresh(self._clock.now()) and kept.connection.is_alive():
                return kept
            kept.connection.close()
        now = self._clock.now()
        return Kept(self._opened(), now, now)

    def give_back(self, kept: Kept) -> None:
        """After a mail was taken: whatever else happened on it, it is closed instead."""
        kept.used_at, kept.mails = self._clock.now(), kept.mails + 1
        with self._lock:
            if len(self._idle) < MOST_IDLE:
                self._idle.append(kept)
                return
        kept.connection.close()

    def _next_idle(self) -> Kept | None:
        """The one used last: the others may grow old."""
        with self._lock:
            return self._idle.pop() if self._idle else None
