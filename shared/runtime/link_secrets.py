"""The Secrets port for names that strangers choose: guessing costs them nothing, so it must cost us nothing. Used by the links in mails."""

import threading
from collections import OrderedDict
from datetime import datetime, timedelta

from shared.ports.clock import Clock
from shared.ports.errors import NotFound, Transient
from shared.ports.secrets import Secrets

MISSING_FOR = timedelta(minutes=10)
MOST_MISSING = 1_000
MINUTE = timedelta(minutes=1)
LOOKS_A_MINUTE = 60
"""Of names not known yet, in one process. Those that were found once are always looked up."""


class SparingSecrets:
    """What does not exist is remembered for a while, and only so many unknown names are looked up in a minute; Transient beyond."""

    def __init__(self, *, secrets: Secrets, clock: Clock) -> None:
        self._secrets, self._clock, self._lock = secrets, clock, threading.Lock()
        self._found: set[str] = set()
        self._missing: OrderedDict[str, datetime] = OrderedDict()
        self._since, self._looks = clock.now(), 0

    def get(self, *, name: str) -> str:
        if name not in self._found:
            self._check(name)
        try:
            value = self._secrets.get(name=name)
        except NotFound:
            self._remember(name)
            raise
        self._found.add(name)
        return value

    def newer(self, *, name: str, than: str) -> str | None:
        return self._secrets.newer(name=name, than=than)

    def _check(self, name: str) -> None:
        now = self._clock.now()
        with self._lock:
            if now - self._missing.get(name, datetime.min.replace(tzinfo=now.tzinfo)) < MISSING_FOR:
                raise NotFound(f"secret {name} does not exist")
            if not timedelta(0) <= now - self._since < MINUTE:
                self._since, self._looks = now, 0
            if self._looks >= LOOKS_A_MINUTE:
                raise Transient("too many unknown names are being looked up", retry_after=MINUTE)
            self._looks += 1

    def _remember(self, name: str) -> None:
        with self._lock:
            self._found.discard(name)
            self._missing[name] = self._clock.now()
            self._missing.move_to_end(name)
            if len(self._missing) > MOST_MISSING:
                self._missing.popitem(last=False)
