"""Publishes what state changes owe, then deletes it; used by stages through the Outbox port and by the sweep."""

from collections import defaultdict
from collections.abc import Sequence
from functools import partial

from shared.domain.outbox import Channel, Outgoing
from shared.ports.bus import Bus, Tasks
from shared.ports.errors import SalesAgentError
from shared.ports.store import Remove, Store
from shared.resilience.together import all_of
from shared.runtime.logging import EventLog


class OutboxPublisher:
    """At least once: a crash between publishing and deleting publishes again, and stages guard by state."""

    def __init__(self, *, bus: Bus, tasks: Tasks, store: Store, log: EventLog) -> None:
        self._bus, self._tasks, self._store, self._log = bus, tasks, store, log

    def flush(self, *, entries: Sequence[Outgoing]) -> None:
        """All destinations at the same time. One that fails keeps none of the others, and is not tried for each of its entries."""
        by_destination: dict[tuple[Channel, str], list[Outgoing]] = defaultdict(list)
        for one in entries:
            by_destination[one.channel, one.destination].append(one)
        published = [one for accepted in all_of(partial(self._published, owed) for owed in by_destination.values()) for one in accepted]
        try:
            if published:
                self._store.commit(*(Remove(one) for one in published))
        except SalesAgentError as error:
            self._tell(error, waiting=len(published))

    def _published(self, owed: Sequence[Outgoing]) -> Sequence[Outgoing]:
        """Those the destination has accepted. Whatever it has not is still stored: a redelivery or the sweep publishes it."""
        accepted: list[Outgoing] = []
        try:
            if owed[0].channel is Channel.EVENT:
                self._bus.publish(topic=owed[0].destination, messages=[(one.payload, _attributes(one)) for one in owed])
                return owed
            for one in owed:
                self._enqueue(one)
                accepted.append(one)
        except SalesAgentError as error:
            self._tell(error, waiting=len(owed) - len(accepted))
        return accepted

    def _enqueue(self, one: Outgoing) -> None:
        self._tasks.enqueue(queue=one.destination, name=one.id, payload=one.payload, trace_id=one.trace_id, not_before=one.not_before)

    def _tell(self, error: SalesAgentError, *, waiting: int) -> None:
        self._log.write("WARNING", "outbox entries wait for the sweep", count=waiting, error=type(error).__name__, detail=error.detail)


def _attributes(entry: Outgoing) -> dict[str, str]:
    return {"trace_id": entry.trace_id, "workspace_id": entry.workspace_id}
