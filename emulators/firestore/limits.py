"""What a document may not be: over 1 MiB, with arrays in arrays, too deep, or with reserved names. Writes are checked here."""

from emulators.firestore.errors import InvalidArgument
from emulators.firestore.names import RESERVED, check_document_name, relative_segments
from emulators.firestore.values import is_vector
from emulators.firestore.wire import Pb

LARGEST_DOCUMENT_BYTES = 1_048_576
LARGEST_VALUE_BYTES = LARGEST_DOCUMENT_BYTES - 89
LONGEST_FIELD_NAME_BYTES = 1500
MOST_DIMENSIONS = 2048
DEEPEST = 20
EARLIEST_S, LATEST_S = -62_135_596_800, 253_402_300_799
"""The years 1 to 9999."""

SURELY_SMALL_BYTES = LARGEST_DOCUMENT_BYTES // 5
"""Firestore counts at most five bytes where the protobuf has one, so below this nothing needs to be counted."""

_SIZES = {"null_value": 1, "boolean_value": 1, "integer_value": 8, "double_value": 8, "timestamp_value": 8, "geo_point_value": 16}


def check_fields(document: Pb) -> None:
    """Raises InvalidArgument for what cannot be stored; cuts timestamps to whole microseconds as the server does."""
    _check_map(document.fields, 0)


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
        _check_field_name(name)
        _check_value(name, fields[name], depth)


def _check_field_name(name: str) -> None:
    if not name:
        raise InvalidArgument("The property.name is the empty string.")
    if RESERVED.fullmatch(name):
        raise InvalidArgument(f"field name '{name}' is reserved.")
    if len(name.encode()) > LONGEST_FIELD_NAME_BYTES:
        raise InvalidArgument(f"The property.name is longer than {LONGEST_FIELD_NAME_BYTES} bytes.")


def _check_value(name: str, value: Pb, depth: int) -> None:
    kind = value.WhichOneof("value_type")
    if kind == "array_value":
        _check_array(name, value.array_value.values, depth + 1)
    elif kind == "map_value":
        _check_map_value(value, depth + 1)
    elif kind == "timestamp_value":
        _check_timestamp(value.timestamp_value)
    elif kind == "geo_point_value":
        _check_geo_point(value.geo_point_value)
    elif kind == "reference_value":
        check_document_name(value.reference_value)
    elif kind in ("string_value", "bytes_value"):
        _check_length(name, value)
    elif kind is None:
        raise InvalidArgument("Cannot convert firestore.v1.Value with type unset.")


def _check_map_value(value: Pb, depth: int) -> None:
    fields = value.map_value.fields
    if "__type__" in fields and fields["__type__"].string_value == "__vector__":
        _check_vector(fields)
    else:
        _check_map(fields, depth)


def _check_vector(fields: Pb) -> None:
    if "value" not in fields:
        raise InvalidArgument("Vector map is missing key 'value'.")
    values = fields["value"].array_value.values
    if not values:
        raise InvalidArgument("Cannot have a zero length vector.")
    if len(values) > MOST_DIMENSIONS:
        raise InvalidArgument(f"Vectors must be at most {MOST_DIMENSIONS} dimensions.")
    if any(item.WhichOneof("value_type") != "double_value" for item in values):
        raise InvalidArgument("Vector must only contain values of type 'double'")


def _check_timestamp(timestamp: Pb) -> None:
    if not EARLIEST_S <= timestamp.seconds <= LATEST_S:
        raise InvalidArgument("Timestamp seconds exceeds limit for field.")
    timestamp.nanos -= timestamp.nanos % 1000


def _check_geo_point(point: Pb) -> None:
    for what, degrees, most in (("latitude", point.latitude, 90.0), ("longitude", point.longitude, 180.0)):
        if not -most <= degrees <= most:
            raise InvalidArgument(f"Geo point {what} '{degrees}' outside permitted range -{most} to {most}.")


def _check_length(name: str, value: Pb) -> None:
    length = len(value.string_value.encode()) if value.WhichOneof("value_type") == "string_value" else len(value.bytes_value)
    if length > LARGEST_VALUE_BYTES:
        raise InvalidArgument(f'The value of property "{name}" is longer than {LARGEST_VALUE_BYTES} bytes.')


def _check_array(name: str, values: Pb, depth: int) -> None:
    for value in values:
        if value.WhichOneof("value_type") == "array_value":
            raise InvalidArgument("Cannot convert an array value in an array value.")
        if is_vector(value):
            raise InvalidArgument("Cannot convert a vector value in an array value.")
        _check_value(name, value, depth)


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
