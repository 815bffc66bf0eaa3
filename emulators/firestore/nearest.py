"""Exact nearest-neighbour search over vector fields, for queries with `find_nearest`."""

import importlib
from collections.abc import Sequence
from functools import cache
from itertools import groupby
from typing import Any

from emulators.firestore.errors import InvalidArgument
from emulators.firestore.fields import parse_path, place
from emulators.firestore.names import collection_of
from emulators.firestore.state import Reading, Record
from emulators.firestore.values import is_vector, reference_key
from emulators.firestore.wire import Document, Pb, Query, Value

Measure = Query.FindNearest
LARGEST_LIMIT = 1000
MEASURES = (Measure.EUCLIDEAN, Measure.COSINE, Measure.DOT_PRODUCT)


def nearest(reading: Reading, records: Sequence[Record], wanted: Pb) -> list[Record]:
    """The closest records first, equally close ones by name; those without a vector of the same dimension do not take part."""
    if not is_vector(wanted.query_vector) or wanted.distance_measure not in MEASURES:
        raise InvalidArgument("FindNearest needs a query vector and a distance measure.")
    if not 0 < wanted.limit.value <= LARGEST_LIMIT:
        raise InvalidArgument(f"FindNearest limit must be between 1 and {LARGEST_LIMIT}.")
    vectors = _vectors()
    path, dimension = parse_path(wanted.vector_field.field_path), len(vectors.doubles(wanted.query_vector))
    scored: list[tuple[float, Record]] = []
    for collection, group in groupby(records, key=lambda record: collection_of(record.name)):
        column = reading.derived(collection, (path, dimension), lambda stored: vectors.Column(path, dimension, stored))
        scored += vectors.scored(column, list(group), wanted)
    falling = wanted.distance_measure == Measure.DOT_PRODUCT
    kept = [(distance, record) for distance, record in scored if _within(distance, wanted)]
    kept.sort(key=lambda pair: (-pair[0] if falling else pair[0], reference_key(pair[1].name)))
    return [_with_distance(record, distance, wanted.distance_result_field) for distance, record in kept[: wanted.limit.value]]


@cache
def _vectors() -> Any:
    """numpy is loaded by whoever searches for neighbours, and by nobody else."""
    return importlib.import_module("emulators.firestore.vectors")


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
