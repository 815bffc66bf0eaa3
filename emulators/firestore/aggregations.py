"""count, sum and avg over the records a query finds."""

from collections.abc import Sequence

from emulators.firestore.errors import InvalidArgument
from emulators.firestore.fields import Path, lookup, parse_path
from emulators.firestore.names import RESERVED
from emulators.firestore.state import Record
from emulators.firestore.transforms import LARGEST_INTEGER, NOTHING, SMALLEST_INTEGER
from emulators.firestore.values import number_of, number_value
from emulators.firestore.wire import Pb, Value

MOST = 5


def fields_of(aggregations: Pb) -> list[Path]:
    """What is summed or averaged: documents that lack one of these fields are not counted either."""
    return [_field(aggregation) for aggregation in aggregations if aggregation.WhichOneof("operator") in ("sum", "avg")]


def aggregated(records: Sequence[Record], aggregations: Pb) -> dict[str, Pb]:
    """Values by alias."""
    if not aggregations:
        raise InvalidArgument("Aggregations can not be empty.")
    if len(aggregations) > MOST:
        raise InvalidArgument(f"The maximum number of aggregations allowed in an aggregation query is {MOST}.")
    for aggregation in aggregations:
        _check(aggregation)
    aliases = [aggregation.alias or f"field_{number}" for number, aggregation in enumerate(aggregations, start=1)]
    if len(set(aliases)) < len(aliases):
        raise InvalidArgument("Aggregation aliases contain duplicate alias.")
    return {alias: _value(records, aggregation) for alias, aggregation in zip(aliases, aggregations, strict=True)}


def _field(aggregation: Pb) -> Path:
    return parse_path(getattr(aggregation, aggregation.WhichOneof("operator")).field.field_path)


def _check(aggregation: Pb) -> None:
    if aggregation.WhichOneof("operator") is None:
        raise InvalidArgument("Operator field in Aggregation is not set.")
    if aggregation.count.up_to.value < 0:
        raise InvalidArgument("The `up_to` value in a COUNT aggregation must be greater than or equal to zero.")
    if RESERVED.fullmatch(aggregation.alias):
        raise InvalidArgument(f'The property.name "{aggregation.alias}" is reserved.')


def _value(records: Sequence[Record], aggregation: Pb) -> Pb:
    kind = aggregation.WhichOneof("operator")
    if kind == "count":
        most = aggregation.count.up_to.value if aggregation.count.HasField("up_to") else len(records)
        return Value(integer_value=min(len(records), most))
    numbers = _numbers(records, _field(aggregation))
    return number_value(_sum(numbers)) if kind == "sum" else _average(numbers)


def _numbers(records: Sequence[Record], path: Path) -> list[int | float]:
    values = (lookup(record.document.fields, path) for record in records)
    numbers = (number_of(value) for value in values if value is not None)
    return [number for number in numbers if number is not None]


def _sum(numbers: list[int | float]) -> int | float:
    total = sum(numbers)
    return total if SMALLEST_INTEGER <= total <= LARGEST_INTEGER or isinstance(total, float) else float(total)


def _average(numbers: list[int | float]) -> Pb:
    return Value(double_value=sum(numbers) / len(numbers)) if numbers else NOTHING
