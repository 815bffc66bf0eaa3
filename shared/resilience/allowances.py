"""Limits that all instances share: what is taken is counted in the store, in blocks where that saves asking. Used by api_callers."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.allowance import LEASED_FOR, Allowance, Limit, untouched
from shared.domain.work import NOBODYS
from shared.ports.clock import Clock
from shared.ports.errors import Conflict, Rejected, Transient
from shared.ports.store import Create, Key, Replace, Snapshot, Store

CONTENDERS = 8
"""How often a lost race is run again before whoever asks is told to come back: what cannot be counted is not served."""
MOST = 1000
"""Leases one instance remembers."""

Seen = Snapshot[Allowance] | None


@dataclass
class _Lease:
    left: int
    until: datetime


class Allowances:
    """One limit, for everybody it is for; each has an id."""

    def __init__(self, limit: Limit, *, store: Store, clock: Clock) -> None:
        self._limit, self._store, self._clock = limit, store, clock
        self._leases: dict[str, _Lease] = {}
        self._lock = threading.Lock()

    def key(self, id: str) -> Key:
        """Where it is counted, for whoever reads that beside something else."""
        return Key(Allowance, NOBODYS, id)

    def has_lease(self, id: str) -> bool:
        """Whether the next unit is here already."""
        lease = self._leases.get(id)
        return lease is not None and lease.left > 0 and self._clock.now() < lease.until

    def require(self, seen: Seen) -> None:
        """Rejected with 429 when nothing is free, by what was read."""
        wait = seen.entity.free_in(self._limit, self._clock.now()) if seen else timedelta(0)
        if wait > timedelta(0):
            raise self._refusal(wait)

    def take(self, id: str, seen: Seen) -> None:
        """One unit; `seen` is what stood there a moment ago. Rejected with 429 when nothing is free."""
        with self._lock:
            if not self.has_lease(id):
                self._lease(id, seen)
            self._leases[id].left -= 1

    def _lease(self, id: str, seen: Seen) -> None:
        if len(self._leases) >= MOST:
            self._leases.clear()
        for _ in range(CONTENDERS):
            try:
                self._leases[id] = self._taken(id, seen)
                return
            except Conflict:
                [seen] = self._store.read(self.key(id))
        raise Transient(f"the limit {self._limit.name} is contended", retry_after=timedelta(seconds=1))

    def _taken(self, id: str, seen: Seen) -> _Lease:
        self.require(seen)
        now = self._clock.now()
        before = seen.entity if seen else untouched(id, now)
        units = min(self._limit.block, self._limit.units - before.used(self._limit, now))
        after = before.taking(units, self._limit, now)
        self._store.commit(Replace(seen, after) if seen else Create(after))
        return _Lease(units, now + LEASED_FOR)

    def _refusal(self, wait: timedelta) -> Rejected:
        seconds, window = max(1, -(-wait // timedelta(seconds=1))), round(self._limit.window.total_seconds())
        name, units = self._limit.name, self._limit.units
        return Rejected(
            f"at most {units} {name} in {window} s; wait {seconds} s",
            status=429,
            headers={
                "Retry-After": str(seconds),
                "RateLimit-Policy": f'"{name}";q={units};w={window}',
                "RateLimit": f'"{name}";r=0;t={seconds}',
            },
        )
