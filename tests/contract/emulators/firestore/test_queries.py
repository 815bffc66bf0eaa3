"""Queries and aggregations through the unmodified client, each against what the documentation promises."""

from collections.abc import Iterable
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import firestore
from google.cloud.firestore_v1.aggregation import AggregationQuery
from google.cloud.firestore_v1.base_query import And, FieldFilter, Or
from google.cloud.firestore_v1.base_vector_query import DistanceMeasure
from google.cloud.firestore_v1.field_path import FieldPath
from google.cloud.firestore_v1.vector import Vector

NAN = float("nan")
SCORES: dict[str, dict[str, Any]] = {
    "absent": {"tags": ["a", "b"]},
    "eight": {"score": 8, "tags": ["b", 1]},
    "half": {"score": 0.5, "stage": "open"},
    "list": {"score": [1, 8], "stage": "open"},
    "nan": {"score": NAN},
    "null": {"score": None, "tags": [None, NAN]},
    "text": {"score": "8", "stage": "won"},
    "two": {"score": 2, "stage": "won", "tags": []},
}


@pytest.fixture
def scores(client: firestore.Client) -> firestore.CollectionReference:
    collection = client.collection("contacts")
    for name, data in SCORES.items():
        collection.document(name).set(data)
    return collection


def ids(found: Iterable[firestore.DocumentSnapshot]) -> list[str]:
    return [snapshot.id for snapshot in found]


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("==", 8.0, ["eight"]),
        ("==", None, ["null"]),
        ("==", NAN, ["nan"]),
        ("==", [1, 8], ["list"]),
        ("!=", 8, ["nan", "half", "two", "text", "list"]),
        ("!=", None, ["nan", "half", "two", "eight", "text", "list"]),
        ("!=", NAN, ["half", "two", "eight", "text", "list"]),
        (">", 0.5, ["two", "eight"]),
        ("<=", 2, ["nan", "half", "two"]),
        (">=", "", ["text"]),
        ("in", [2, 8, "8", None, NAN], ["eight", "text", "two"]),
        ("in", [None], []),
        ("not-in", [2, "8"], ["nan", "half", "eight", "list"]),
        ("not-in", [2, NAN], ["half", "eight", "text", "list"]),
        ("not-in", [2, None], []),
        ("array_contains", 8, ["list"]),
        ("array_contains_any", [1, "x"], ["list"]),
    ],
)
def test_every_operator_keeps_to_its_rules(scores: firestore.CollectionReference, operator: str, value: Any, expected: list[str]) -> None:
    assert ids(scores.where(filter=FieldFilter("score", operator, value)).stream()) == expected


def test_arrays_are_not_searched_for_null_or_nan(scores: firestore.CollectionReference) -> None:
    assert ids(scores.where(filter=FieldFilter("tags", "array_contains_any", [None, NAN, "a"])).stream()) == ["absent"]


def test_values_of_all_types_sort_in_the_documented_order(client: firestore.Client) -> None:
    ordered = [
        None,
        False,
        True,
        NAN,
        -5,
        0.5,
        1,
        "B",
        "a",
        "ü",
        b"a",
        client.document("a/b"),
        firestore.GeoPoint(0, 0),
        [1],
        Vector([9.0]),
    ]
    ordered.append({"a": 1})
    for number, value in enumerate(ordered):
        client.document(f"values/{chr(122 - number)}").set({"v": value})
    found = [snapshot.id for snapshot in client.collection("values").order_by("v").stream()]
    assert found == [chr(122 - number) for number in range(len(ordered))]


def test_documents_without_the_ordered_field_are_left_out(scores: firestore.CollectionReference) -> None:
    assert ids(scores.order_by("stage", direction="DESCENDING").stream()) == ["two", "text", "list", "half"]


