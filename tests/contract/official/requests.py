"""Random documents, writes and queries as raw requests: small alphabets, so that values meet."""

import math
from typing import Any

from google.cloud.firestore_v1.types import (
    CommitRequest,
    RunAggregationQueryRequest,
    RunQueryRequest,
)
from hypothesis import strategies as st

FIELDS = ["x", "y", "m.a", "m.b"]
IDS = ["a", "b", "c", "1", "é"]
COLLECTIONS = ["c", "d", "c/a/c", "c/b/d"]
UP, DOWN = "ASCENDING", "DESCENDING"


def _double(number: float) -> dict[str, Any]:
    return {"double_value": number}


def _vector(*numbers: float) -> dict[str, Any]:
    kind, values = {"string_value": "__vector__"}, {"array_value": {"values": [_double(number) for number in numbers]}}
    return {"map_value": {"fields": {"__type__": kind, "value": values}}}


NULL, NAN = {"null_value": 0}, _double(math.nan)
NUMBERS = [
    NAN,
    *({"integer_value": number} for number in (-1, 0, 1, 2, 2**53, 2**53 + 1, 2**63 - 1)),
    *(_double(number) for number in (-math.inf, -0.0, 0.5, 1.0, 2.0**53, math.inf)),
]
SCALARS = st.sampled_from(
    [
        NULL,
        {"boolean_value": False},
        {"boolean_value": True},
        *NUMBERS,
        {"timestamp_value": {"seconds": 1, "nanos": 5000}},
        {"timestamp_value": {"seconds": 1}},
        *({"string_value": text} for text in ("", "a", "b", "é", "\U0001f600", "\uffee")),
        {"bytes_value": b""},
        {"bytes_value": b"\xff"},
        {"geo_point_value": {"latitude": 1, "longitude": -1}},
        {"geo_point_value": {"latitude": 1, "longitude": 2}},
    ]
)
ARRAYS = st.lists(SCALARS, max_size=3).map(lambda values: {"array_value": {"values": values}})
MAPS = st.dictionaries(st.sampled_from(["a", "b"]), st.one_of(SCALARS, ARRAYS), max_size=2).map(
    lambda held: {"map_value": {"fields": held}}
)
VECTORS = st.sampled_from([_vector(1.0), _vector(2.0), _vector(1.0, 2.0)])
VALUES = st.one_of(SCALARS, SCALARS, ARRAYS, MAPS, VECTORS)
DATA = st.dictionaries(st.sampled_from(["x", "y", "m", "n"]), VALUES, max_size=4)


def references(root: str) -> st.SearchStrategy[dict[str, Any]]:
    return paths().map(lambda path: {"reference_value": f"{root}/{path}"})


def paths() -> st.SearchStrategy[str]:
    return st.builds("{}/{}".format, st.sampled_from(COLLECTIONS), st.sampled_from(IDS))


FIELD_PATHS = st.sampled_from(["x", "y", "m", "m.a", "n.b", "q"])
CONDITIONS = st.sampled_from([None] * 20 + [{"exists": True}, {"exists": False}, {"update_time": {"seconds": 1}}])
NUMERIC = st.sampled_from(["increment", "maximum", "minimum"])
TRANSFORMS = st.one_of(
    st.builds(lambda operator, value: {operator: value}, NUMERIC, st.sampled_from(NUMBERS)),
    st.builds(lambda operator, value: {operator: value}, NUMERIC, st.sampled_from([*NUMBERS] * 5 + [NULL])),
    st.builds(
        lambda operator, values: {operator: {"values": values}},
        st.sampled_from(["append_missing_elements", "remove_all_from_array"]),
        st.lists(SCALARS, max_size=3),
    ),
)


@st.composite
def writes(draw: st.DrawFn, root: str) -> dict[str, Any]:
    name, kind = f"{root}/{draw(paths())}", draw(st.sampled_from(["set", "set", "merge", "update", "delete", "transform"]))
    condition = draw(CONDITIONS)
    known = {"current_document": condition} if condition else {}
    if kind == "delete":
        return {"delete": name, **known}
    transforms = draw(st.lists(st.builds(lambda path, one: {"field_path": path, **one}, FIELD_PATHS, TRANSFORMS), max_size=2))
    if kind == "transform":
        return {"transform": {"document": name, "field_transforms": transforms}, **known}
    write = {"update": {"name": name, "fields": draw(DATA)}, "update_transforms": transforms, **known}
    return write if kind == "set" else write | {"update_mask": {"field_paths": draw(st.lists(FIELD_PATHS, max_size=3, unique=True))}}


def _target(write: dict[str, Any]) -> str:
    return write.get("delete") or write.get("transform", {}).get("document") or write["update"]["name"]


