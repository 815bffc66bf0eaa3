"""A circuit per vendor and workspace: failures are counted here, openings and closings are shared through the store."""

import threading
from collections import deque
from contextlib import suppress
from datetime import datetime, timedelta

from shared.domain.circuit import FAILURE_WINDOW, FAILURES_TO_OPEN, PROBE_AFTER, Circuit, CircuitState
from shared.domain.ids import WorkspaceId
from shared.ports.clock import Clock
from shared.ports.errors import SalesAgentError, Transient
from shared.ports.store import Put, Store

SHARED_FOR = timedelta(seconds=5)
"""How long an instance trusts what it last read of the others' circuit."""


class SharedCircuit:
    """Opens after 5 failures within 60 s; every 30 s one call probes; a success closes it for everybody, a failure opens it anew."""

    def __init__(self, *, vendor: str, workspace_id: WorkspaceId, store: Store, clock: Clock) -> None:
        self._vendor, self._workspace_id, self._store, self._clock = vendor, workspace_id, store, clock
        self._failures: deque[datetime] = deque(maxlen=FAILURES_TO_OPEN)
        self._known: Circuit | None = None
        self._read_at: datetime | None = None
        self._probed_at: datetime | None = None
        self._lock = threading.Lock()

    def admit(self) -> None:
        """Transient while open; a call that comes after the probe delay is let through."""
        known = self._latest()
        if known is None or known.state is CircuitState.CLOSED:
            return
        wait = self._until_probe(known)
        if wait > timedelta(0):
            raise Transient(f"{self._vendor} is failing; calls are held back", retry_after=wait, source=self._vendor)

    def _until_probe(self, known: Circuit) -> timedelta:
        """How long a call has to wait; nothing for the one that probes, and the others wait for what comes of it."""
        with self._lock:
            now = self._clock.now()
            latest = max(known.changed_at, self._probed_at or known.changed_at)
            wait = latest + PROBE_AFTER - now
            if wait <= timedelta(0):
                self._probed_at = now
            return wait

    def succeeded(self) -> None:
        self._failures.clear()
        self._probed_at = None
        if self._is_open():
            self._write(CircuitState.CLOSED, "a probe succeeded")

    def failed(self, reason: str) -> None:
        now = self._clock.now()
        self._failures.append(now)
        recent = tuple(self._failures)  # another thread may empty it meanwhile
        crowded = len(recent) == FAILURES_TO_OPEN and now - recent[0] <= FAILURE_WINDOW
        if crowded or self._is_open():
            self._failures.clear()
            self._write(CircuitState.OPEN, reason)

    def _is_open(self) -> bool:
        known = self._known
        return known is not None and known.state is CircuitState.OPEN

    @property
    def is_known(self) -> bool:
        """Whether a call can be admitted or held back without asking the store."""
        return self._read_at is not None and timedelta(0) <= self._clock.now() - self._read_at < SHARED_FOR

    def _latest(self) -> Circuit | None:
        if not self.is_known:
            now = self._clock.now()
            found = self._store.get(Circuit, workspace_id=self._workspace_id, id=self._vendor)
            self._known, self._read_at = (found.entity if found else None), now
        return self._known

    def _write(self, state: CircuitState, reason: str) -> None:
        """The others hear of it if the store is there to tell them: a call that had its effect must not end as a failure of ours."""
        now = self._clock.now()
        self._known = Circuit(id=self._vendor, workspace_id=self._workspace_id, state=state, changed_at=now, reason=reason[:200])
        self._read_at = now
        with suppress(SalesAgentError):
            self._store.commit(Put(self._known))
