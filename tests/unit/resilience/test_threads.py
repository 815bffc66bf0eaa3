"""One instance serves many requests at once: what guards a vendor's calls is shared by all its threads."""

import threading
from contextlib import suppress
from datetime import timedelta
from typing import Any

from shared.domain.circuit import RateWindow
from shared.resilience.budget import RateBudget
from tests.builders import WORKSPACE, at
from tests.fakes.clock import FixedClock
from tests.fakes.store import MemoryStore

MEETING_S = 0.3
"""How long a thread waits for another one in the store: long enough to meet, if nothing keeps them apart."""


class BusyStore(MemoryStore):
    """Whoever reads the rate window first meets the next reader, if there is one."""

    def __init__(self) -> None:
        super().__init__()
        self.meeting = threading.Barrier(2, timeout=MEETING_S)

    def get(self, kind: Any, **which: Any) -> Any:
        found = super().get(kind, **which)
        if not self.meeting.broken:
            with suppress(threading.BrokenBarrierError):
                self.meeting.wait()
        return found


def test_threads_that_start_together_share_one_block_of_the_budget():
    store = BusyStore()
    window = timedelta(seconds=10)
    budget = RateBudget(vendor="hubspot", workspace_id=WORKSPACE, limit=90, window=window, block=15, store=store, clock=FixedClock(at()))
    threads = [threading.Thread(target=budget.spend) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=5)
    assert [one.leased for one in store.everything(RateWindow)] == [15]
