"""The `where` of a query as a predicate over records, with Firestore's rules for missing fields, null and NaN."""

import operator
from collections.abc import Callable, Iterator
from itertools import chain, product
from math import prod

from emulators.firestore.errors import InvalidArgument
from emulators.firestore.fields import Path, parse_path
from emulators.firestore.state import Record
from emulators.firestore.values import NAN, NULL, Key, Rank, key_of
from emulators.firestore.wire import Pb, Query

Predicate = Callable[[Record], bool]
Operator = tuple[str, int]
"""The kind of a filter and the operator within it."""
FieldOp = Query.FieldFilter
UnaryOp = Query.UnaryFilter
MOST_DISJUNCTIONS = 30
MOST_NOT_IN = 10


def compile_filter(where: Pb) -> Predicate:
    """Raises InvalidArgument for what the service refuses."""
    kind = where.WhichOneof("filter_type")
    if kind == "field_filter":
        return _field_predicate(where.field_filter)
    if kind == "unary_filter":
        return _unary_predicate(where.unary_filter)
    if kind == "composite_filter":
        return _composite_predicate(where.composite_filter)
    return lambda _: True


def inequality_fields(where: Pb) -> frozenset[Path]:
    """The fields a query is implicitly ordered by."""
    return frozenset(path for path, op in operators(where) if op in INEQUALITIES)


def operator_of(where: Pb) -> tuple[Path, Operator] | None:
    """Field and operator of a filter that is not made of others; None where nothing is filtered."""
    kind = where.WhichOneof("filter_type")
    if kind is None:
        return None
    single = getattr(where, kind)
    hollow = kind == "field_filter" and _finds_nothing(single)
    return parse_path(single.field.field_path), (kind, FieldOp.EQUAL if hollow else single.op)


def operators(where: Pb) -> Iterator[tuple[Path, Operator]]:
    """Field and operator of every filter a `where` is made of."""
    if where.WhichOneof("filter_type") == "composite_filter":
        for part in where.composite_filter.filters:
            yield from operators(part)
    elif (found := operator_of(where)) is not None:
        yield found


def alternatives(where: Pb) -> Iterator[tuple[Pb, ...]]:
    """The conjunctions of single filters that a `where` comes to once every OR is multiplied out."""
    if where.WhichOneof("filter_type") != "composite_filter":
        yield (where,)
    elif where.composite_filter.op == Query.CompositeFilter.OR:
        for part in where.composite_filter.filters:
            yield from alternatives(part)
    else:
        for combination in product(*(tuple(alternatives(part)) for part in where.composite_filter.filters)):
            yield tuple(chain.from_iterable(combination))


def disjunctions(where: Pb) -> int:
    """How many there are when IN and ARRAY_CONTAINS_ANY are multiplied out as well."""
    kind = where.WhichOneof("filter_type")
    if kind == "composite_filter":
        counts = [disjunctions(part) for part in where.composite_filter.filters]
        return sum(counts) if where.composite_filter.op == Query.CompositeFilter.OR else prod(counts)
    listed = kind == "field_filter" and where.field_filter.op in (FieldOp.IN, FieldOp.ARRAY_CONTAINS_ANY)
    return max(1, len(where.field_filter.value.array_value.values)) if listed else 1


EQUALITIES = {
    ("field_filter", FieldOp.EQUAL),
    ("field_filter", FieldOp.IN),
    ("unary_filter", UnaryOp.IS_NULL),
    ("unary_filter", UnaryOp.IS_NAN),
}
MEMBERSHIPS = {("field_filter", FieldOp.ARRAY_CONTAINS), ("field_filter", FieldOp.ARRAY_CONTAINS_ANY)}


NEGATIONS = {
    ("field_filter", FieldOp.NOT_EQUAL),
    ("field_filter", FieldOp.NOT_IN),
    ("unary_filter", UnaryOp.IS_NOT_NAN),
    ("unary_filter", UnaryOp.IS_NOT_NULL),
}
INEQUALITIES = {
    ("field_filter", FieldOp.LESS_THAN),
    ("field_filter", FieldOp.LESS_THAN_OR_EQUAL),
    ("field_filter", FieldOp.GREATER_THAN),
    ("field_filter", FieldOp.GREATER_THAN_OR_EQUAL),
    ("field_filter", FieldOp.NOT_EQUAL),
    ("field_filter", FieldOp.NOT_IN),
    ("unary_filter", UnaryOp.IS_NOT_NAN),
    ("unary_filter", UnaryOp.IS_NOT_NULL),
}


