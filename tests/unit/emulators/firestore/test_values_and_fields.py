"""Sort keys, field paths and sizes: the small pure parts of Firestore."""

import pytest
from google.cloud.firestore_v1.field_path import FieldPath
from hypothesis import given
from hypothesis import strategies as st

from emulators.firestore.errors import InvalidArgument
from emulators.firestore.fields import lookup, parse_path, place, remove, selected
from emulators.firestore.limits import stored_size
from emulators.firestore.values import key_of, reference_key
from emulators.firestore.wire import Document, Value, microseconds, timestamp_of
from tests.unit.emulators.firestore.building import ROOT, fields

NUMBERS = st.one_of(st.integers(-(2**63), 2**63 - 1), st.floats())
NAMES = st.lists(st.text(min_size=1, max_size=4), min_size=1, max_size=3)


def number(value: int | float) -> object:
    return key_of(Value(integer_value=value) if isinstance(value, int) else Value(double_value=value))


@given(NUMBERS, NUMBERS)
def test_integers_and_doubles_compare_exactly_and_nan_is_the_least(left: int | float, right: int | float) -> None:
    if left != left or right != right:
        assert (number(left) < number(right)) == (left != left and right == right)
        assert (number(left) == number(right)) == (left != left and right != right)
    else:
        assert (number(left) < number(right), number(left) == number(right)) == (left < right, left == right)


@given(st.text(), st.text())
def test_strings_sort_by_their_utf8_bytes(left: str, right: str) -> None:
    keys = key_of(Value(string_value=left)), key_of(Value(string_value=right))
    assert (keys[0] < keys[1]) == (left.encode() < right.encode())


def test_maps_sort_by_key_then_value_then_length() -> None:
    maps = [{}, {"a": 1}, {"a": 1, "b": 0}, {"a": 2}, {"b": 0}]
    keys = [key_of(fields({"v": data})["v"]._pb) for data in maps]
    assert keys == sorted(keys)


def test_references_sort_segment_by_segment() -> None:
    names = [f"{ROOT}/a/__id2__", f"{ROOT}/a/__id10__", f"{ROOT}/a/b", f"{ROOT}/a/b/c/d", f"{ROOT}/a/b-", f"{ROOT}/a/c"]
    assert sorted(names, key=reference_key) == names


@given(NAMES)
def test_a_path_written_by_the_client_is_read_back(names: list[str]) -> None:
    assert parse_path(FieldPath(*names).to_api_repr()) == tuple(names)


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "a..b", "`a", "a`b`", "``"])
def test_a_malformed_path_is_refused(text: str) -> None:
    with pytest.raises(InvalidArgument):
        parse_path(text)


@given(NAMES, NAMES)
def test_what_is_placed_is_found_until_it_is_removed(path: list[str], other: list[str]) -> None:
    document = Document()
    place(document.fields, tuple(other), Value(string_value="other"))
    place(document.fields, tuple(path), Value(integer_value=1))
    assert lookup(document.fields, tuple(path)) == Value(integer_value=1)
    remove(document.fields, tuple(path))
    assert lookup(document.fields, tuple(path)) is None


def test_placing_below_something_that_is_no_map_replaces_it() -> None:
    document = Document(fields={"a": {"integer_value": 1}})
    place(document.fields, ("a", "b"), Value(integer_value=2))
    assert document.fields == {"a": Value(map_value={"fields": {"b": {"integer_value": 2}}})}


def test_a_selection_keeps_the_path_to_what_it_selects() -> None:
    document = Document(fields={"a": {"map_value": {"fields": {"b": {"integer_value": 1}, "c": {"integer_value": 2}}}}})
    assert selected(document, [("a", "b"), ("x",)]).fields == {"a": Value(map_value={"fields": {"b": {"integer_value": 1}}})}


def test_the_size_of_a_document_is_counted_as_documented() -> None:
    """The example of https://firebase.google.com/docs/firestore/storage-size: 147 bytes."""
    document = Document(name=f"{ROOT}/users/jeff/tasks/my_task_id")
    for name, value in fields({"type": "Personal", "done": False, "priority": 1, "description": "Learn Cloud Firestore"}).items():
        document.fields[name].CopyFrom(value._pb)
    assert stored_size(document) == 147


@given(st.integers(0, 4_000_000_000_000_000))
def test_timestamps_keep_their_microseconds(moment_us: int) -> None:
    assert microseconds(timestamp_of(moment_us)) == moment_us
