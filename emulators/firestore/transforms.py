"""Field transforms: server timestamp, increment, maximum, minimum, array union and removal, applied to a document's fields."""

import math
from collections.abc import Callable

from emulators.firestore.errors import InvalidArgument
from emulators.firestore.fields import lookup, parse_path, place
from emulators.firestore.values import key_of, number_of, number_value
from emulators.firestore.wire import Pb, Value, timestamp_of

LARGEST_INTEGER = 2**63 - 1
SMALLEST_INTEGER = -(2**63)
NOTHING = Value(null_value=0)
NUMERIC = ("increment", "maximum", "minimum")
Number = int | float
Transform = Callable[[Pb | None, Pb], Pb]
"""(current value, operand) → new value"""


def apply_transforms(fields: Pb, transforms: Pb, now_us: int) -> list[Pb]:
    """Changes `fields` in place, in order; answers one result per transform."""
    return [_apply(fields, transform, now_us) for transform in transforms]


def check_transforms(transforms: Pb) -> None:
    """Raises InvalidArgument for what no document could be transformed by."""
    paths = []
    for transform in transforms:
        kind = transform.WhichOneof("transform_type")
        if kind is None:
            raise InvalidArgument("A field transform must say what to do.")
        if kind in NUMERIC and number_of(getattr(transform, kind)) is None:
            raise InvalidArgument("Input must be int64 or double.")
        paths.append(parse_path(transform.field_path))
    for path in paths:
        if any(path != other and path == other[: len(path)] for other in paths):
            raise InvalidArgument(f"Cannot transform property {'.'.join(path)} and its nested property at the same time.")


def _apply(fields: Pb, transform: Pb, now_us: int) -> Pb:
    kind = transform.WhichOneof("transform_type")
    path = parse_path(transform.field_path)
    if kind == "set_to_server_value":
        new = Value(timestamp_value=timestamp_of(now_us - now_us % 1000))
    else:
        new = _TRANSFORMS[kind](lookup(fields, path), getattr(transform, kind))
    place(fields, path, new)
    return NOTHING if kind in ("append_missing_elements", "remove_all_from_array") else new


def _numeric(pick: Callable[[Number, Number], Number]) -> Transform:
    """A field that holds no number takes the operand as it is."""

    def transformed(current: Pb | None, operand: Pb) -> Pb:
        given, stored = number_of(operand), None if current is None else number_of(current)
        return operand if stored is None or given is None else number_value(pick(stored, given))

    return transformed


def _sum(stored: Number, given: Number) -> Number:
    total = stored + given
    return min(max(total, SMALLEST_INTEGER), LARGEST_INTEGER) if isinstance(total, int) else total


def _largest(stored: Number, given: Number) -> Number:
    return math.nan if math.isnan(stored) or math.isnan(given) else max(stored, given)


def _smallest(stored: Number, given: Number) -> Number:
    return math.nan if math.isnan(stored) or math.isnan(given) else min(stored, given)


def _union(current: Pb | None, operand: Pb) -> Pb:
    array = _as_array(current)
    present = {key_of(item) for item in array.array_value.values}
    for item in operand.values:
        if key_of(item) not in present:
            present.add(key_of(item))
            array.array_value.values.append(item)
    return array


def _removal(current: Pb | None, operand: Pb) -> Pb:
    unwanted = {key_of(item) for item in operand.values}
    kept = [item for item in _as_array(current).array_value.values if key_of(item) not in unwanted]
    return Value(array_value={"values": kept})


def _as_array(current: Pb | None) -> Pb:
    array = Value()
    array.array_value.SetInParent()
    if current is not None and current.WhichOneof("value_type") == "array_value":
        array.CopyFrom(current)
    return array


_TRANSFORMS: dict[str, Transform] = {
    "increment": _numeric(_sum),
    "maximum": _numeric(_largest),
    "minimum": _numeric(_smallest),
    "append_missing_elements": _union,
    "remove_all_from_array": _removal,
}
