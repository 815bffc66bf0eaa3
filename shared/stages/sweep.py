"""Sweep: publishes what a dead delivery left in the outbox and nobody redelivered. Called every minute."""

from datetime import timedelta

from shared.ports.bus import Outbox
from shared.ports.clock import Clock
from shared.ports.store import Store

OVERDUE = timedelta(seconds=30)
BATCH = 100
BATCHES = 20


def sweep(*, store: Store, outbox: Outbox, clock: Clock) -> int:
    """How many overdue entries were handed to the bus; at most 2,000 a run, the next run takes the rest."""
    seen: set[str] = set()
    for _ in range(BATCHES):
        found = store.overdue_outbox(before=clock.now() - OVERDUE, limit=BATCH)
        left = [one.entity for one in found if one.entity.id not in seen]
        if not left:
            break
        outbox.flush(entries=left)
        seen |= {one.id for one in left}
    return len(seen)
