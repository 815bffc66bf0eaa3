"""The indexes a database has, read from `firestore.indexes.json`: composite ones, and the single-field ones with their exceptions.

https://firebase.google.com/docs/reference/firestore/indexes
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from emulators.firestore.fields import NAME, Path, parse_path

COLLECTION, COLLECTION_GROUP = "COLLECTION", "COLLECTION_GROUP"
ASCENDING, DESCENDING, CONTAINS = "ASCENDING", "DESCENDING", "CONTAINS"
ORDERS = (ASCENDING, DESCENDING)
AUTOMATIC = frozenset((kind, COLLECTION) for kind in (*ORDERS, CONTAINS))
"""What every field has that no override speaks of."""

WILDCARD: Path = ("*",)


@dataclass(frozen=True)
class Part:
    """One field of an index; `dimension` is 0 unless the index is of vectors, which then have no order."""

    path: Path
    kind: str
    dimension: int = 0


Index = tuple[Part, ...]


@dataclass(frozen=True)
class Place:
    """The collection, or the collection group, whose indexes a query may use."""

    collection_id: str
    scope: str


@dataclass(frozen=True)
class Indexes:
    """`singles` are the overrides: kinds and scopes by collection id and field. `expiring` are the fields with `ttl`."""

    composites: Mapping[Place, Sequence[Index]] = field(default_factory=dict)
    singles: Mapping[tuple[str, Path], frozenset[tuple[str, str]]] = field(default_factory=dict)
    expiring: Mapping[str, Path] = field(default_factory=dict)

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> "Indexes":
        """From the parsed file; ValueError says what is wrong with it."""
        composites: dict[Place, list[Index]] = {}
        for entry in data.get("indexes", ()):
            place = Place(_need(entry, "collectionGroup"), _scope(entry))
            composites.setdefault(place, []).append(tuple(_part(one) for one in _need(entry, "fields")))
        overrides = data.get("fieldOverrides", ())
        singles = {_field(entry): frozenset(_single(one) for one in _need(entry, "indexes")) for entry in overrides}
        expiring = dict(_field(entry) for entry in overrides if entry.get("ttl"))
        return cls(composites, singles, expiring)

    def kinds(self, path: Path, collection_id: str) -> frozenset[tuple[str, str]]:
        """The single-field indexes of a field; the fields of a map inherit what is said of the map."""
        known = (path[:length] for length in range(len(path), 0, -1))
        said = (self.singles.get((collection_id, one)) for one in (*known, WILDCARD))
        return next((kinds for kinds in said if kinds is not None), AUTOMATIC)

    def usable(self, place: Place, paths: Iterable[Path]) -> Iterator[Index]:
        """Every index of that place, the single-field ones of these fields included."""
        yield from self.composites.get(place, ())
        for path in paths:
            yield from ((Part(path, kind),) for kind, scope in sorted(self.kinds(path, place.collection_id)) if scope == place.scope)


def _need(entry: Mapping[str, Any], name: str) -> Any:
    if name not in entry:
        raise ValueError(f'"{name}" is missing in {dict(entry)}')
    return entry[name]


def _scope(entry: Mapping[str, Any]) -> str:
    scope = str(entry.get("queryScope", COLLECTION))
    if scope not in (COLLECTION, COLLECTION_GROUP):
        raise ValueError(f'"queryScope" must be {COLLECTION} or {COLLECTION_GROUP}, not "{scope}"')
    return scope


def _field(entry: Mapping[str, Any]) -> tuple[str, Path]:
    return _need(entry, "collectionGroup"), _path(_need(entry, "fieldPath"))


def _path(text: str) -> Path:
    return NAME if text == "__name__" else WILDCARD if text == "*" else parse_path(text)


def _single(entry: Mapping[str, Any]) -> tuple[str, str]:
    return _kind(entry), _scope(entry)


def _part(entry: Mapping[str, Any]) -> Part:
    path = _path(_need(entry, "fieldPath"))
    if "vectorConfig" in entry:
        return Part(path, "", int(_need(entry["vectorConfig"], "dimension")))
    return Part(path, _kind(entry))


def _kind(entry: Mapping[str, Any]) -> str:
    kind = str(entry.get("order") or entry.get("arrayConfig"))
    if kind not in (*ORDERS, CONTAINS):
        raise ValueError(f'a field of an index needs an "order" or an "arrayConfig": {dict(entry)}')
    return kind
