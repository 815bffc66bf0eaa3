"""A vendor's rate limit, shared by all instances: each leases calls in blocks, so most calls cost no round trip."""

import threading
from datetime import timedelta

from shared.domain.circuit import RateWindow
from shared.domain.ids import WorkspaceId
from shared.ports.clock import Clock
from shared.ports.errors import Conflict, Transient
from shared.ports.store import Create, Replace, Snapshot, Store

CONTENDERS = 8
"""How often a lost race for a block is tried again before the caller is asked to come back."""


class RateBudget:
    """At most `limit` units per `window` in this workspace, handed out `block` at a time.

    Of several threads one leases, the others wait: each with a block of its own would use up the limit on a few calls.
    """

    def __init__(
        self, *, vendor: str, workspace_id: WorkspaceId, limit: int, window: timedelta, block: int, store: Store, clock: Clock
    ) -> None:
        self._vendor, self._workspace_id = vendor, workspace_id
        self._limit, self._window, self._block = limit, window, block
        self._store, self._clock = store, clock
        self._lock = threading.Lock()
        self._left = 0
        self._latest: Snapshot[RateWindow] | None = None

    def spend(self, cost: int = 1) -> None:
        """Take `cost` units; Transient with the time to the next window when so many are not left in this one."""
        with self._lock:
            if not self.holds(cost):
                self._left = self._lease_block(cost)
            self._left -= cost

    def holds(self, cost: int) -> bool:
        """Whether so much can be taken without asking the store."""
        latest = self._latest
        return latest is not None and self._current(latest.entity) and self._left >= cost

    def _current(self, window: RateWindow) -> bool:
        return timedelta(0) <= self._clock.now() - window.starts_at < self._window

    def _lease_block(self, cost: int) -> int:
        """On what this instance has last seen of the window; when others were there since, on what stands now."""
        for _ in range(CONTENDERS):
            try:
                return self._try_lease(cost)
            except Conflict:
                self._latest = None
        raise Transient(f"the rate budget of {self._vendor} is contended", retry_after=timedelta(seconds=1), source=self._vendor)

    def _try_lease(self, cost: int) -> int:
        now = self._clock.now()
        seen = self._latest or self._store.get(RateWindow, workspace_id=self._workspace_id, id=self._vendor)
        fresh = RateWindow(id=self._vendor, workspace_id=self._workspace_id, starts_at=now, leased=0)
        window = seen.entity if seen and self._current(seen.entity) else fresh
        granted = min(max(cost, self._block), self._limit - window.leased)
        if granted < cost:
            wait = window.starts_at + self._window - now
            raise Transient(f"the rate limit of {self._vendor} is used up", retry_after=wait, source=self._vendor)
        leased = window.model_copy(update={"leased": window.leased + granted})
        [version] = self._store.commit(Replace(seen, leased) if seen else Create(leased))
        self._latest = Snapshot(leased, version)
        return granted
