"""Entities as Firestore documents: only what Firestore takes goes in, and what comes out is what went in."""

from datetime import UTC, datetime, time
from enum import Enum, StrEnum
from typing import Any

import pytest
from google.cloud.firestore_v1.vector import Vector
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from shared.domain.assets import Asset, AssetChunk, AssetKind, DriveFolder, DriveIndex
from shared.domain.dead_letter import DeadLetter
from shared.domain.entity import Value
from shared.domain.lease import Lease
from shared.domain.run import RunState
from shared.gcp.documents import INNER_ARRAY, from_document, to_document
from tests.builders import (
    MONDAY,
    WORKSPACE,
    a_draft,
    a_file,
    a_full_context,
    a_hint,
    a_placement,
    a_plan,
    a_run,
    a_submission,
    a_verdict,
    a_violation,
    a_voice,
    a_workspace,
    at,
)

RUN = a_run(context=a_full_context(), plan=a_plan(), lease=Lease(holder="x", until=at(seconds=90), fence=2)).moved(
    RunState.PLANNED, stage="plan", at=MONDAY
)
ASSET = Asset(
    id="file-1", workspace_id=WORKSPACE, entry=a_file(), kind=AssetKind.CASE_STUDY, shareable=True, share_reason="anyone may open it"
)
CHUNK = AssetChunk(
    id="file-1.1.0",
    workspace_id=WORKSPACE,
    asset_id="file-1",
    generation=1,
    position=0,
    start=0,
    text="passage",
    embedder="words/1",
    vector=(0.5, -0.5),
)
INDEX = DriveIndex(id="drive", workspace_id=WORKSPACE, cursor="9", folders=(DriveFolder(id="f", place="Cases", open=True, root="r"),))
JUDGED = a_draft(verdict=a_verdict(violations=(a_violation(),)), placement=a_placement())
STORED = [RUN, JUDGED, ASSET, CHUNK, INDEX, a_hint(), a_submission(), a_voice(), a_workspace()]


class Colour(StrEnum):
    RED = "red"


class Leaf(Value):
    words: tuple[tuple[tuple[str, ...], ...], ...] = ()
    by_name: dict[str, str] = {}
    when: datetime | None = None
    opens: time = time(9)


class Tree(Value):
    leaves: tuple[tuple[Leaf, ...], ...] = ()
    only: Leaf = Leaf()
    colours: frozenset[Colour] = frozenset()
    listed: dict[str, list[list[int]]] = {}


WORDS = st.text(max_size=5)
LEAVES = st.builds(
    Leaf,
    words=st.sampled_from([(), ((),), (((),),), ((("a", "b"), ("c",)), (("d",),))]),
    by_name=st.dictionaries(WORDS | st.just(INNER_ARRAY), WORDS, max_size=2),
    when=st.none() | st.datetimes(timezones=st.just(UTC)),
    opens=st.times(),
)
TREES = st.builds(
    Tree,
    leaves=st.lists(st.lists(LEAVES, max_size=1).map(tuple), max_size=2).map(tuple),
    only=LEAVES,
    colours=st.frozensets(st.sampled_from(Colour)),
    listed=st.dictionaries(WORDS | st.just(INNER_ARRAY), st.lists(st.lists(st.integers(), max_size=2), max_size=2), max_size=2),
)


def fit_for_firestore(value: Any, *, inside_array: bool = False) -> bool:
    if isinstance(value, Vector):
        return not inside_array and len(value) > 0
    if isinstance(value, dict):
        return all(isinstance(name, str) and fit_for_firestore(one) for name, one in value.items())
    if isinstance(value, list):
        return not inside_array and all(fit_for_firestore(one, inside_array=True) for one in value)
    return value is None or (isinstance(value, bool | int | float | str | datetime) and not (isinstance(value, Enum)))


@pytest.mark.parametrize("stored", STORED, ids=lambda one: type(one).__name__)
def test_what_we_store_comes_back_as_it_was(stored: BaseModel):
    document = to_document(stored)
    assert fit_for_firestore(document)
    assert from_document(type(stored), document) == stored


@given(TREES)
def test_however_it_is_nested_it_comes_back_as_it_was(tree: Tree):
    document = to_document(tree)
    assert fit_for_firestore(document)
    assert from_document(Tree, document) == tree


@given(st.dictionaries(WORDS | st.just(INNER_ARRAY), WORDS, max_size=2))
def test_no_senders_attribute_can_pass_for_one_of_our_wrappings(attributes: dict[str, str]):
    letter = DeadLetter(
        id="d", workspace_id=WORKSPACE, function="plan", source="s", payload="", attributes=attributes, reason="", received_at=MONDAY
    )
    assert from_document(DeadLetter, to_document(letter)) == letter


def test_documents_are_readable_in_googles_console():
    document = to_document(JUDGED)
    assert (document["state"], document["created_at"], document["recipient"]) == ("pending", MONDAY, "ana.silva@brightleaf.example")
    assert document["verdict"]["violations"][0]["check"] == "one_call_to_action"
    assert [sentence["text"] for sentence in document["text"]["paragraphs"][1][INNER_ARRAY]] == [
        "Which part of registration matters most to you?"
    ]
    assert to_document(a_workspace())["operators"][0]["hours"]["start"] == "09:00:00"


def test_a_vector_is_stored_as_firestore_searches_it():
    assert to_document(CHUNK)["vector"] == Vector([0.5, -0.5])


def test_what_has_no_vector_yet_is_stored_without_one():
    blank = CHUNK.model_copy(update={"vector": ()})
    assert to_document(blank)["vector"] is None
    assert from_document(AssetChunk, to_document(blank)) == blank


def test_what_was_found_without_its_vector_can_be_read():
    document = {name: value for name, value in to_document(CHUNK).items() if name != "vector"}
    assert from_document(AssetChunk, document) == CHUNK.model_copy(update={"vector": ()})
