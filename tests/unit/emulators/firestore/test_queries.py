"""Random queries over random documents, against a filter in plain Python that knows the documented rules and nothing of the engine."""

import math
from functools import cmp_to_key
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.firestore.errors import InvalidArgument
from emulators.firestore.responses import Engine
from tests.unit.emulators.firestore.building import ROOT, StillClock, commit, fields, found_ids, listing, listing_collections, setting

NAN = math.nan
SCALARS = st.sampled_from([None, False, True, NAN, -1, 0, 0.0, 0.5, 1, 1.0, 2, "", "a", "b", "é"])
VALUES = st.one_of(SCALARS, st.lists(SCALARS, max_size=2))
NAMES = ["x", "y"]
DOCUMENTS = st.lists(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=2), max_size=8)
LISTS = {"IN", "NOT_IN", "ARRAY_CONTAINS_ANY"}
RANGES = {"LESS_THAN": (-1,), "LESS_THAN_OR_EQUAL": (-1, 0), "GREATER_THAN": (1,), "GREATER_THAN_OR_EQUAL": (0, 1)}
UNARIES = ["IS_NULL", "IS_NAN", "IS_NOT_NULL", "IS_NOT_NAN"]
INEQUALITIES = {*RANGES, "NOT_EQUAL", "NOT_IN", "IS_NOT_NULL", "IS_NOT_NAN"}
SINGLES = st.sampled_from([*RANGES, "EQUAL", "NOT_EQUAL", "ARRAY_CONTAINS"])
FILTERS = st.one_of(
    st.tuples(st.sampled_from(NAMES), SINGLES, VALUES),
    st.tuples(st.sampled_from(NAMES), st.sampled_from(sorted(LISTS)), st.lists(SCALARS, min_size=1, max_size=3)),
    st.tuples(st.sampled_from(NAMES), st.sampled_from(UNARIES), st.none()),
)
ORDERS = st.lists(st.tuples(st.sampled_from(NAMES), st.booleans()), max_size=2, unique_by=lambda order: order[0])
ABSENT = object()


def kind_of(value: Any) -> int:
    if isinstance(value, bool):
        return 1
    return next(rank for rank, kind in enumerate([type(None), bool, int | float, str, list]) if isinstance(value, kind))


def compare(left: Any, right: Any) -> int:
    """-1, 0 or 1 in Firestore's order; NaN is the least number and equals itself."""
    if kind_of(left) != kind_of(right):
        return 1 if kind_of(left) > kind_of(right) else -1
    if isinstance(left, list):
        unequal = (compare(one, other) for one, other in zip(left, right, strict=False) if compare(one, other))
        return next(unequal, (len(left) > len(right)) - (len(left) < len(right)))
    if left is None:
        return 0
    if left != left or right != right:
        return (right != right) - (left != left)
    return (left > right) - (left < right)


def among(value: Any, values: list[Any]) -> bool:
    return any(compare(value, other) == 0 for other in values if other is not None and other == other)


def finds_nothing(operator: str, operand: Any) -> bool:
    """Null and NaN have filters of their own."""
    if operator in UNARIES or operator in LISTS or operator == "ARRAY_CONTAINS":
        return False
    return operand is None or (operand != operand and operator != "NOT_EQUAL")


def refused(filters: list[Any], either: bool) -> bool:
    """What the service does not combine."""
    used = [operator for _, operator, _ in filters]
    negations = sum(operator in ("NOT_EQUAL", "NOT_IN", "IS_NOT_NULL", "IS_NOT_NAN") for operator in used)
    memberships = sum(operator.startswith("ARRAY_CONTAINS") for operator in used)
    beside = {"IN", "ARRAY_CONTAINS_ANY"}.intersection(used) or either
    return negations > 1 or (memberships > 1 and not either) or ("NOT_IN" in used and bool(beside))


def matches(value: Any, operator: str, operand: Any) -> bool:
    if value is ABSENT or finds_nothing(operator, operand):
        return False
    if operator in RANGES:
        return kind_of(value) == kind_of(operand) and compare(value, operand) in RANGES[operator]
    if operator in ("ARRAY_CONTAINS", "ARRAY_CONTAINS_ANY"):
        wanted = operand if operator == "ARRAY_CONTAINS_ANY" else [operand]
        return isinstance(value, list) and any(among(item, wanted) for item in value)
    return {
        "EQUAL": lambda: compare(value, operand) == 0,
        "NOT_EQUAL": lambda: value is not None and (operand != operand or compare(value, operand) != 0),
        "IN": lambda: among(value, operand),
        "NOT_IN": lambda: value is not None and None not in operand and all(compare(value, other) for other in operand),
        "IS_NULL": lambda: value is None,
        "IS_NAN": lambda: value != value,
        "IS_NOT_NULL": lambda: value is not None,
        "IS_NOT_NAN": lambda: value is not None and value == value,
    }[operator]()


