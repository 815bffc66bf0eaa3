"""A circuit per vendor and workspace: failures are counted here, openings and closings are shared through the store."""

from collections import deque
from datetime import datetime, timedelta

from shared.domain.circuit import FAILURE_WINDOW, FAILURES_TO_OPEN, PROBE_AFTER, Circuit, CircuitState
from shared.domain.ids import WorkspaceId
from shared.ports.clock import Clock
from shared.ports.errors import Transient
from shared.ports.store import Put, Store

SHARED_FOR = timedelta(seconds=5)
"""How long an instance trusts what it last read of the others' circuit."""


class SharedCircuit:
    """Opens after 5 failures within 60 s; after 30 s one call may probe; a success closes it for everybody."""

    def __init__(self, *, vendor: str, workspace_id: WorkspaceId, store: Store, clock: Clock) -> None:
        self._vendor, self._workspace_id, self._store, self._clock = vendor, workspace_id, store, clock
        self._failures: deque[datetime] = deque(maxlen=FAILURES_TO_OPEN)
        self._known: Circuit | None = None
        self._read_at: datetime | None = None

    def admit(self) -> None:
        """Transient while open; a call that comes after the probe delay is let through."""
        known = self._latest()
        if known is None or known.state is CircuitState.CLOSED:
            return
        wait = known.changed_at + PROBE_AFTER - self._clock.now()
        if wait > timedelta(0):
            raise Transient(f"{self._vendor} is failing; calls are held back", retry_after=wait, source=self._vendor)

    def succeeded(self) -> None:
        self._failures.clear()
        if self._known is not None and self._known.state is CircuitState.OPEN:
            self._write(CircuitState.CLOSED, "a probe succeeded")

    def failed(self, reason: str) -> None:
        now = self._clock.now()
        probing = self._known is not None and self._known.state is CircuitState.OPEN
        self._failures.append(now)
        crowded = len(self._failures) == FAILURES_TO_OPEN and now - self._failures[0] <= FAILURE_WINDOW
        if probing or crowded:
            self._failures.clear()
            self._write(CircuitState.OPEN, reason)

    def _latest(self) -> Circuit | None:
        now = self._clock.now()
        if self._read_at is None or not timedelta(0) <= now - self._read_at < SHARED_FOR:
            found = self._store.get(Circuit, workspace_id=self._workspace_id, id=self._vendor)
            self._known, self._read_at = (found.entity if found else None), now
        return self._known

    def _write(self, state: CircuitState, reason: str) -> None:
        now = self._clock.now()
        self._known = Circuit(id=self._vendor, workspace_id=self._workspace_id, state=state, changed_at=now, reason=reason[:200])
        self._read_at = now
        self._store.commit(Put(self._known))
