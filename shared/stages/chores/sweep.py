"""Sweep: publishes what a dead delivery left in the outbox and nobody redelivered. Called every minute."""

from datetime import timedelta

from shared.ports.bus import Outbox
from shared.ports.clock import Clock
from shared.ports.store import Store

OVERDUE = timedelta(seconds=30)
BATCH = 100
MOST = 2_000
"""Entries of one run; the next run takes the rest."""


def sweep(*, store: Store, outbox: Outbox, clock: Clock) -> int:
    """How many overdue entries were handed to the bus. Those that cannot be published hold up none of the others."""
    found = [one.entity for one in store.overdue_outbox(before=clock.now() - OVERDUE, limit=MOST)]
    for start in range(0, len(found), BATCH):
        outbox.flush(entries=found[start : start + BATCH])
    return len(found)
