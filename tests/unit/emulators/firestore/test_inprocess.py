"""The unmodified client on the engine without a socket: answers, refusals, transactions and streams as over the wire."""

import pytest
from google.api_core import exceptions
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter

from emulators.firestore.inprocess import client_of
from emulators.firestore.responses import Engine
from tests.unit.emulators.firestore.building import StillClock


@pytest.fixture
def client() -> firestore.Client:
    return client_of(Engine(StillClock()), project="sdr")


def test_documents_are_written_found_and_counted(client: firestore.Client) -> None:
    for number in range(3):
        client.document(f"drafts/{number}").create({"n": number})
    found = client.collection("drafts").where(filter=FieldFilter("n", ">", 0))
    assert [snapshot.id for snapshot in found.stream()] == ["1", "2"]
    assert found.count().get()[0][0].value == 2
    assert [collection.id for collection in client.collections()] == ["drafts"]


def test_refusals_are_the_clients_own_errors(client: firestore.Client) -> None:
    client.document("drafts/a").create({})
    with pytest.raises(exceptions.Conflict, match="already exists"):
        client.document("drafts/a").create({})
    with pytest.raises(exceptions.InvalidArgument, match="reserved"):
        list(client.collection("__drafts__").stream())


def test_a_transaction_commits_and_a_spoilt_one_is_tried_again(client: firestore.Client) -> None:
    counter, attempts = client.document("counters/day"), []
    counter.set({"n": 1})

    @firestore.transactional
    def double(transaction: firestore.Transaction) -> None:
        stored = counter.get(transaction=transaction).get("n")
        if not attempts:
            counter.set({"n": 5})
        attempts.append(stored)
        transaction.update(counter, {"n": stored * 2})

    double(client.transaction())
    assert (attempts, counter.get().get("n")) == ([1, 5], 10)


def test_streams_need_a_server_and_say_so(client: firestore.Client) -> None:
    with pytest.raises(exceptions.MethodNotImplemented, match="GrpcServer"):
        client._firestore_api.listen(requests=iter([]))
