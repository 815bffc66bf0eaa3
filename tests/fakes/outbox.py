"""The outbox and what stands behind it, in memory: what was handed over, and failures on demand."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from shared.domain.outbox import Outgoing
from shared.ports.errors import SalesAgentError
from shared.ports.store import Remove, Store

Sent = tuple[str, Mapping[str, str], Mapping[str, str]]


class RecordingOutbox:
    """`flushed` holds what was published, `portions` how much it was given at a time.

    While `dead`, nothing is published and everything stays stored, as after a crash; so does what is in `stuck`.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.flushed: list[Outgoing] = []
        self.portions: list[int] = []
        self.stuck: list[Outgoing] = []
        self.dead = False

    def flush(self, *, entries: Sequence[Outgoing]) -> None:
        self.portions.append(len(entries))
        published = [] if self.dead else [one for one in entries if one not in self.stuck]
        self.flushed += published
        if published:
            self._store.commit(*(Remove(one) for one in published))

    @property
    def destinations(self) -> list[str]:
        return [one.destination for one in self.flushed]


class MemoryBus:
    """`sent` holds (topic, payload, attributes); a topic in `failures` refuses with that error."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.calls = 0
        self.failures: dict[str, SalesAgentError] = {}

    def publish(self, *, topic: str, messages: Sequence[tuple[Mapping[str, str], Mapping[str, str]]]) -> None:
        self.calls += 1
        if topic in self.failures:
            raise self.failures[topic]
        self.sent += [(topic, dict(payload), dict(attributes)) for payload, attributes in messages]


class MemoryTasks:
    """`tasks` by name: a second one of the same name is accepted and changes nothing; `failures` by queue."""

    def __init__(self) -> None:
        self.tasks: dict[str, tuple[str, Mapping[str, str], str, datetime | None]] = {}
        self.calls = 0
        self.failures: dict[str, SalesAgentError] = {}

    def enqueue(self, *, queue: str, name: str, payload: Mapping[str, str], trace_id: str, not_before: datetime | None = None) -> None:
        self.calls += 1
        if queue in self.failures:
            raise self.failures[queue]
        self.tasks.setdefault(name, (queue, dict(payload), trace_id, not_before))
