"""count, sum and avg over the records a query finds."""

from collections.abc import Sequence

from emulators.firestore.errors import InvalidArgument
from emulators.firestore.fields import Path, lookup, parse_path
from emulators.firestore.state import Record
from emulators.firestore.transforms import LARGEST_INTEGER, NOTHING, SMALLEST_INTEGER
from emulators.firestore.values import number_of, number_value
from emulators.firestore.wire import Pb, Value

MOST = 5


def aggregated(records: Sequence[Record], aggregations: Pb) -> dict[str, Pb]:
    """Values by alias. Documents that lack a field which is summed or averaged are not counted either."""
    if not 0 < len(aggregations) <= MOST:
        raise InvalidArgument(f"Between 1 and {MOST} aggregations are allowed.")
    fields = [path for path in map(_field, aggregations) if path]
    counted = [record for record in records if all(lookup(record.document.fields, path) is not None for path in fields)]
    return {alias: _value(counted, aggregation) for alias, aggregation in zip(_aliases(aggregations), aggregations, strict=True)}


def _aliases(aggregations: Pb) -> list[str]:
    aliases = [aggregation.alias or f"field_{number}" for number, aggregation in enumerate(aggregations, start=1)]
    if len(set(aliases)) < len(aliases):
        raise InvalidArgument("Aggregation aliases must be unique.")
    return aliases


def _field(aggregation: Pb) -> Path | None:
    kind = aggregation.WhichOneof("operator")
    return parse_path(getattr(aggregation, kind).field.field_path) if kind in ("sum", "avg") else None


def _value(records: Sequence[Record], aggregation: Pb) -> Pb:
    kind = aggregation.WhichOneof("operator")
    if kind == "count":
        most = aggregation.count.up_to.value or len(records)
        return Value(integer_value=min(len(records), most))
    if kind is None:
        raise InvalidArgument("An aggregation must say what to compute.")
    numbers = _numbers(records, _field(aggregation) or ())
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
