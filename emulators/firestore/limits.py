"""What a document may not be: over 1 MiB, with arrays in arrays, too deep, or with reserved names. Writes are checked here."""

from emulators.firestore.errors import InvalidArgument
from emulators.firestore.names import RESERVED, relative_segments
from emulators.firestore.values import is_vector
from emulators.firestore.wire import Pb

LARGEST_DOCUMENT_BYTES = 1_048_576
DEEPEST = 20
SURELY_SMALL_BYTES = LARGEST_DOCUMENT_BYTES // 5
"""Firestore counts at most five bytes where the protobuf has one, so below this nothing needs to be counted."""

_SIZES = {"null_value": 1, "boolean_value": 1, "integer_value": 8, "double_value": 8, "timestamp_value": 8, "geo_point_value": 16}


def check_fields(document: Pb) -> None:
    """Raises InvalidArgument for what cannot be stored; cuts timestamps to whole microseconds as the server does."""
    for name in document.fields:
        if RESERVED.fullmatch(name):
            raise InvalidArgument(f'Field name "{name}" is reserved.')
    _check_map(document.fields, 1)


def check_size(document: Pb) -> None:
    if document.ByteSize() < SURELY_SMALL_BYTES:
        return
    size = stored_size(document)
    if size > LARGEST_DOCUMENT_BYTES:
        raise InvalidArgument(
            f'Document "{document.name}" cannot be written because its size ({size:,} bytes) '
            f"exceeds the maximum allowed size of {LARGEST_DOCUMENT_BYTES:,} bytes."
        )


def stored_size(document: Pb) -> int:
    """Bytes as Firestore counts them: https://firebase.google.com/docs/firestore/storage-size"""
    return _name_size(document.name) + _map_size(document.fields) + 32


def _check_map(fields: Pb, depth: int) -> None:
    if depth > DEEPEST:
        raise InvalidArgument(f"Property contains more than the maximum of {DEEPEST} nested maps and arrays.")
    for name in fields:
        if not name:
            raise InvalidArgument("A field name may not be empty.")
        _check_value(fields[name], depth)


def _check_value(value: Pb, depth: int) -> None:
    kind = value.WhichOneof("value_type")
    if kind == "timestamp_value":
        value.timestamp_value.nanos -= value.timestamp_value.nanos % 1000
    elif kind == "array_value":
        _check_array(value.array_value.values, depth + 1)
    elif kind == "map_value" and not is_vector(value):
        _check_map(value.map_value.fields, depth + 1)
    elif kind is None:
        raise InvalidArgument("A value must have a type.")


def _check_array(values: Pb, depth: int) -> None:
    for value in values:
        if value.WhichOneof("value_type") == "array_value":
            raise InvalidArgument("Cannot convert an array value in an array value.")
        _check_value(value, depth)


def _name_size(name: str) -> int:
    return 16 + sum(len(segment.encode()) + 1 for segment in relative_segments(name))


def _map_size(fields: Pb) -> int:
    return sum(len(name.encode()) + 1 + _value_size(fields[name]) for name in fields)


def _value_size(value: Pb) -> int:
    kind = value.WhichOneof("value_type")
    if kind == "string_value":
        return len(value.string_value.encode()) + 1
    if kind == "bytes_value":
        return len(value.bytes_value)
    if kind == "reference_value":
        return _name_size(value.reference_value)
    if kind == "array_value":
        return sum(_value_size(item) for item in value.array_value.values)
    return _map_size(value.map_value.fields) if kind == "map_value" else _SIZES[kind]
