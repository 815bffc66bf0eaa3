"""Documents with a time to live: gone for everyone at their moment, whatever happened to them before."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.firestore.errors import Aborted
from emulators.firestore.indexes import Indexes
from emulators.firestore.responses import Engine
from emulators.firestore.wire import timestamp_of
from tests.unit.emulators.firestore.building import ROOT, START_US, StillClock, commit, deleting, found_ids, get, setting

EXPIRING = {"fieldOverrides": [{"collectionGroup": "holds", "fieldPath": "until", "ttl": True, "indexes": []}]}
SECOND_US = 1_000_000
NAMES = st.sampled_from(["a", "b", "c"])


def holding(name: str, seconds: int | None, *, collection: str = "holds") -> dict[str, Any]:
    """A hold until so many seconds after the start; None for one without an end."""
    until = {"null_value": 0} if seconds is None else {"timestamp_value": timestamp_of(START_US + seconds * SECOND_US)}
    return {"update": {"name": f"{ROOT}/{collection}/{name}", "fields": {"until": until}}}


@given(st.lists(st.one_of(st.tuples(NAMES, st.none() | st.integers(0, 9)), st.integers(1, 4)), max_size=20))
def test_what_has_expired_is_never_seen_again_and_nothing_else_is_lost(steps: list[Any]) -> None:
    clock = StillClock()
    engine, expected = Engine(clock, Indexes.parse(EXPIRING)), dict[str, int | None]()
    for step in steps:
        if isinstance(step, int):
            clock.us += step * SECOND_US
        else:
            commit(engine, holding(*step))
            expected[step[0]] = step[1]
        passed = (clock.us - START_US) // SECOND_US
        expected = {name: until for name, until in expected.items() if until is None or until > passed}
        assert found_ids(engine, {"from_": [{"collection_id": "holds"}]}) == sorted(expected)


def test_only_the_named_group_expires_and_only_by_timestamps() -> None:
    clock = StillClock()
    engine = Engine(clock, Indexes.parse(EXPIRING))
    commit(engine, holding("a", 1, collection="runs"), holding("b", None), holding("c", 1, collection="runs/1/holds"))
    clock.us += 2 * SECOND_US
    present = get(engine, "runs/a", "holds/b", "runs/1/holds/c")
    assert [path for path, data in present.items() if data is not None] == ["runs/a", "holds/b"]


def test_an_expired_document_can_be_created_again_and_is_no_longer_there_to_update() -> None:
    clock = StillClock()
    engine = Engine(clock, Indexes.parse(EXPIRING))
    commit(engine, holding("a", 1))
    clock.us += 2 * SECOND_US
    commit(engine, holding("a", 9) | {"current_document": {"exists": False}})
    clock.us += 8 * SECOND_US
    with pytest.raises(Exception, match="No document to update"):
        commit(engine, holding("a", 20) | {"current_document": {"exists": True}})


def test_what_expires_within_a_transaction_aborts_it() -> None:
    from google.cloud.firestore_v1.types import BatchGetDocumentsRequest, BeginTransactionRequest, CommitRequest

    clock = StillClock()
    engine = Engine(clock, Indexes.parse(EXPIRING))
    commit(engine, holding("a", 1))
    transaction = engine.begin_transaction(BeginTransactionRequest.pb(BeginTransactionRequest())).transaction
    engine.batch_get_documents(
        BatchGetDocumentsRequest.pb(BatchGetDocumentsRequest(documents=[f"{ROOT}/holds/a"], transaction=transaction))
    )
    clock.us += 2 * SECOND_US
    with pytest.raises(Aborted):
        engine.commit(CommitRequest.pb(CommitRequest(writes=[setting("runs/1", {})], transaction=transaction)))


def test_a_restored_state_expires_as_well_and_a_deleted_hold_is_forgotten() -> None:
    clock = StillClock()
    engine = Engine(clock, Indexes.parse(EXPIRING))
    commit(engine, holding("a", 1), holding("b", 1))
    restored = Engine(clock, Indexes.parse(EXPIRING))
    restored.load(engine.dump())
    commit(restored, deleting("holds/b"))
    assert restored.next_expiry_us == START_US + SECOND_US
    clock.us += 2 * SECOND_US
    restored.expire()
    assert found_ids(restored, {"from_": [{"collection_id": "holds"}]}) == []
    assert restored.next_expiry_us is None