def commits(root: str) -> st.SearchStrategy[Any]:
    database = root.removesuffix("/documents")
    several = st.lists(writes(root), min_size=1, max_size=4, unique_by=_target)
    return several.map(lambda given: CommitRequest.pb(CommitRequest(database=database, writes=given)))


SINGLE = ["LESS_THAN", "LESS_THAN_OR_EQUAL", "GREATER_THAN", "GREATER_THAN_OR_EQUAL", "EQUAL", "EQUAL", "NOT_EQUAL", "ARRAY_CONTAINS"]
LISTS = ["IN", "IN", "NOT_IN", "ARRAY_CONTAINS_ANY"]
UNARIES = ["IS_NULL", "IS_NAN", "IS_NOT_NULL", "IS_NOT_NAN"]


def _field_filter(path: str, operator: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"field_filter": {"field": {"field_path": path}, "op": operator, "value": value}}


def _named(root: str) -> st.SearchStrategy[dict[str, Any]]:
    one = st.builds(_field_filter, st.just("__name__"), st.sampled_from(SINGLE), references(root))
    several = st.lists(references(root), max_size=2).map(lambda values: {"array_value": {"values": values}})
    return st.one_of(one, st.builds(_field_filter, st.just("__name__"), st.sampled_from(LISTS), several))


def filters(root: str) -> st.SearchStrategy[dict[str, Any]]:
    path = st.sampled_from(FIELDS)
    listed = st.lists(st.one_of(SCALARS, references(root), MAPS), max_size=4).map(lambda values: {"array_value": {"values": values}})
    alone = st.one_of(
        st.builds(_field_filter, path, st.sampled_from(SINGLE), st.one_of(VALUES, references(root))),
        st.builds(_field_filter, path, st.sampled_from(SINGLE), SCALARS),
        st.builds(_field_filter, path, st.sampled_from(LISTS), listed),
        st.builds(lambda path, op: {"unary_filter": {"field": {"field_path": path}, "op": op}}, path, st.sampled_from(UNARIES)),
        _named(root),
    )

    def combined(part: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        several = st.lists(part, min_size=1, max_size=3)
        return st.builds(lambda op, given: {"composite_filter": {"op": op, "filters": given}}, st.sampled_from(["AND", "OR"]), several)

    return st.recursive(alone, combined, max_leaves=4)


@st.composite
def structured(draw: st.DrawFn, root: str) -> tuple[str, dict[str, Any]]:
    """A parent and a query below it."""
    parent = draw(st.sampled_from([root, root, root, f"{root}/c/a"]))
    query: dict[str, Any] = {"from_": [{"collection_id": draw(st.sampled_from(["c", "c", "d"])), "all_descendants": draw(st.booleans())}]}
    if draw(st.integers(0, 3)):
        query["where"] = draw(filters(root))
    path = st.sampled_from([*FIELDS, "__name__"])
    orders = draw(st.lists(st.tuples(path, st.sampled_from([UP, DOWN])), max_size=2, unique_by=lambda order: order[0]))
    query["order_by"] = [{"field": {"field_path": name}, "direction": direction} for name, direction in orders]
    for side in ("start_at", "end_at"):
        if orders and not draw(st.integers(0, 3)):
            values = [draw(references(root) if name == "__name__" else st.one_of(SCALARS, VALUES)) for name, _ in orders]
            query[side] = {"values": values[: draw(st.integers(1, len(values)))], "before": draw(st.booleans())}
    if not draw(st.integers(0, 2)):
        query["limit"] = draw(st.integers(0, 3))
    if not draw(st.integers(0, 4)):
        query["offset"] = draw(st.integers(0, 2))
    return parent, query


@st.composite
def queries(draw: st.DrawFn, root: str) -> Any:
    parent, query = draw(structured(root))
    if not draw(st.integers(0, 3)):
        chosen = draw(st.lists(st.sampled_from([*FIELDS, "__name__", "m"]), max_size=2, unique=True))
        query["select"] = {"fields": [{"field_path": name} for name in chosen]}
    return RunQueryRequest.pb(RunQueryRequest(parent=parent, structured_query=query))


AGGREGATIONS = st.lists(
    st.one_of(
        st.just({"count": {}}),
        st.integers(1, 3).map(lambda most: {"count": {"up_to": most}}),
        st.builds(
            lambda operator, name: {operator: {"field": {"field_path": name}}}, st.sampled_from(["sum", "avg"]), st.sampled_from(FIELDS)
        ),
    ),
    min_size=1,
    max_size=3,
)


@st.composite
def aggregations(draw: st.DrawFn, root: str) -> Any:
    parent, query = draw(structured(root))
    asked = [one | {"alias": f"n{number}"} for number, one in enumerate(draw(AGGREGATIONS))]
    inner = {"structured_query": query, "aggregations": asked}
    return RunAggregationQueryRequest.pb(RunAggregationQueryRequest(parent=parent, structured_aggregation_query=inner))
