"""What HubSpot still has to send and what became of what it sent, with its rules for retries: the backlog its deliveries take from."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from emulators.agenda import Agenda
from emulators.clock import Clock
from emulators.hubspot.hooks import Hook, Shape
from emulators.push import Answer, Push

TIMEOUT_S = {Shape.SUBSCRIPTION: 5.0, Shape.WORKFLOW: 30.0, Shape.WORKFLOW_LEGACY: 30.0}


class Status(StrEnum):
    WAITING = "waiting"
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
    """One body on its way to one hook."""

    id: str
    hook_id: str
    shape: Shape
    body: Any
    created_at: datetime
    due_at: datetime
    status: Status = Status.WAITING
    attempts: tuple[Attempt, ...] = ()

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
    """Deliveries in the order they arose. The clock's own lock guards it; `hook_of` answers None for a hook that is gone."""

    clock: Clock
    hook_of: Callable[[str], Hook | None]
    _deliveries: dict[str, Delivery] = field(default_factory=dict)
    _agenda: Agenda = field(default_factory=Agenda)
    _count: int = 0

    def add(self, hook_id: str, shape: Shape, body: Any) -> Delivery:
        with self.clock.changed:
            now = self.clock.now()
            self._count += 1
            delivery = Delivery(f"d{self._count}", hook_id, shape, body, now, now)
            self._put(delivery)
            return delivery

    def again(self, delivery_id: str) -> Delivery:
        """A duplicate of an earlier delivery, due now; KeyError for an unknown id."""
        with self.clock.changed:
            known = self._deliveries[delivery_id]
            return self.add(known.hook_id, known.shape, known.body)

    def all(self) -> list[Delivery]:
        with self.clock.changed:
            return list(self._deliveries.values())

    # Backlog
    def next_due(self) -> datetime | None:
        earliest = self._agenda.first()
        return earliest[0] if earliest else None

    def take(self, now: datetime) -> Push | None:
        while (ticket := self._agenda.pop_due(now)) is not None:
            delivery = self._deliveries[ticket]
            hook = self.hook_of(delivery.hook_id)
            if hook is not None:
                self._put(replace(delivery, status=Status.IN_FLIGHT))
                return _push(delivery, hook)
            gone = Attempt(now.isoformat(), None, "the hook was removed")
            self._put(replace(delivery, attempts=(*delivery.attempts, gone), status=Status.FAILED))
        return None

    def answered(self, push: Push, answer: Answer, now: datetime) -> None:
        """Record one attempt's end: delivered, to be tried again, or given up."""
        delivery = self._deliveries.get(push.ticket)
        if delivery is None or delivery.status is not Status.IN_FLIGHT:
            return
        attempt = Attempt(now.isoformat(), answer.status, answer.excerpt or answer.reason)
        done = replace(delivery, attempts=(*delivery.attempts, attempt))
        if answer.status is not None and 200 <= answer.status < 300:
            self._put(replace(done, status=Status.DELIVERED))
            return
        delay = next_delay(delivery, answer.status, _retry_after_ms(answer))
        patient = delivery.shape is Shape.SUBSCRIPTION or (delay is not None and now + delay - delivery.created_at <= WORKFLOW_PATIENCE)
        if delay is None or not patient:
            self._put(replace(done, status=Status.FAILED))
        else:
            self._put(replace(done, status=Status.WAITING, due_at=now + delay))

    # Persistence
    def clear(self) -> None:
        """Ids go on counting: what is still in flight must not settle somebody else's delivery."""
        with self.clock.changed:
            self._deliveries, self._agenda = {}, Agenda()
            self.clock.notify()

    def dump(self) -> dict[str, Any]:
        with self.clock.changed:
            return {"count": self._count, "deliveries": [delivery.to_json() for delivery in self.all()]}

    def load(self, data: Mapping[str, Any]) -> None:
        """What was in flight or held when it was dumped is due at once."""
        with self.clock.changed:
            self.clear()
            self._count = data["count"]
            for row in data["deliveries"]:
                self._put(Delivery.from_json(row))

    def _put(self, delivery: Delivery) -> None:
        self._deliveries[delivery.id] = delivery
        if delivery.status is Status.WAITING:
            self._agenda.put(delivery.id, delivery.due_at)
        self.clock.notify()


def _push(delivery: Delivery, hook: Hook) -> Push:
    return Push(
        ticket=delivery.id,
        route=f"hubspot.deliver.{hook.id}",
        method="POST",
        url=hook.url,
        headers={"Content-Type": "application/json", "User-Agent": "HubSpot Webhooks/1.0", **hook.headers},
        body=json.dumps(_attempted_body(delivery), separators=(",", ":")).encode(),
        timeout_s=TIMEOUT_S[delivery.shape],
    )


def _attempted_body(delivery: Delivery) -> Any:
    """Events carry the number of the attempt they arrive with."""
    if delivery.shape is not Shape.SUBSCRIPTION:
        return delivery.body
    return [{**event, "attemptNumber": len(delivery.attempts)} for event in delivery.body]


def _retry_after_ms(answer: Answer) -> int | None:
    given = {name.lower(): value for name, value in answer.headers.items()}.get("retry-after", "")
    return int(given) if given.isdigit() else None
