"""What the service refuses before it looks at a document, told as Google's own emulator tells it."""

from typing import Any

import pytest

from emulators.firestore.errors import InvalidArgument
from emulators.firestore.responses import Engine
from tests.unit.emulators.firestore.building import ROOT, StillClock, commit, found_ids

ONE = {"integer_value": 1}
FROM = [{"collection_id": "drafts"}]
NAMED = {"reference_value": f"{ROOT}/drafts/a"}


def array(*values: Any) -> dict[str, Any]:
    return {"array_value": {"values": list(values)}}


def numbers(count: int) -> dict[str, Any]:
    return array(*({"integer_value": number} for number in range(count)))


def where(path: str, operator: str, value: Any = ONE) -> dict[str, Any]:
    return {"field_filter": {"field": {"field_path": path}, "op": operator, "value": value}}


def combined(op: str, *filters: Any) -> dict[str, Any]:
    return {"where": {"composite_filter": {"op": op, "filters": filters}}}


def by(*paths: str) -> dict[str, Any]:
    return {"order_by": [{"field": {"field_path": path}} for path in paths]}


QUERIES: list[tuple[dict[str, Any], str]] = [
    (combined("AND", where("x", "IN", numbers(6)), where("y", "IN", numbers(6))), "Result had 36 disjunctions"),
    (combined("OR", *(where("x", "EQUAL", {"integer_value": number}) for number in range(31))), "Result had 31 disjunctions"),
    (combined("AND", where("x", "ARRAY_CONTAINS"), where("y", "ARRAY_CONTAINS")), "A maximum of 1 'ARRAY_CONTAINS'"),
    (combined("AND", where("x", "ARRAY_CONTAINS", array()), where("y", "ARRAY_CONTAINS")), "A maximum of 1 'ARRAY_CONTAINS'"),
    (combined("AND", where("x", "NOT_EQUAL"), where("y", "NOT_EQUAL")), "Only a single 'NOT_EQUAL'"),
    (combined("AND", where("x", "NOT_IN", numbers(1)), where("y", "IN", numbers(1))), "'NOT_IN' cannot be used"),
    ({"where": where("x", "NOT_IN", numbers(11))}, "'NOT_IN' supports up to 10"),
    ({"where": where("x", "IN", ONE)}, "'IN' requires an ArrayValue"),
    ({"where": where("x..y", "EQUAL")}, "Invalid property path"),
    ({"where": where("first name", "EQUAL")}, "Unquoted property paths must match"),
    ({"where": where("__x__", "EQUAL")}, "Invalid reserved name in field path"),
    ({"where": where("__name__", "EQUAL")}, "__key__ filter value must be a Key"),
    ({"where": where("__name__", "EQUAL", {"reference_value": "projects/p/databases/d/documents/a/b"})}, "attempting to access another"),
    ({"where": where("__name__", "ARRAY_CONTAINS", NAMED)}, "the name __key__ is reserved"),
    (combined("AND", where("__name__", "EQUAL", NAMED), where("x", "LESS_THAN")), "Equality on key is not allowed"),
    (by("__name__", "x"), "cannot contain more fields after the key"),
    ({"where": where("x", "LESS_THAN"), **by("__name__")}, "cannot contain more fields after the key"),
    (by("x", "x"), "duplicate fields"),
    ({"start_at": {"values": [ONE]}}, "Cursor has too many values"),
    ({**by("__name__"), "start_at": {"values": [ONE]}}, "not a document reference"),
    ({"from_": [*FROM, *FROM]}, "more than one collection selector"),
    ({"from_": [{"collection_id": "__drafts__"}]}, "is reserved"),
    ({"from_": [{"collection_id": "a/b"}]}, 'contains "/"'),
    ({"limit": -1}, "limit is negative"),
    ({"offset": -1}, "offset is negative"),
]


@pytest.mark.parametrize(("query", "reason"), QUERIES)
def test_a_query_the_service_refuses_is_refused_in_its_words(query: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidArgument, match=reason):
        found_ids(Engine(StillClock()), {"from_": FROM, **query})


def test_the_same_element_sought_twice_is_sought_once() -> None:
    twice = combined("AND", where("x", "ARRAY_CONTAINS"), where("x", "ARRAY_CONTAINS_ANY", array(ONE)))
    assert found_ids(Engine(StillClock()), {"from_": FROM, **twice}) == []


def test_below_a_document_a_group_is_read_by_name_only() -> None:
    group = {"from_": [{"collection_id": "drafts", "all_descendants": True}]}
    assert found_ids(Engine(StillClock()), group, parent=f"{ROOT}/runs/1") == []
    with pytest.raises(InvalidArgument, match="only allowed at the root"):
        found_ids(Engine(StillClock()), {**group, "where": where("x", "EQUAL")}, parent=f"{ROOT}/runs/1")


def nested(depth: int) -> Any:
    value: dict[str, Any] = ONE
    for _ in range(depth):
        value = {"map_value": {"fields": {"a": value}}}
    return value


def vector(*values: Any) -> dict[str, Any]:
    return {"map_value": {"fields": {"__type__": {"string_value": "__vector__"}, "value": array(*values)}}}


VALUES: list[tuple[dict[str, Any], str]] = [
    (nested(21), "nested"),
    (array(array()), "Cannot convert an array value in an array value"),
    (array(vector({"double_value": 1.0})), "Cannot convert a vector value in an array value"),
    (vector(), "zero length vector"),
    (vector(ONE), "values of type 'double'"),
    (vector(*[{"double_value": 1.0}] * 2049), "at most 2048 dimensions"),
    ({"map_value": {"fields": {"__type__": {"string_value": "__vector__"}}}}, "missing key 'value'"),
    ({"map_value": {"fields": {"__a__": ONE}}}, "is reserved"),
    ({"map_value": {"fields": {"": ONE}}}, "empty string"),
    ({"map_value": {"fields": {"x" * 1501: ONE}}}, "longer than 1500 bytes"),
    ({"timestamp_value": {"seconds": -62_135_596_801}}, "Timestamp seconds exceeds limit"),
    ({"geo_point_value": {"latitude": 91}}, "outside permitted range"),
    ({"reference_value": "drafts/a"}, "lacks"),
    ({"string_value": "x" * 1_048_488}, "longer than 1048487 bytes"),
    ({}, "type unset"),
]


@pytest.mark.parametrize(("value", "reason"), VALUES)
def test_a_value_that_cannot_be_stored_is_refused_before_anything_is_written(value: dict[str, Any], reason: str) -> None:
    engine = Engine(StillClock())
    fine = {"update": {"name": f"{ROOT}/drafts/a", "fields": {"x": ONE}}}
    with pytest.raises(InvalidArgument, match=reason):
        commit(engine, fine, {"update": {"name": f"{ROOT}/drafts/b", "fields": {"x": value}}})
    assert found_ids(engine, {"from_": FROM}) == []


def test_maps_may_be_twenty_deep() -> None:
    commit(Engine(StillClock()), {"update": {"name": f"{ROOT}/drafts/a", "fields": {"x": nested(20)}}})