def test_and_and_or_combine_freely(scores: firestore.CollectionReference) -> None:
    won, small = FieldFilter("stage", "==", "won"), FieldFilter("score", "<", 5)
    assert ids(scores.where(filter=And([won, small])).stream()) == ["two"]
    assert ids(scores.where(filter=Or([won, small])).stream()) == ["nan", "half", "two", "text"]
    assert ids(scores.where(filter=won).where(filter=Or([small, FieldFilter("score", "==", "8")])).stream()) == ["two", "text"]


def test_cursors_cut_the_result_at_values_and_at_documents(client: firestore.Client) -> None:
    for name, score in [("a", 1), ("b", 2), ("c", 2), ("d", 3), ("e", 4)]:
        client.document(f"contacts/{name}").set({"score": score})
    query = client.collection("contacts").order_by("score")
    assert ids(query.start_at({"score": 2}).end_before({"score": 4}).stream()) == ["b", "c", "d"]
    assert ids(query.start_after({"score": 2}).stream()) == ["d", "e"]
    assert ids(query.start_after(client.document("contacts/b").get()).end_at(client.document("contacts/d").get()).stream()) == ["c", "d"]
    descending = client.collection("contacts").order_by("score", direction="DESCENDING")
    assert ids(descending.start_at({"score": 2}).stream()) == ["c", "b", "a"]


def test_limits_offsets_and_the_last_few(client: firestore.Client) -> None:
    for name in "abcdef":
        client.document(f"contacts/{name}").set({"n": name})
    query = client.collection("contacts").order_by("n")
    assert ids(query.limit(2).stream()) == ["a", "b"]
    assert ids(query.offset(1).limit(2).stream()) == ["b", "c"]
    assert ids(query.limit_to_last(2).get()) == ["e", "f"]
    assert ids(query.limit(0).stream()) == []


def test_pages_by_document_name_are_complete_and_in_order(client: firestore.Client) -> None:
    for number in range(7):
        client.document(f"outbox/{number}").set({"due": 1})
    query, found = client.collection("outbox").order_by(FieldPath.document_id()).limit(3), []
    while page := list(query.stream()):
        found += ids(page)
        query = query.start_after(page[-1])
    assert found == [str(number) for number in range(7)]


def test_names_can_be_filtered_and_numeric_ids_come_first(client: firestore.Client) -> None:
    for name in ("10", "9", "__id10__", "__id9__"):
        client.document(f"values/{name}").set({})
    collection = client.collection("values")
    assert ids(collection.stream()) == ["__id9__", "__id10__", "10", "9"]
    assert ids(collection.where(filter=FieldFilter("__name__", ">=", collection.document("10"))).stream()) == ["10", "9"]
    assert ids(collection.where(filter=FieldFilter("__name__", "in", [collection.document("9"), collection.document("x")])).stream()) == [
        "9"
    ]


def test_a_projection_returns_only_what_was_selected(scores: firestore.CollectionReference) -> None:
    query = scores.where(filter=FieldFilter("stage", "==", "won"))
    assert [snapshot.to_dict() for snapshot in query.select(["stage", "missing"]).stream()] == [{"stage": "won"}, {"stage": "won"}]
    assert [snapshot.to_dict() for snapshot in query.select([]).stream()] == [{}, {}]


def test_a_query_reads_its_own_collection_and_a_group_reads_all_of_its_name(client: firestore.Client) -> None:
    paths = ["contacts/top", "workspaces/acme/contacts/ada", "workspaces/beta/contacts/bob", "workspaces/acme/contacts_old/eve"]
    for path in paths:
        client.document(path).set({"name": path})
    assert ids(client.collection("workspaces/acme/contacts").stream()) == ["ada"]
    assert ids(client.collection_group("contacts").stream()) == ["top", "ada", "bob"]
    assert ids(client.collection("contacts").stream()) == ["top"]


def test_deleted_documents_leave_every_index(client: firestore.Client) -> None:
    client.document("workspaces/acme/contacts/ada").set({"stage": "won"})
    client.document("workspaces/acme/contacts/ada").delete()
    assert ids(client.collection_group("contacts").stream()) == []
    assert list(client.document("workspaces/acme").collections()) == []


