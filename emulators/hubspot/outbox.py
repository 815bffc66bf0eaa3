"""What HubSpot still has to send and what became of what it sent: order, holds and retries, on the virtual clock. Pure state."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from emulators.clock import Clock
from emulators.hubspot.hooks import Shape


class Status(StrEnum):
    WAITING = "waiting"
    HELD = "held"
    IN_FLIGHT = "in_flight"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True)
class Attempt:
    at: str
    status: int | None
    reason: str = ""


@dataclass(frozen=True)
class Delivery:
    """One body on its way to one hook. `behind` names the delivery that has to be attempted first."""

    id: str
    hook_id: str
    shape: Shape
    body: Any
    created_at: datetime
    due_at: datetime
    status: Status = Status.WAITING
    attempts: tuple[Attempt, ...] = ()
    behind: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "created_at": self.created_at.isoformat(), "due_at": self.due_at.isoformat()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Delivery":
        moments = {name: datetime.fromisoformat(data[name]) for name in ("created_at", "due_at")}
        status = Status(data["status"])
        again = Status.WAITING if status is Status.IN_FLIGHT else status
        attempts = tuple(Attempt(**row) for row in data["attempts"])
        return cls(**{**data, **moments, "shape": Shape(data["shape"]), "status": again, "attempts": attempts})


SUBSCRIPTION_RETRIES = 10
FIRST_DELAY, LONGEST_DELAY, WORKFLOW_PATIENCE = timedelta(minutes=1), timedelta(hours=8), timedelta(days=3)


def next_delay(delivery: Delivery, status: int | None, retry_after_ms: int | None) -> timedelta | None:
    """How long HubSpot waits after this failure; None when it gives up. `attempts` does not hold the failure yet.

    Subscriptions: 10 retries within 24 hours. Workflows: no retry of a 4xx but 429, otherwise for 3 days.
    """
    tries = len(delivery.attempts)
    doubled: timedelta = FIRST_DELAY * 2**tries
    if delivery.shape is Shape.SUBSCRIPTION:
        return doubled if tries < SUBSCRIPTION_RETRIES else None
    if status is not None and 400 <= status < 500 and status != 429:
        return None
    if status == 429 and retry_after_ms is not None:
        return timedelta(milliseconds=retry_after_ms)
    return min(doubled, LONGEST_DELAY)


@dataclass
class Outbox:
    """Deliveries in the order they arose. The clock's own lock guards it, so waiting for time and looking here never deadlock."""

    clock: Clock
    holding: bool = False
    _deliveries: dict[str, Delivery] = field(default_factory=dict)
    _count: int = 0

    def add(self, hook_id: str, shape: Shape, body: Any) -> Delivery:
        with self.clock.changed:
            now = self.clock.now()
            status = Status.HELD if self.holding else Status.WAITING
            self._count += 1
            delivery = Delivery(f"d{self._count}", hook_id, shape, body, now, now, status)
            self._put(delivery)
            return delivery

    def again(self, delivery_id: str) -> Delivery:
        """A duplicate of an earlier delivery, due now; KeyError for an unknown id."""
        with self.clock.changed:
            known = self._deliveries[delivery_id]
            return self.add(known.hook_id, known.shape, known.body)

    def hold_until_next(self, delivery: Delivery) -> None:
        """Put one that was taken back behind the next delivery, known or still to come."""
        with self.clock.changed:
            others = [other for other in self._deliveries.values() if other.id != delivery.id and other.behind is None]
            free = [other.id for other in others if not other.attempts and other.status in (Status.WAITING, Status.IN_FLIGHT)]
            following = free[0] if free else f"d{self._count + 1}"
            self._put(replace(delivery, status=Status.WAITING, behind=following))

    def release(self, *, backwards: bool = False) -> list[Delivery]:
        """Let everything held go, one after the other: as it arose, or the latest first."""
        with self.clock.changed:
            self.holding = False
            held = [delivery for delivery in self._deliveries.values() if delivery.status is Status.HELD]
            ordered = held[::-1] if backwards else held
            behind: str | None = None
            for delivery in ordered:
                self._put(replace(delivery, status=Status.WAITING, due_at=self.clock.now(), behind=behind))
                behind = delivery.id
            return [self._deliveries[delivery.id] for delivery in ordered]

    def take(self) -> Delivery | None:
        """The next delivery that is due, now in flight; None when nothing is."""
        with self.clock.changed:
            now = self.clock.now()
            due = [delivery for delivery in self._ready() if delivery.due_at <= now]
            if not due:
                return None
            taken = replace(min(due, key=lambda delivery: delivery.due_at), status=Status.IN_FLIGHT)
            self._put(taken)
            return taken

    def settle(self, delivery: Delivery, status: int | None, *, reason: str = "", retry_after_ms: int | None = None) -> None:
        """Record one attempt's end: delivered, to be tried again, or given up."""
        with self.clock.changed:
            if delivery.id not in self._deliveries:
                return
            now = self.clock.now()
            attempts = (*delivery.attempts, Attempt(now.isoformat(), status, reason))
            done = replace(delivery, attempts=attempts, behind=None)
            if status is not None and 200 <= status < 300:
                self._put(replace(done, status=Status.DELIVERED))
                return
            delay = next_delay(delivery, status, retry_after_ms)
            patient = delivery.shape is Shape.SUBSCRIPTION or (delay is not None and now + delay - delivery.created_at <= WORKFLOW_PATIENCE)
            if delay is None or not patient:
                self._put(replace(done, status=Status.FAILED))
            else:
                self._put(replace(done, status=Status.WAITING, due_at=now + delay))

    def next_due(self) -> datetime | None:
        with self.clock.changed:
            return min((delivery.due_at for delivery in self._ready()), default=None)

    def in_flight(self) -> int:
        with self.clock.changed:
            return sum(delivery.status is Status.IN_FLIGHT for delivery in self._deliveries.values())

    def all(self) -> list[Delivery]:
        with self.clock.changed:
            return list(self._deliveries.values())

    def clear(self) -> None:
        """Ids go on counting: what is still in flight must not settle somebody else's delivery."""
        with self.clock.changed:
            self.holding = False
            self._deliveries.clear()
            self.clock.notify()

    def dump(self) -> dict[str, Any]:
        with self.clock.changed:
            return {"count": self._count, "holding": self.holding, "deliveries": [delivery.to_json() for delivery in self.all()]}

    def load(self, data: Mapping[str, Any]) -> None:
        with self.clock.changed:
            self._count, self.holding = data["count"], data["holding"]
            self._deliveries = {row["id"]: Delivery.from_json(row) for row in data["deliveries"]}
            self.clock.notify()

    def _ready(self) -> Iterable[Delivery]:
        for delivery in self._deliveries.values():
            if delivery.status is Status.WAITING and self._is_unblocked(delivery):
                yield delivery

    def _is_unblocked(self, delivery: Delivery) -> bool:
        if delivery.behind is None:
            return True
        first = self._deliveries.get(delivery.behind)
        return first is not None and bool(first.attempts)

    def _put(self, delivery: Delivery) -> None:
        self._deliveries[delivery.id] = delivery
        self.clock.notify()
