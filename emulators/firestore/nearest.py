"""Exact nearest-neighbour search over vector fields, for queries with `find_nearest`."""

import math
from collections.abc import Callable, Iterable
from operator import mul

from emulators.firestore.errors import InvalidArgument
from emulators.firestore.fields import parse_path, place
from emulators.firestore.state import Record
from emulators.firestore.values import Rank, key_of
from emulators.firestore.wire import Document, Pb, Query, Value

Vector = tuple[float, ...]
Measure = Query.FindNearest
LARGEST_LIMIT = 1000


def nearest(records: Iterable[Record], wanted: Pb) -> list[Record]:
    """The closest records first; those without a vector of the same dimension do not take part."""
    query = key_of(wanted.query_vector)
    if query[0] != Rank.VECTOR or wanted.distance_measure not in _MEASURES:
        raise InvalidArgument("FindNearest needs a query vector and a distance measure.")
    if not 0 < wanted.limit.value <= LARGEST_LIMIT:
        raise InvalidArgument(f"FindNearest limit must be between 1 and {LARGEST_LIMIT}.")
    path = parse_path(wanted.vector_field.field_path)
    candidates = ((record, record.key(path)) for record in records)
    same = [(record, key[2]) for record, key in candidates if key and key[:2] == query[:2]]
    scored = [(_MEASURES[wanted.distance_measure](vector, query[2]), record) for record, vector in same]
    kept = [(distance, record) for distance, record in scored if _within(distance, wanted)]
    kept.sort(key=lambda pair: pair[0], reverse=wanted.distance_measure == Measure.DOT_PRODUCT)
    return [_with_distance(record, distance, wanted.distance_result_field) for distance, record in kept[: wanted.limit.value]]


def _within(distance: float, wanted: Pb) -> bool:
    if not wanted.HasField("distance_threshold"):
        return True
    threshold: float = wanted.distance_threshold.value
    return distance >= threshold if wanted.distance_measure == Measure.DOT_PRODUCT else distance <= threshold


def _with_distance(record: Record, distance: float, field: str) -> Record:
    if not field:
        return record
    document = Document()
    document.CopyFrom(record.document)
    place(document.fields, parse_path(field), Value(double_value=distance))
    return Record(document)


def _dot(left: Vector, right: Vector) -> float:
    return math.fsum(map(mul, left, right))


def _cosine(left: Vector, right: Vector) -> float:
    lengths = math.hypot(*left) * math.hypot(*right)
    return 1.0 - _dot(left, right) / lengths if lengths else 1.0


_MEASURES: dict[int, Callable[[Vector, Vector], float]] = {
    Measure.EUCLIDEAN: math.dist,
    Measure.COSINE: _cosine,
    Measure.DOT_PRODUCT: _dot,
}
