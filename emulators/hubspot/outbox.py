"""What HubSpot still has to send and what became of what it sent, with its rules for retries: the backlog its deliveries take from."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from emulators.clock import Clock
from emulators.hubspot.hooks import Hook, Shape
from emulators.outbox import Outbox, Outgoing
from emulators.push import Answer, Push

TIMEOUT_S = {Shape.SUBSCRIPTION: 5.0, Shape.WORKFLOW: 30.0, Shape.WORKFLOW_LEGACY: 30.0}


@dataclass(frozen=True, kw_only=True)
class Delivery(Outgoing):
    """One body on its way to one hook."""

    hook_id: str
    shape: Shape
    body: Any

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return super().from_json({**data, "shape": Shape(data["shape"])})


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


class Announcements(Outbox[Delivery]):
    """`hook_of` answers None for a hook that is gone."""

    def __init__(self, clock: Clock, hook_of: Callable[[str], Hook | None]) -> None:
        super().__init__(clock, letter="d", read=Delivery.from_json)
        self._hook_of = hook_of

    def add(self, hook_id: str, shape: Shape, body: Any) -> Delivery:
        now = self.clock.now()
        return self.owe(Delivery(created_at=now, due_at=now, hook_id=hook_id, shape=shape, body=body))

    def request(self, row: Delivery) -> Push | None:
        hook = self._hook_of(row.hook_id)
        return None if hook is None else _push(row, hook)

    def next_try(self, row: Delivery, answer: Answer, now: datetime) -> datetime | None:
        delay = next_delay(row, answer.status, _retry_after_ms(answer))
        if delay is None:
            return None
        patient = row.shape is Shape.SUBSCRIPTION or now + delay - row.created_at <= WORKFLOW_PATIENCE
        return now + delay if patient else None


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