def expected_ids(documents: list[dict[str, Any]], filters: list[Any], either: bool, orders: list[tuple[str, bool]]) -> list[str]:
    verdict = any if either and filters else all
    rows = [(str(number), data) for number, data in enumerate(documents)]
    rows = [row for row in rows if verdict(matches(row[1].get(name, ABSENT), operator, operand) for name, operator, operand in filters)]
    descending = orders[-1][1] if orders else False
    named = [name for name, _ in orders]
    implicit = sorted(
        {name for name, operator, operand in filters if operator in INEQUALITIES and not finds_nothing(operator, operand)} - set(named)
    )
    every = [*orders, *((name, descending) for name in implicit)]
    rows = [row for row in rows if all(name in row[1] for name, _ in every)]

    def order(left: tuple[str, dict[str, Any]], right: tuple[str, dict[str, Any]]) -> int:
        sides = [(compare(left[1][name], right[1][name]), down) for name, down in every] + [(compare(left[0], right[0]), descending)]
        return next((-side if down else side for side, down in sides if side), 0)

    return [name for name, _ in sorted(rows, key=cmp_to_key(order))]


def as_filter(name: str, operator: str, operand: Any) -> dict[str, Any]:
    if operator in UNARIES:
        return {"unary_filter": {"field": {"field_path": name}, "op": operator}}
    return {"field_filter": {"field": {"field_path": name}, "op": operator, "value": fields({"v": operand})["v"]}}


@settings(max_examples=400, deadline=None)
@given(DOCUMENTS, st.lists(FILTERS, max_size=2), st.booleans(), ORDERS, st.integers(0, 2), st.integers(0, 9))
def test_a_query_finds_what_a_naive_filter_finds_in_the_same_order(
    documents: list[dict[str, Any]], filters: list[Any], either: bool, orders: list[tuple[str, bool]], offset: int, limit: int
) -> None:
    engine = Engine(StillClock())
    if documents:
        commit(engine, *(setting(f"contacts/{number}", data) for number, data in enumerate(documents)))
    query: dict[str, Any] = {"from_": [{"collection_id": "contacts"}], "offset": offset, "limit": limit}
    query["order_by"] = [{"field": {"field_path": name}, "direction": "DESCENDING" if down else "ASCENDING"} for name, down in orders]
    if filters:
        query["where"] = {"composite_filter": {"op": "OR" if either else "AND", "filters": [as_filter(*one) for one in filters]}}
    if refused(filters, either):
        with pytest.raises(InvalidArgument):
            found_ids(engine, query)
        return
    assert found_ids(engine, query) == expected_ids(documents, filters, either, orders)[offset : offset + limit]


@settings(max_examples=200, deadline=None)
@given(DOCUMENTS, ORDERS, st.data())
def test_pages_cut_by_cursors_make_up_the_whole(
    documents: list[dict[str, Any]], orders: list[tuple[str, bool]], data: st.DataObject
) -> None:
    whole = expected_ids(documents, [], False, orders)
    engine = Engine(StillClock())
    commit(engine, *(setting(f"contacts/{number}", data) for number, data in enumerate(documents)))
    by = [{"field": {"field_path": name}, "direction": "DESCENDING" if down else "ASCENDING"} for name, down in orders]
    by.append({"field": {"field_path": "__name__"}, "direction": by[-1]["direction"] if by else "ASCENDING"})
    at = data.draw(st.integers(0, max(len(whole) - 1, 0)))
    for before in (True, False):
        cut = at if before else at + 1
        cursor = {"before": before, "values": _position(documents, whole[at], orders)} if whole else {}
        query = {"from_": [{"collection_id": "contacts"}], "order_by": by}
        assert found_ids(engine, query | {"start_at": cursor}) == (whole[cut:] if whole else [])
        assert found_ids(engine, query | {"end_at": cursor}) == (whole[:cut] if whole else [])


def _position(documents: list[dict[str, Any]], name: str, orders: list[tuple[str, bool]]) -> list[Any]:
    values = [fields({"v": documents[int(name)][field]})["v"] for field, _ in orders]
    return [*values, {"reference_value": f"{ROOT}/contacts/{name}"}]


@given(st.sets(st.sampled_from([f"{kind}/{number}" for kind in ("runs", "contacts") for number in range(6)])), st.integers(1, 4))
def test_listings_turn_pages_without_gaps_or_repeats(paths: set[str], size: int) -> None:
    engine = Engine(StillClock())
    commit(engine, *(setting(path, {}) for path in sorted(paths)))
    names, token = [], ""
    while True:
        answer = engine.list_documents(listing("runs", page_size=size, page_token=token))
        names += [document.name.removeprefix(f"{ROOT}/") for document in answer.documents]
        token = answer.next_page_token
        if not token:
            break
    assert names == sorted(path for path in paths if path.startswith("runs/"))
    assert engine.list_collection_ids(listing_collections()).collection_ids == sorted({path.partition("/")[0] for path in paths})
