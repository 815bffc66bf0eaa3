"""Much at once through the unmodified client: BulkWriter, recursive deletion, partitions of a group, long listings."""

import pytest
from google.api_core import exceptions
from google.cloud import firestore
from google.cloud.firestore_v1.bulk_writer import BulkWriteFailure


def test_a_bulk_writer_lands_what_it_can_and_tells_each_failure(client: firestore.Client) -> None:
    client.document("drafts/7").set({"n": "taken"})
    failures: list[tuple[str, int]] = []

    def failed(failure: BulkWriteFailure, _: object) -> bool:
        failures.append((failure.operation.reference.id, failure.code))
        return False

    writer = client.bulk_writer()
    writer.on_write_error(failed)
    for number in range(50):
        writer.create(client.document(f"drafts/{number}"), {"n": number})
    writer.close()
    assert failures == [("7", 6)]
    stored = {snapshot.id: snapshot.get("n") for snapshot in client.collection("drafts").stream()}
    assert stored == {str(number): number for number in range(50)} | {"7": "taken"}


def test_everything_below_a_document_is_deleted_with_it(client: firestore.Client) -> None:
    for path in ("workspaces/acme", "workspaces/acme/runs/1", "workspaces/acme/runs/1/steps/a", "workspaces/other/runs/1"):
        client.document(path).set({})
    assert client.recursive_delete(client.document("workspaces/acme")) == 3
    assert [found.reference.path for found in client.collection_group("runs").stream()] == ["workspaces/other/runs/1"]


@pytest.mark.parametrize("parts", [1, 3, 7, 40])
def test_the_partitions_of_a_group_make_up_the_whole(client: firestore.Client, parts: int) -> None:
    for number in range(20):
        client.document(f"workspaces/{number % 3}/runs/{number:02}").set({})
    partitions = list(client.collection_group("runs").get_partitions(parts))
    read = [[found.reference.path for found in partition.query().stream()] for partition in partitions]
    assert [path for part in read for path in part] == [found.reference.path for found in client.collection_group("runs").stream()]
    assert len(read) == min(parts + 1, 20)  # as many cuts as asked for
    assert max(map(len, read)) - min(map(len, read)) <= 1


def test_only_a_whole_group_is_partitioned(client: firestore.Client) -> None:
    request = {
        "parent": f"{client._database_string}/documents",
        "structured_query": {"from_": [{"collection_id": "runs"}]},
        "partition_count": 2,
    }
    with pytest.raises(exceptions.InvalidArgument, match="collection group"):
        list(client._firestore_api.partition_query(request=request))


def test_missing_parents_are_listed_page_by_page(client: firestore.Client) -> None:
    for number in range(7):
        client.document(f"workspaces/{number}/runs/1").set({})
    client.document("workspaces/3").set({})
    assert [reference.id for reference in client.collection("workspaces").list_documents(page_size=2)] == [
        str(number) for number in range(7)
    ]
