"""Firestore's order over values of every type, as Python tuples that compare and hash alike; queries and transforms use it.

https://firebase.google.com/docs/firestore/manage-data/data-types#value_type_ordering
"""

import math
from collections.abc import Callable
from enum import IntEnum
from typing import Any

from emulators.firestore.names import NUMERIC_ID, ROOT
from emulators.firestore.wire import Pb, Value

Key = tuple[Any, ...]


class Rank(IntEnum):
    NULL = 0
    BOOLEAN = 1
    NUMBER = 2
    TIMESTAMP = 3
    STRING = 4
    BYTES = 5
    REFERENCE = 6
    GEO_POINT = 7
    ARRAY = 8
    VECTOR = 9
    MAP = 10


NULL: Key = (Rank.NULL,)
NAN: Key = (Rank.NUMBER, 0)


def key_of(value: Pb) -> Key:
    """`key_of(a) < key_of(b)` exactly when Firestore sorts a before b; equal keys are equal values (3 and 3.0 are)."""
    kind = value.WhichOneof("value_type")
    return NULL if kind is None else _KEYS[kind](value)


def reference_key(name: str) -> Key:
    """Documents sort by database, then segment by segment in UTF-8; numeric ids (`__id7__`) come first."""
    root = ROOT.match(name)
    base = root.group() if root else ""
    return (Rank.REFERENCE, base, *(_segment_key(segment) for segment in name[len(base) :].lstrip("/").split("/")))


def is_vector(value: Pb) -> bool:
    """Vectors travel as maps that say so."""
    if value.WhichOneof("value_type") != "map_value":
        return False
    fields = value.map_value.fields
    return "__type__" in fields and fields["__type__"].string_value == "__vector__" and "value" in fields


def number_of(value: Pb) -> int | float | None:
    """The number a value holds; None for every other type."""
    kind = value.WhichOneof("value_type")
    if kind == "integer_value":
        return int(value.integer_value)
    return float(value.double_value) if kind == "double_value" else None


def number_value(number: int | float) -> Pb:
    return Value(integer_value=number) if isinstance(number, int) else Value(double_value=number)


def _number_key(number: int | float) -> Key:
    return NAN if math.isnan(number) else (Rank.NUMBER, 1, number)


def _segment_key(segment: str) -> Key:
    numeric = NUMERIC_ID.fullmatch(segment)
    return (0, int(numeric.group(1))) if numeric else (1, segment.encode())


def _map_key(value: Pb) -> Key:
    fields = value.map_value.fields
    if is_vector(value):
        numbers = tuple(number_of(item) or 0.0 for item in fields["value"].array_value.values)
        return (Rank.VECTOR, len(numbers), numbers)
    return (Rank.MAP, tuple(sorted((name.encode(), key_of(fields[name])) for name in fields)))


_KEYS: dict[str, Callable[[Pb], Key]] = {
    "null_value": lambda _: NULL,
    "boolean_value": lambda value: (Rank.BOOLEAN, value.boolean_value),
    "integer_value": lambda value: (Rank.NUMBER, 1, value.integer_value),
    "double_value": lambda value: _number_key(value.double_value),
    "timestamp_value": lambda value: (Rank.TIMESTAMP, value.timestamp_value.seconds, value.timestamp_value.nanos),
    "string_value": lambda value: (Rank.STRING, value.string_value.encode()),
    "bytes_value": lambda value: (Rank.BYTES, value.bytes_value),
    "reference_value": lambda value: reference_key(value.reference_value),
    "geo_point_value": lambda value: (Rank.GEO_POINT, value.geo_point_value.latitude, value.geo_point_value.longitude),
    "array_value": lambda value: (Rank.ARRAY, tuple(key_of(item) for item in value.array_value.values)),
    "map_value": _map_key,
}
