"""Publishes what state changes owe, then deletes it; used by stages through the Outbox port and by the sweep."""

from collections import defaultdict
from collections.abc import Sequence

from shared.domain.outbox import Channel, Outgoing
from shared.ports.bus import Bus, Tasks
from shared.ports.errors import SalesAgentError
from shared.ports.store import Remove, Store
from shared.runtime.logging import EventLog


class OutboxPublisher:
    """At least once: a crash between publishing and deleting publishes again, and stages guard by state."""

    def __init__(self, *, bus: Bus, tasks: Tasks, store: Store, log: EventLog) -> None:
        self._bus, self._tasks, self._store, self._log = bus, tasks, store, log

    def flush(self, *, entries: Sequence[Outgoing]) -> None:
        try:
            self._publish([one for one in entries if one.channel is Channel.EVENT])
            self._enqueue([one for one in entries if one.channel is Channel.TASK])
            if entries:
                self._store.commit(*(Remove(one) for one in entries))
        except SalesAgentError as error:
            # Whatever was not published is still stored: a redelivery or the sweep publishes it.
            self._log.write(
                "WARNING", "outbox entries wait for the sweep", count=len(entries), error=type(error).__name__, detail=error.detail
            )

    def _publish(self, entries: Sequence[Outgoing]) -> None:
        by_topic: dict[str, list[Outgoing]] = defaultdict(list)
        for one in entries:
            by_topic[one.destination].append(one)
        for topic, owed in by_topic.items():
            self._bus.publish(topic=topic, messages=[(one.payload, _attributes(one)) for one in owed])

    def _enqueue(self, entries: Sequence[Outgoing]) -> None:
        for one in entries:
            self._tasks.enqueue(queue=one.destination, name=one.id, payload=one.payload, trace_id=one.trace_id, not_before=one.not_before)


def _attributes(entry: Outgoing) -> dict[str, str]:
    return {"trace_id": entry.trace_id, "workspace_id": entry.workspace_id}
