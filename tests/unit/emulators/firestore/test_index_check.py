"""Which queries need which index, by Google's rules, and what the refusal of one names."""

import json
from typing import Any

import pytest
from google.cloud.firestore_v1.types import RunAggregationQueryRequest
from google.cloud.firestore_v1.vector import Vector

from emulators.firestore.errors import FailedPrecondition
from emulators.firestore.indexes import Indexes
from emulators.firestore.responses import Engine
from tests.unit.emulators.firestore.building import ROOT, StillClock, fields, found_ids

Clause = tuple[str, str, Any]
UP, DOWN = "ASCENDING", "DESCENDING"
OPERATORS = {
    "==": "EQUAL",
    "!=": "NOT_EQUAL",
    "<": "LESS_THAN",
    ">": "GREATER_THAN",
    "in": "IN",
    "not-in": "NOT_IN",
    "has": "ARRAY_CONTAINS",
    "has-any": "ARRAY_CONTAINS_ANY",
}


def where(name: str, operator: str, value: Any) -> dict[str, Any]:
    if value is None:
        return {"unary_filter": {"field": {"field_path": name}, "op": "IS_NULL"}}
    if name == "__name__":
        return {
            "field_filter": {"field": {"field_path": name}, "op": OPERATORS[operator], "value": {"reference_value": f"{ROOT}/drafts/x"}}
        }
    return {"field_filter": {"field": {"field_path": name}, "op": OPERATORS[operator], "value": fields({"v": value})["v"]}}


def both(*filters: dict[str, Any], op: str = "AND") -> dict[str, Any]:
    return {"composite_filter": {"op": op, "filters": filters}}


def either(*filters: dict[str, Any]) -> dict[str, Any]:
    return both(*filters, op="OR")


def query(*filters: dict[str, Any], order: str = "", group: bool = False, **more: Any) -> dict[str, Any]:
    """`order` is written `a -b`: a ascending, then b descending."""
    orders = [{"field": {"field_path": name.lstrip("-")}, "direction": DOWN if name[0] == "-" else UP} for name in order.split()]
    clauses = {"where": filters[0] if len(filters) == 1 else both(*filters)} if filters else {}
    return {"from_": [{"collection_id": "drafts", "all_descendants": group}], "order_by": orders, **clauses, **more}


def part(text: str) -> dict[str, Any]:
    """`a`, `-a` (descending), `a[]` (contains), `a*3` (vectors of three)."""
    name, _, dimension = text.partition("*")
    if dimension:
        return {"fieldPath": name, "vectorConfig": {"dimension": int(dimension), "flat": {}}}
    if name.endswith("[]"):
        return {"fieldPath": name[:-2], "arrayConfig": "CONTAINS"}
    return {"fieldPath": name.lstrip("-"), "order": DOWN if name[0] == "-" else UP}


def composite(text: str, scope: str = "COLLECTION") -> dict[str, Any]:
    return {"collectionGroup": "drafts", "queryScope": scope, "fields": [part(one) for one in text.split()]}


def override(name: str, *kinds: str, **more: Any) -> dict[str, Any]:
    """Kinds are written `+`, `-`, `[]`, with a `g` before those of the collection group."""
    listed = []
    for kind in kinds:
        of = {"arrayConfig": "CONTAINS"} if kind.endswith("[]") else {"order": DOWN if kind.endswith("-") else UP}
        listed.append(of | {"queryScope": "COLLECTION_GROUP" if kind[0] == "g" else "COLLECTION"})
    return {"collectionGroup": "drafts", "fieldPath": name, "indexes": listed, **more}


def missing(asked: dict[str, Any], *composites: Any, overrides: list[Any] | None = None) -> dict[str, Any] | None:
    """The index a refusal names; None for a query that is answered."""
    indexes = Indexes.parse({"indexes": list(composites), "fieldOverrides": overrides or []})
    try:
        found_ids(Engine(StillClock(), indexes), asked)
    except FailedPrecondition as error:
        says, _, entry = str(error).partition(".json: ")
        return json.loads(entry) if says.startswith("The query requires an index.") else {"instead": says}
    return None


