"""Lets the suite's clock run without a burst: waits until every service is quiet, and steps from one due moment to the next."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from emulators.clock import Clock
from emulators.service import Deliverer

AT_MOST_S = 120.0
"""Real seconds on a busy machine; whoever waits in vain learns who is still busy."""


class Settler:
    """Services answer `next_due` and `in_flight` while the clock's lock is held, so the picture of all of them is one picture."""

    def __init__(self, clock: Clock, deliverers: Sequence[Deliverer]) -> None:
        self._clock, self._deliverers = clock, list(deliverers)

    def settle(self, *, at_most_s: float = AT_MOST_S) -> None:
        """Wait, in real seconds, until nothing is in flight and nothing is due by now; TimeoutError names who is still busy."""
        if not self._clock.wait_for(lambda: not self._busy(), at_most_s=at_most_s):
            raise TimeoutError(f"after {at_most_s:g} s still busy: {'; '.join(self._busy())}")

    def advance(self, by: timedelta, *, at_most_s: float = AT_MOST_S) -> datetime:
        """Move time forward by this much, stopping to settle at every moment something is due on the way."""
        target = self._clock.now() + by
        self._step_to(target, at_most_s)
        self._clock.advance(max(target - self._clock.now(), timedelta(0)))
        self.settle(at_most_s=at_most_s)
        return self._clock.now()

    def run_until_quiet(self, *, horizon: timedelta, at_most_s: float = AT_MOST_S) -> datetime:
        """Move from due moment to due moment until none is left within the horizon, counted from the start; recurring jobs end there."""
        self._step_to(self._clock.now() + horizon, at_most_s)
        return self._clock.now()

    def _step_to(self, limit: datetime, at_most_s: float) -> None:
        self.settle(at_most_s=at_most_s)
        while (due := self._next_due()) is not None and due <= limit:
            self._clock.advance(max(due - self._clock.now(), timedelta(0)))
            self.settle(at_most_s=at_most_s)

    def _next_due(self) -> datetime | None:
        return min((due for each in self._deliverers if (due := each.next_due()) is not None), default=None)

    def _busy(self) -> list[str]:
        now = self._clock.now()
        return [reason for each in self._deliverers if (reason := _why_busy(each, now))]


def _why_busy(service: Deliverer, now: datetime) -> str:
    name = getattr(service, "name", type(service).__name__)
    if flying := service.in_flight():
        return f"{name} ({flying} in flight)"
    due = service.next_due()
    return f"{name} (due since {due.isoformat()})" if due is not None and due <= now else ""
