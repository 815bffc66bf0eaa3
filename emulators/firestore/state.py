"""The stored documents, by name and by collection, with an hour of their past; the engine reads and changes them under its lock."""

import base64
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from itertools import takewhile
from typing import Any, Protocol, TypeVar, cast

from emulators.firestore.errors import FailedPrecondition
from emulators.firestore.fields import NAME, Path, lookup
from emulators.firestore.names import Scope, collection_of, id_of
from emulators.firestore.values import Key, key_of, reference_key
from emulators.firestore.wire import SECOND_US, Document, Pb, microseconds

REMEMBERED_US = 3600 * SECOND_US
REMEMBERED_COMMITS = 10_000
LARGE_BYTES = 4096
"""A larger document is kept as it came over the wire: unpacked, a vector takes four times the room."""

Derived = TypeVar("Derived", bound="Following")


class Record:
    """One version of a document; never changed, so what was computed for a query serves the next one too."""

    __slots__ = ("_kept", "_keys", "name", "updated_us")

    def __init__(self, document: Pb) -> None:
        self.name, self.updated_us = str(document.name), microseconds(document.update_time)
        self._kept: Pb = document.SerializeToString() if document.ByteSize() > LARGE_BYTES else document
        self._keys: dict[Path, Key | None] = {}

    @property
    def document(self) -> Pb:
        return Document.FromString(self._kept) if isinstance(self._kept, bytes) else self._kept

    def key(self, path: Path) -> Key | None:
        """The sort key of a field, `__name__` included; None where the document lacks it."""
        if path not in self._keys:
            self._keys[path] = self._key(path)
        return self._keys[path]

    def _key(self, path: Path) -> Key | None:
        if path == NAME:
            return reference_key(self.name)
        value = lookup(self.document.fields, path)
        return None if value is None else key_of(value)


class Following(Protocol):
    """Something computed from a collection's documents that keeps step with them."""

    def put(self, record: Record) -> None: ...
    def drop(self, name: str) -> None: ...


class Reading(Protocol):
    """What a read needs: the store as it is, or as it was. `derived` is made of a collection's records once and kept under its key."""

    def get(self, name: str) -> Record | None: ...
    def scan(self, scope: Scope) -> Iterator[Record]: ...
    def collections(self) -> set[str]: ...
    def derived(self, collection: str, key: Hashable, make: Callable[[Iterable[Record]], Derived]) -> Derived: ...