SERVED_BY_ITSELF = {
    "everything": query(),
    "everything of a group": query(group=True),
    "by name": query(order="__name__"),
    "names in a range": query(where("__name__", ">", "x")),
    "one equality": query(where("a", "==", 1)),
    "one range": query(where("a", ">", 1), where("a", "<", 9)),
    "one range, its own order down": query(where("a", ">", 1), order="-a"),
    "unequal": query(where("a", "!=", 1)),
    "not in": query(where("a", "not-in", [1])),
    "null": query(where("a", "==", None)),
    "in": query(where("a", "in", [1, 2])),
    "contains": query(where("a", "has", 1)),
    "contains any": query(where("a", "has-any", [1, 2])),
    "an order": query(order="a"),
    "an order down": query(order="-a"),
    "an order and names the same way": query(order="-a -__name__"),
    "equalities are merged": query(where("a", "==", 1), where("b", "==", 2), where("c.d", "in", [3])),
    "equalities and contains are merged": query(where("a", "==", 1), where("b", "has", 2)),
    "equalities and a range of names": query(where("a", "==", 1), where("b", "==", 2), where("__name__", ">", "x")),
    "equalities by name down": query(where("a", "==", 1), where("b", "==", 2), order="-__name__"),
    "the order of what is equal anyway": query(where("a", "==", 1), order="-a"),
    "either of two equalities": query(either(where("a", "==", 1), where("b", "==", 2))),
    "either within both": query(where("c", "==", 1), either(where("a", "==", 1), where("b", "has", 2))),
}


@pytest.mark.parametrize("asked", SERVED_BY_ITSELF.values(), ids=SERVED_BY_ITSELF)
def test_single_field_indexes_serve(asked: dict[str, Any]) -> None:
    assert missing(asked) is None


NEEDS_COMPOSITE = {
    "equal, range": (query(where("a", "==", 1), where("b", ">", 2)), "a b"),
    "equal, range the other way": (query(where("b", ">", 2), where("a", "==", 1), order="-b"), "a -b"),
    "equal, unequal": (query(where("b", "!=", 2), where("a", "==", 1)), "a b"),
    "equal, order": (query(where("z", "==", 1), where("b", "==", 1), order="-c"), "b z -c"),
    "contains, order": (query(where("tags", "has", 1), where("a", "==", 1), order="c"), "tags[] a c"),
    "in, order": (query(where("a", "in", [1, 2]), order="b"), "a b"),
    "two orders": (query(order="a -b"), "a -b"),
    "two ranges": (query(where("b", ">", 1), where("a", "<", 1)), "a b"),
    "range behind another order": (query(where("b", ">", 1), order="a"), "a b"),
    "an order against the names": (query(order="-a __name__"), "-a __name__"),
    "names downwards": (query(order="-__name__"), "-__name__"),
    "contains by name down": (query(where("a", "has", 1), order="-__name__"), "a[] -__name__"),
    "an alternative's range orders the others": (query(either(where("a", ">", 1), where("b", "==", 2))), "b a"),
}


@pytest.mark.parametrize(("asked", "needed"), NEEDS_COMPOSITE.values(), ids=NEEDS_COMPOSITE)
def test_the_composite_index_that_is_missing_is_named_and_serves(asked: dict[str, Any], needed: str) -> None:
    named = missing(asked)
    assert named == composite(needed)
    assert missing(asked, named) is None
    assert missing(asked, named | {"queryScope": "COLLECTION_GROUP"}) == named
    assert missing(asked, named | {"collectionGroup": "runs"}) == named


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        (query(where("a", "==", 1), where("b", "==", 1), order="c"), "b a c"),
        (query(where("a", "==", 1), order="c"), "-a c"),
        (query(where("a", "==", 1), order="-c"), "a -c -__name__"),
        (query(where("a", "==", 1), where("a", ">", 0)), "a"),
    ],
)
def test_the_way_of_equalities_in_an_index_does_not_matter(asked: dict[str, Any], there: str) -> None:
    assert missing(asked, composite(there)) is None


@pytest.mark.parametrize("there", ["c a", "a -c", "a c d", "d a c", "a", "a c -__name__", "a[] c"])
def test_an_index_of_another_order_does_not_serve(there: str) -> None:
    asked = query(where("a", "==", 1), order="c")
    assert missing(asked, composite(there)) == composite("a c")


