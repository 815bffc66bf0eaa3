"""Every call to a vendor goes through here: circuit, rate budget and retries in one place; used by connectors."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TypeVar

from shared.domain.ids import WorkspaceId
from shared.ports.clock import Clock, Ids
from shared.ports.errors import OutcomeUnknown, SalesAgentError, Transient
from shared.ports.store import Store
from shared.resilience.backoff import REPEATS, repeated
from shared.resilience.budget import RateBudget
from shared.resilience.circuit import SharedCircuit
from shared.resilience.together import together

T = TypeVar("T")


@dataclass(frozen=True)
class RateLimit:
    """What a vendor allows: `limit` units per `window`; instances lease `block` units at a time."""

    limit: int
    window: timedelta
    block: int


def guard_for(
    vendor: str, *, workspace_id: WorkspaceId, rate: RateLimit, store: Store, clock: Clock, ids: Ids, account: str = ""
) -> "GuardedCalls":
    """The guard of one vendor in one workspace; with `account`, of one mailbox there, as Google counts per user."""
    name = f"{vendor}:{account}" if account else vendor
    circuit = SharedCircuit(vendor=name, workspace_id=workspace_id, store=store, clock=clock)
    budget = RateBudget(
        vendor=name, workspace_id=workspace_id, limit=rate.limit, window=rate.window, block=rate.block, store=store, clock=clock
    )
    return GuardedCalls(clock=clock, ids=ids, circuit=circuit, budget=budget)


class GuardedCalls:
    """Guards the calls to one vendor for one workspace."""

    def __init__(self, *, clock: Clock, ids: Ids, circuit: SharedCircuit, budget: RateBudget) -> None:
        self._clock, self._ids, self._circuit, self._budget = clock, ids, circuit, budget

    def run(self, operation: Callable[[], T], *, repeatable: bool, cost: int = 1) -> T:
        """The operation's result. Only what is `repeatable` is tried again, up to 3 times; other errors pass untouched."""
        return repeated(lambda: self._once(operation, cost), clock=self._clock, ids=self._ids, repeats=REPEATS if repeatable else 0)

    def _once(self, operation: Callable[[], T], cost: int) -> T:
        self._enter(cost)
        try:
            result = operation()
        except (Transient, OutcomeUnknown) as error:
            self._circuit.failed(error.detail)
            raise
        except SalesAgentError:
            self._circuit.succeeded()  # it refuses us, so it is there
            raise
        self._circuit.succeeded()
        return result

    def _enter(self, cost: int) -> None:
        """Past the circuit and the budget. What each asks of the store depends on nothing the other says: one round trip for both."""
        if self._circuit.is_known or self._budget.holds(cost):
            self._circuit.admit()
            self._budget.spend(cost)
        else:
            together(self._circuit.admit, partial(self._budget.spend, cost))