class Store:
    """`last_us` is the moment of the latest commit; it only grows, by a microsecond at least, however the clock stands."""

    def __init__(self) -> None:
        self._documents: dict[str, Record] = {}
        self._collections: dict[str, dict[str, Record]] = {}
        self._groups: dict[str, set[str]] = {}
        self._derived: dict[str, dict[Hashable, Any]] = {}
        self._past: deque[tuple[int, dict[str, Record | None]]] = deque()
        self._oldest_us = self.last_us = 0
        self._generation = 0

    @property
    def version(self) -> tuple[int, int]:
        """Differs after every change, the loss of everything included."""
        return self._generation, self.last_us

    def get(self, name: str) -> Record | None:
        return self._documents.get(name)

    def __iter__(self) -> Iterator[Record]:
        return iter(self._documents.values())

    def scan(self, scope: Scope) -> Iterator[Record]:
        for collection in self._selected(scope):
            yield from self._collections[collection].values()

    def collections(self) -> set[str]:
        return set(self._collections)

    def derived(self, collection: str, key: Hashable, make: Callable[[Iterable[Record]], Derived]) -> Derived:
        made = self._derived.setdefault(collection, {})
        if key not in made:
            made[key] = make(self._collections[collection].values())
        return cast(Derived, made[key])

    def apply(self, changes: Mapping[str, Record | None], at_us: int) -> None:
        """One commit: every name gets its new version, or none. The only place where documents change."""
        self._past.append((at_us, {name: self._documents.get(name) for name in changes}))
        self.last_us = at_us
        for name, record in changes.items():
            if record is None:
                self._drop(name)
            else:
                self._put(record)
        while self._past and (len(self._past) > REMEMBERED_COMMITS or self._past[0][0] < at_us - REMEMBERED_US):
            self._oldest_us = self._past.popleft()[0]

    def as_of(self, moment_us: int) -> "Snapshot":
        """The store as it was right after every commit up to that moment; FailedPrecondition if that is forgotten."""
        if moment_us < self._oldest_us:
            raise FailedPrecondition("The requested read_time is too old.")
        before: dict[str, Record | None] = {}
        for _, versions in self._since(moment_us):
            before.update(versions)
        return Snapshot(self, before)

    def _since(self, moment_us: int) -> Iterator[tuple[int, dict[str, Record | None]]]:
        """What commits after that moment have replaced, the latest first."""
        return takewhile(lambda commit: commit[0] > moment_us, reversed(self._past))

    def changed_since(self, version: tuple[int, int]) -> set[str] | None:
        """The names of the documents that commits have touched since; None if that is forgotten."""
        generation, moment_us = version
        if generation != self._generation or moment_us < self._oldest_us:
            return None
        return {name for at_us, versions in self._since(moment_us) for name in versions}

    def clear(self) -> None:
        """Forgets everything but the time, so that update times never repeat."""
        self._documents.clear()
        self._collections.clear()
        self._groups.clear()
        self._derived.clear()
        self._past.clear()
        self._oldest_us = self.last_us
        self._generation += 1

    def dump(self) -> dict[str, Any]:
        documents = [base64.b64encode(record.document.SerializeToString()).decode() for record in self._documents.values()]
        return {"last_us": self.last_us, "documents": documents}

    def load(self, data: Mapping[str, Any]) -> None:
        self.clear()
        for text in data.get("documents", ()):
            self._put(Record(Document.FromString(base64.b64decode(text))))
        self._oldest_us = self.last_us = max(self.last_us, int(data.get("last_us", 0)))

    def _selected(self, scope: Scope) -> list[str]:
        if scope.collection_id and not scope.all_descendants:
            path = f"{scope.parent}/{scope.collection_id}"
            return [path] if path in self._collections else []
        among = self._groups.get(scope.collection_id, set()) if scope.collection_id else self._collections
        return [collection for collection in among if scope.covers(collection)]

    def _put(self, record: Record) -> None:
        collection = collection_of(record.name)
        if collection not in self._collections:
            self._collections[collection] = {}
            self._groups.setdefault(id_of(collection), set()).add(collection)
        self._documents[record.name] = self._collections[collection][record.name] = record
        for one in self._derived.get(collection, {}).values():
            one.put(record)

    def _drop(self, name: str) -> None:
        if self._documents.pop(name, None) is None:
            return
        collection = collection_of(name)
        del self._collections[collection][name]
        for one in self._derived.get(collection, {}).values():
            one.drop(name)
        if not self._collections[collection]:
            del self._collections[collection]
            self._groups[id_of(collection)].discard(collection)
            self._derived.pop(collection, None)


class Snapshot:
    """The store at an earlier moment: today's documents, except for those that have changed since."""

    def __init__(self, store: Store, before: Mapping[str, Record | None]) -> None:
        self._store, self._before = store, before

    def get(self, name: str) -> Record | None:
        return self._before[name] if name in self._before else self._store.get(name)

    def scan(self, scope: Scope) -> Iterator[Record]:
        yield from (record for record in self._store.scan(scope) if record.name not in self._before)
        yield from (record for record in self._before.values() if record and scope.covers(collection_of(record.name)))

    def derived(self, collection: str, _: Hashable, make: Callable[[Iterable[Record]], Derived]) -> Derived:
        return make(self.scan(Scope(collection_of(collection), id_of(collection))))

    def collections(self) -> set[str]:
        known = self._store.collections() | {collection_of(name) for name in self._before}
        return {path for path in known if any(self.scan(Scope(collection_of(path), id_of(path))))}