def test_composite_indexes_with_the_same_end_are_merged() -> None:
    asked = query(where("a", "==", 1), where("b", "==", 1), where("tags", "has", 1), order="-c")
    there = [composite("a -c"), composite("b -c"), composite("tags[] -c")]
    assert missing(asked, *there) is None
    assert missing(asked, *there[:2]) == composite("tags[] a b -c")


def test_a_group_needs_indexes_of_its_own() -> None:
    asked = query(where("a", ">", 1), group=True)
    named = missing(asked)
    assert named == override("a", "+", "[]", "-", "g+")
    assert missing(asked, overrides=[named]) is None
    assert missing(query(where("a", ">", 1)), overrides=[named]) is None


def test_equalities_of_a_group_are_merged_once_each_has_its_index() -> None:
    asked = query(where("a", "==", 1), where("b", "has", 1), group=True)
    first = missing(asked)
    assert first == override("a", "+", "[]", "-", "g+")
    second = missing(asked, overrides=[first])
    assert second == override("b", "+", "[]", "-", "g[]")
    assert missing(asked, overrides=[first, second]) is None


def test_a_composite_index_of_a_group_serves_the_group_only() -> None:
    there = composite("a b", "COLLECTION_GROUP")
    assert missing(query(where("a", "==", 1), order="b", group=True), there) is None
    assert missing(query(where("a", "==", 1), order="b"), there) == composite("a b")


def test_a_field_without_indexes_is_not_found_by() -> None:
    exempt = [override("body")]
    assert missing(query(where("body", "==", "x")), overrides=exempt) == override("body", "+")
    assert missing(query(where("body.html", "==", "x")), overrides=exempt) == override("body.html", "+")
    assert missing(query(where("subject", "==", "x")), overrides=exempt) is None
    assert missing(query(where("body.html", "==", "x")), overrides=[*exempt, override("body.html", "+")]) is None


def nearest(*filters: dict[str, Any], dimension: int = 2) -> dict[str, Any]:
    vector = fields({"v": Vector([1.0] * dimension)})["v"]
    wanted = {"vector_field": {"field_path": "v"}, "query_vector": vector, "distance_measure": "COSINE", "limit": 3}
    return query(*filters, find_nearest=wanted)


def test_nearest_neighbours_need_an_index_of_vectors_with_the_fields_they_are_filtered_by() -> None:
    assert missing(nearest()) == composite("v*2")
    assert missing(nearest(), composite("v*2")) is None
    assert missing(nearest(dimension=3), composite("v*2")) == composite("v*3")
    filtered = nearest(where("b", "==", 1), where("a", "==", 1))
    assert missing(filtered, composite("v*2")) == composite("a b v*2")
    assert missing(filtered, composite("b -a v*2")) is None


def aggregating(indexes: list[Any], asked: dict[str, Any], *operators: dict[str, Any]) -> None:
    inner = {"structured_query": asked, "aggregations": operators}
    request = RunAggregationQueryRequest.pb(RunAggregationQueryRequest(parent=ROOT, structured_aggregation_query=inner))
    Engine(StillClock(), Indexes.parse({"indexes": indexes})).run_aggregation_query(request)


SUM_B, AVERAGE_C = {"sum": {"field": {"field_path": "b"}}}, {"avg": {"field": {"field_path": "c"}}}


def test_what_is_summed_belongs_into_the_index_wherever() -> None:
    filtered = query(where("a", "==", 1))
    aggregating([], query(), SUM_B)
    aggregating([], filtered, {"count": {}})
    with pytest.raises(FailedPrecondition) as refusal:
        aggregating([], filtered, SUM_B, AVERAGE_C)
    assert json.dumps(composite("a b c")) in str(refusal.value)
    aggregating([composite("a b c")], filtered, SUM_B, AVERAGE_C)
    aggregating([composite("a -c b")], filtered, SUM_B, AVERAGE_C)


@pytest.mark.parametrize(
    "wrong",
    [
        {"indexes": [{"collectionGroup": "drafts"}]},
        {"indexes": [composite("a b") | {"queryScope": "EVERYWHERE"}]},
        {"indexes": [{"collectionGroup": "drafts", "fields": [{"fieldPath": "a"}]}]},
        {"fieldOverrides": [{"collectionGroup": "drafts", "fieldPath": "a", "ttl": True}]},
    ],
)
def test_a_file_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Indexes.parse(wrong)
