"""How stages reach each other: events on topics and tasks in queues, always through the outbox."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from shared.domain.outbox import Outgoing


class Bus(Protocol):
    def publish(self, *, topic: str, messages: Sequence[tuple[Mapping[str, str], Mapping[str, str]]]) -> None:
        """(payload, attributes) pairs, in one round trip. Raises Transient when not accepted."""


class Tasks(Protocol):
    def enqueue(self, *, queue: str, name: str, payload: Mapping[str, str], trace_id: str, not_before: datetime | None = None) -> None:
        """A second task of the same name is accepted silently: it is already there, or already done."""


class Outbox(Protocol):
    def flush(self, *, entries: Sequence[Outgoing]) -> None:
        """Publish and then delete. What fails stays stored for the redelivery or the sweep; raises nothing for that."""