def _composite_predicate(composite: Pb) -> Predicate:
    parts = [compile_filter(part) for part in composite.filters]
    if composite.op == Query.CompositeFilter.AND:
        return lambda record: all(part(record) for part in parts)
    if composite.op == Query.CompositeFilter.OR:
        return lambda record: any(part(record) for part in parts)
    raise InvalidArgument("Unsupported CompositeFilter operator.")


def _unary_predicate(unary: Pb) -> Predicate:
    path = parse_path(unary.field.field_path)
    if unary.op not in _UNARY:
        raise InvalidArgument("Unknown UnaryFilter operator.")
    return _on_key(path, _UNARY[unary.op])


def _field_predicate(field: Pb) -> Predicate:
    path = parse_path(field.field.field_path)
    if _finds_nothing(field):
        return lambda _: False
    if field.op in _COMPARISONS:
        return _on_key(path, _comparison(_COMPARISONS[field.op], key_of(field.value)))
    if field.op in _EXACT:
        return _on_key(path, _EXACT[field.op](key_of(field.value)))
    if field.op in _LISTS:
        return _on_key(path, _LISTS[field.op](_operands(field)))
    raise InvalidArgument("Unknown FieldFilter operator.")


def _finds_nothing(field: Pb) -> bool:
    """Null and NaN are asked for by unary filters; compared with, they find nothing, except what differs from NaN."""
    if field.op in _LISTS or field.op == FieldOp.ARRAY_CONTAINS:
        return False
    operand = key_of(field.value)
    return operand == NULL or (operand == NAN and field.op != FieldOp.NOT_EQUAL)


def _on_key(path: Path, test: Callable[[Key], bool]) -> Predicate:
    """A filter never matches a document without the field."""

    def predicate(record: Record) -> bool:
        key = record.key(path)
        return key is not None and test(key)

    return predicate


def _comparison(compare: Callable[[Key, Key], bool], operand: Key) -> Callable[[Key], bool]:
    """Ranges stay within the operand's type."""
    return lambda key: key[0] == operand[0] and compare(key, operand)


def _operands(field: Pb) -> set[Key]:
    values = field.value.array_value.values
    name = FieldOp.Operator.Name(field.op)
    if not field.value.HasField("array_value"):
        raise InvalidArgument(f"'{name}' requires an ArrayValue.")
    if not values:
        raise InvalidArgument(f"'{name}' requires a non-empty ArrayValue.")
    most = MOST_NOT_IN if field.op == FieldOp.NOT_IN else MOST_DISJUNCTIONS
    if len(values) > most:
        raise InvalidArgument(f"'{name}' supports up to {most} comparison values.")
    return {key_of(value) for value in values}


def _equal(operand: Key) -> Callable[[Key], bool]:
    return lambda key: key == operand


def _not_equal(operand: Key) -> Callable[[Key], bool]:
    """NaN differs from everything, itself included."""
    return lambda key: key != NULL and (key != operand or operand == NAN)


def _contains(operand: Key) -> Callable[[Key], bool]:
    return _contains_any({operand})


def _contains_any(operands: set[Key]) -> Callable[[Key], bool]:
    wanted = operands - {NULL, NAN}
    return lambda key: key[0] == Rank.ARRAY and not wanted.isdisjoint(key[1])


def _in(operands: set[Key]) -> Callable[[Key], bool]:
    wanted = operands - {NULL, NAN}
    return lambda key: key in wanted


def _not_in(operands: set[Key]) -> Callable[[Key], bool]:
    unwanted = operands | {NULL}
    return lambda key: NULL not in operands and key not in unwanted


_COMPARISONS: dict[int, Callable[[Key, Key], bool]] = {
    FieldOp.LESS_THAN: operator.lt,
    FieldOp.LESS_THAN_OR_EQUAL: operator.le,
    FieldOp.GREATER_THAN: operator.gt,
    FieldOp.GREATER_THAN_OR_EQUAL: operator.ge,
}
_EXACT: dict[int, Callable[[Key], Callable[[Key], bool]]] = {
    FieldOp.EQUAL: _equal,
    FieldOp.NOT_EQUAL: _not_equal,
    FieldOp.ARRAY_CONTAINS: _contains,
}
_LISTS: dict[int, Callable[[set[Key]], Callable[[Key], bool]]] = {
    FieldOp.IN: _in,
    FieldOp.NOT_IN: _not_in,
    FieldOp.ARRAY_CONTAINS_ANY: _contains_any,
}
_UNARY: dict[int, Callable[[Key], bool]] = {
    UnaryOp.IS_NULL: lambda key: key == NULL,
    UnaryOp.IS_NAN: lambda key: key == NAN,
    UnaryOp.IS_NOT_NULL: lambda key: key != NULL,
    UnaryOp.IS_NOT_NAN: lambda key: key not in (NAN, NULL),
}