def test_counting_summing_and_averaging_look_at_numbers_only(scores: firestore.CollectionReference) -> None:
    numbers = scores.where(filter=FieldFilter("score", ">=", 0))
    aggregation = numbers.count(alias="n").sum("score", alias="sum").avg("score", alias="avg")
    assert {result.alias: result.value for result in aggregation.get()[0]} == {"n": 3, "sum": 10.5, "avg": 3.5}
    assert scores.count().get()[0][0].value == len(SCORES)
    assert scores.limit(3).count().get()[0][0].value == 3


def test_a_limited_sum_takes_the_least_values_of_its_field(client: firestore.Client) -> None:
    for name, score in [("a", 30), ("b", 2), ("c", 1), ("d", None), ("e", "x")]:
        client.document(f"contacts/{name}").set({"score": score, "rank": name})
    contacts = client.collection("contacts")
    assert contacts.limit(3).sum("score").get()[0][0].value == 3
    assert contacts.order_by("rank").limit(2).sum("score").get()[0][0].value == 32


@pytest.mark.parametrize(("aliases", "reason"), [([], "empty"), (["n", "n"], "duplicate"), (list("abcdef"), "maximum number")])
def test_aggregations_are_one_to_five_with_names_of_their_own(client: firestore.Client, aliases: list[str], reason: str) -> None:
    query = AggregationQuery(client.collection("contacts").limit(10))
    for alias in aliases:
        query.count(alias=alias)
    with pytest.raises(exceptions.InvalidArgument, match=reason):
        query.get()


def test_the_sum_of_nothing_is_zero(client: firestore.Client) -> None:
    assert client.collection("nothing").sum("n").get()[0][0].value == 0


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        (DistanceMeasure.EUCLIDEAN, {"near": 0.5, "far": 8.0}),
        (DistanceMeasure.COSINE, {"far": 0.0, "near": 1 - 2 / 5**0.5}),
        (DistanceMeasure.DOT_PRODUCT, {"far": 9.0, "near": 1.0}),
    ],
)
def test_the_nearest_vectors_come_first(client: firestore.Client, measure: DistanceMeasure, expected: dict[str, float]) -> None:
    client.document("memory/near").set({"v": Vector([1.0, 0.5]), "version": 1})
    client.document("memory/far").set({"v": Vector([9.0, 0.0]), "version": 1})
    client.document("memory/older").set({"v": Vector([1.0, 0.0]), "version": 0})
    client.document("memory/shorter").set({"v": Vector([1.0]), "version": 1})
    query = client.collection("memory").where(filter=FieldFilter("version", "==", 1))
    nearest = query.find_nearest("v", Vector([1.0, 0.0]), limit=5, distance_measure=measure, distance_result_field="distance")
    found = list(nearest.stream())
    assert ids(found) == list(expected)
    assert [snapshot.get("distance") for snapshot in found] == pytest.approx(list(expected.values()))


def test_a_distance_threshold_cuts_off_what_is_too_far(client: firestore.Client) -> None:
    client.document("memory/near").set({"v": Vector([1.0, 0.5])})
    client.document("memory/far").set({"v": Vector([9.0, 0.0])})
    euclidean = {"distance_measure": DistanceMeasure.EUCLIDEAN, "distance_threshold": 1.0}
    query = client.collection("memory").find_nearest("v", Vector([1.0, 0.0]), limit=5, **euclidean)
    assert ids(query.stream()) == ["near"]


@pytest.mark.parametrize("operator", ["in", "not-in", "array_contains_any"])
def test_an_empty_list_of_values_is_refused(scores: firestore.CollectionReference, operator: str) -> None:
    with pytest.raises(exceptions.InvalidArgument, match="non-empty"):
        list(scores.where(filter=FieldFilter("score", operator, [])).stream())


def test_too_many_values_in_a_list_are_refused(scores: firestore.CollectionReference) -> None:
    with pytest.raises(exceptions.InvalidArgument, match="30"):
        list(scores.where(filter=FieldFilter("score", "in", list(range(31)))).stream())
