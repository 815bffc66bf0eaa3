"""What the service refuses of a query as a whole, before it looks at any document."""

from collections.abc import Sequence

from emulators.firestore.errors import InvalidArgument
from emulators.firestore.fields import NAME, Path, parse_path
from emulators.firestore.filters import (
    EQUALITIES,
    INEQUALITIES,
    MEMBERSHIPS,
    MOST_DISJUNCTIONS,
    NEGATIONS,
    FieldOp,
    Operator,
    alternatives,
    disjunctions,
    inequality_fields,
    operator_of,
    operators,
)
from emulators.firestore.names import RESERVED, ROOT, check_collection_id, check_parent
from emulators.firestore.values import key_of
from emulators.firestore.wire import Pb, Query

NOT_IN: Operator = ("field_filter", FieldOp.NOT_IN)
NOT_WITH_NOT_IN = {("field_filter", FieldOp.IN), ("field_filter", FieldOp.ARRAY_CONTAINS_ANY)}


def check_query(parent: str, query: Pb, aggregated: Sequence[Path]) -> None:
    """Raises InvalidArgument; `aggregated` are the fields that are summed or averaged."""
    _check_shape(parent, query)
    filters = list(operators(query.where))
    _check_combination(query.where, [operator for _, operator in filters])
    _check_disjunctions(query.where)
    _check_fields(query, filters)
    _check_names(query, filters, aggregated)
    _check_references(parent, query)
    if not ROOT.fullmatch(parent) and any(selector.all_descendants for selector in query.from_):
        _check_descendants(query, filters, aggregated)


def _check_shape(parent: str, query: Pb) -> None:
    check_parent(parent)
    if len(query.from_) > 1:
        raise InvalidArgument("StructuredQuery.from cannot have more than one collection selector.")
    for selector in query.from_:
        check_collection_id(selector.collection_id)
    for what, number in (("offset", query.offset), ("limit", query.limit.value)):
        if number < 0:
            raise InvalidArgument(f"{what} is negative")
    for cursor in (query.start_at, query.end_at):
        if len(cursor.values) > len(query.order_by):
            raise InvalidArgument("Cursor has too many values.")


def _check_disjunctions(where: Pb) -> None:
    number = disjunctions(where)
    if number > MOST_DISJUNCTIONS:
        raise InvalidArgument(
            f"Too many disjunctions after normalization. Result had {number} disjunctions "
            f"which is more than the maximum of {MOST_DISJUNCTIONS}"
        )
    for filters in alternatives(where):
        sought = [single.field_filter for single in filters if (found := operator_of(single)) and found[1] in MEMBERSHIPS]
        elements = {(one.field.field_path, key_of(value)) for one in sought for value in _sought(one)}
        if len(sought) > 1 and len(elements) > 1:  # the same filter twice is one
            raise InvalidArgument("A maximum of 1 'ARRAY_CONTAINS' filter is allowed per disjunction.")


def _sought(single: Pb) -> Sequence[Pb]:
    """The elements one of which an array must hold; ARRAY_CONTAINS may seek an array as a whole."""
    return list(single.value.array_value.values) if single.op == FieldOp.ARRAY_CONTAINS_ANY else [single.value]


def _check_fields(query: Pb, filters: Sequence[tuple[Path, Operator]]) -> None:
    ordered = [parse_path(order.field.field_path) for order in query.order_by]
    for path in [*ordered, *(path for path, _ in filters)]:
        if path != NAME and any(RESERVED.fullmatch(name) for name in path):
            raise InvalidArgument(f"Invalid reserved name in field path {'.'.join(path)}")
    if len(set(ordered)) < len(ordered):
        raise InvalidArgument("order by clause cannot contain duplicate fields")


def _check_references(parent: str, query: Pb) -> None:
    """What is compared with names must be documents of the same database."""
    root = ROOT.match(parent)
    singles = {id(single): single for filters in alternatives(query.where) for single in filters if _is_of_name(single)}
    values = [value for single in singles.values() for value in _operands(single.field_filter.value)]
    if not all(value.HasField("reference_value") for value in values):
        raise InvalidArgument("__key__ filter value must be a Key")
    if root and not all(value.reference_value.startswith(root.group() + "/") for value in values):
        raise InvalidArgument(f"The request was for database '{root.group()}' but was attempting to access another one")
    for cursor in (query.start_at, query.end_at):
        bounds = zip(query.order_by, cursor.values, strict=False)
        if not all(value.HasField("reference_value") for order, value in bounds if order.field.field_path == "__name__"):
            raise InvalidArgument("Cursor __key__ value is not a document reference.")


def _is_of_name(single: Pb) -> bool:
    return bool(single.HasField("field_filter") and single.field_filter.field.field_path == "__name__")


def _operands(value: Pb) -> Sequence[Pb]:
    return list(value.array_value.values) if value.HasField("array_value") else [value]


def _check_combination(where: Pb, used: Sequence[Operator]) -> None:
    if sum(operator in NEGATIONS for operator in used) > 1:
        raise InvalidArgument("Only a single 'NOT_EQUAL', 'NOT_IN', 'IS_NOT_NAN', or 'IS_NOT_NULL' filter allowed per query.")
    if NOT_IN in used and (NOT_WITH_NOT_IN.intersection(used) or _has_or(where)):
        raise InvalidArgument("'NOT_IN' cannot be used in the same query with 'IN', 'ARRAY_CONTAINS_ANY' or 'OR'.")


def _check_descendants(query: Pb, filters: Sequence[tuple[Path, Operator]], aggregated: Sequence[Path]) -> None:
    """Below a document, a group can only be read in the order of its names."""
    fields = {path for path, _ in filters} | {parse_path(order.field.field_path) for order in query.order_by} | set(aggregated)
    if fields - {NAME} or any(order.direction == Query.DESCENDING for order in query.order_by):
        raise InvalidArgument("collection group queries are only allowed at the root parent")


def _has_or(where: Pb) -> bool:
    composite = where.composite_filter
    return composite.op == Query.CompositeFilter.OR or any(_has_or(part) for part in composite.filters)


def _check_names(query: Pb, filters: Sequence[tuple[Path, Operator]], aggregated: Sequence[Path]) -> None:
    """Names are unique: nothing sorts behind them, and nothing else is looked at once one is given."""
    ordered = [parse_path(order.field.field_path) for order in query.order_by]
    unequal = inequality_fields(query.where) - {NAME}
    if NAME in ordered[:-1] or (NAME in ordered and unequal.difference(ordered)):
        raise InvalidArgument("order by clause cannot contain more fields after the key")
    of_name = {operator for path, operator in filters if path == NAME}
    if of_name & MEMBERSHIPS:
        raise InvalidArgument("the name __key__ is reserved")
    if of_name & EQUALITIES and unequal and not of_name & INEQUALITIES:
        raise InvalidArgument(
            "Equality on key is not allowed if there are other inequality fields and key does not appear in inequalities."
        )
    behind = sorted({path for path in aggregated if path not in ordered and path not in unequal})
    if behind and (of_name or NAME in ordered):
        fields = ", ".join(".".join(path) for path in behind)
        raise InvalidArgument(
            f"This query requires an index that has fields [{fields}] after __name__ "
            "and Firestore does not currently support such an index."
        )
