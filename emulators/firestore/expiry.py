"""Documents with a time to live: which expire when, by the `ttl` fields of the indexes; the engine deletes what is due."""

import heapq
from collections.abc import Callable, Iterable, Mapping

from emulators.firestore.fields import Path, lookup
from emulators.firestore.names import collection_of, id_of
from emulators.firestore.state import Record
from emulators.firestore.wire import microseconds


class Expiry:
    """Names by the moment they expire. An entry whose document has changed since is passed over when it surfaces."""

    def __init__(self, fields: Mapping[str, Path], moved: Callable[[], None]) -> None:
        """`fields` are the expiring fields by collection id; `moved` is told when the next moment comes earlier than it did."""
        self._fields, self._moved = fields, moved
        self._heap: list[tuple[int, str]] = []

    @property
    def next_us(self) -> int | None:
        """No document expires before this moment; safe to read without the engine's lock."""
        heap = self._heap
        return heap[0][0] if heap else None

    def note(self, records: Iterable[Record | None]) -> None:
        """What was just stored, or loaded."""
        for record in records:
            moment_us = None if record is None or not self._fields else self._moment(record)
            if record is not None and moment_us is not None:
                heapq.heappush(self._heap, (moment_us, record.name))
                if self._heap[0] == (moment_us, record.name):
                    self._moved()

    def due(self, now_us: int, stored: Callable[[str], Record | None]) -> list[str]:
        """Takes out and answers the documents that have expired by now."""
        names = []
        while self._heap and self._heap[0][0] <= now_us:
            moment_us, name = heapq.heappop(self._heap)
            record = stored(name)
            if record is not None and self._moment(record) == moment_us:
                names.append(name)
        return list(dict.fromkeys(names))

    def clear(self) -> None:
        self._heap = []

    def _moment(self, record: Record) -> int | None:
        path = self._fields.get(id_of(collection_of(record.name)))
        value = lookup(record.document.fields, path) if path else None
        if value is None or value.WhichOneof("value_type") != "timestamp_value":
            return None
        return microseconds(value.timestamp_value)
