"""Writing and reading documents: what the service promises about preconditions, masks, transforms, limits and update times."""

from datetime import UTC, datetime, timedelta
from functools import reduce

import pytest
from google.api_core import exceptions
from google.cloud import firestore
from google.cloud.firestore_v1.vector import Vector
from google.protobuf.timestamp_pb2 import Timestamp

from emulators.clock import Clock
from emulators.firestore.routes import FirestoreEmulator

EVERY_TYPE = {
    "nothing": None,
    "yes": True,
    "count": 42,
    "share": 0.25,
    "name": "Ada Example",
    "raw": b"\x00\xff",
    "at": datetime(2026, 3, 1, 8, 30, tzinfo=UTC),
    "place": firestore.GeoPoint(52.5, 13.4),
    "tags": ["a", 1, {"deep": [True]}],
    "empty": {},
    "nested": {"dotted.name": {"ü": 1}},
    "embedding": Vector([0.5, -1.0, 2.0]),
}


def _in_an_hour(clock: Clock) -> Timestamp:
    moment = Timestamp()
    moment.FromDatetime(clock.now() + timedelta(hours=1))
    return moment


def test_a_document_comes_back_with_every_type_it_was_written_with(client: firestore.Client) -> None:
    reference = client.document("contacts/ada")
    reference.set(EVERY_TYPE | {"company": client.document("companies/example")})
    assert reference.get().to_dict() == EVERY_TYPE | {"company": client.document("companies/example")}


def test_set_replaces_the_whole_document(client: firestore.Client) -> None:
    reference = client.document("contacts/ada")
    reference.set({"name": "Ada", "stage": "new"})
    reference.set({"name": "Ada Example"})
    assert reference.get().to_dict() == {"name": "Ada Example"}


def test_merging_keeps_the_fields_that_are_not_named(client: firestore.Client) -> None:
    reference = client.document("contacts/ada")
    reference.set({"name": "Ada", "company": {"name": "Example", "size": 5}})
    reference.set({"company": {"size": 6}}, merge=True)
    reference.set({"company": {"industry": "finance"}, "name": "ignored"}, merge=["company.industry"])
    assert reference.get().to_dict() == {"name": "Ada", "company": {"name": "Example", "size": 6, "industry": "finance"}}


def test_update_changes_and_deletes_single_fields_along_their_paths(client: firestore.Client) -> None:
    reference = client.document("contacts/ada")
    reference.set({"name": "Ada", "company": {"name": "Example", "size": 5}, "a.b": 1})
    reference.update({"company.size": firestore.DELETE_FIELD, "company.domain": "example.com", "stage.name": "new", "`a.b`": 2})
    assert reference.get().to_dict() == {
        "name": "Ada",
        "company": {"name": "Example", "domain": "example.com"},
        "stage": {"name": "new"},
        "a.b": 2,
    }


def test_creating_what_exists_is_refused_as_already_exists(client: firestore.Client) -> None:
    reference = client.document("contacts/ada")
    reference.create({"name": "Ada"})
    with pytest.raises(exceptions.AlreadyExists, match="Document already exists: projects/sdr/"):
        reference.create({"name": "Eve"})
    assert reference.get().to_dict() == {"name": "Ada"}


def test_updating_what_is_missing_is_refused_as_not_found(client: firestore.Client) -> None:
    with pytest.raises(exceptions.NotFound, match="No document to update"):
        client.document("contacts/nobody").update({"name": "Nobody"})
    assert not client.document("contacts/nobody").get().exists


def test_a_compare_and_set_on_the_update_time_has_exactly_one_winner(client: firestore.Client) -> None:
    reference = client.document("drafts/one")
    seen = client.write_option(last_update_time=reference.set({"state": "pending"}).update_time)
    reference.update({"state": "approved"}, option=seen)
    with pytest.raises(exceptions.FailedPrecondition, match="does not match the required base version"):
        reference.update({"state": "rejected"}, option=seen)
    assert reference.get().get("state") == "approved"


def test_an_update_time_in_the_future_is_an_invalid_argument(client: firestore.Client, clock: Clock) -> None:
    reference = client.document("drafts/one")
    reference.set({"state": "pending"})
    with pytest.raises(exceptions.InvalidArgument, match="future"):
        reference.delete(option=client.write_option(last_update_time=_in_an_hour(clock)))


def test_a_compare_and_set_on_a_deleted_document_fails(client: firestore.Client) -> None:
    reference = client.document("drafts/one")
    seen = client.write_option(last_update_time=reference.set({"state": "pending"}).update_time)
    reference.delete()
    with pytest.raises(exceptions.FailedPrecondition):
        reference.update({"state": "approved"}, option=seen)


def test_update_times_grow_by_themselves_while_the_clock_stands_still(client: firestore.Client, clock: Clock) -> None:
    assert clock.frozen
    times = [client.document("runs/one").set({"step": step}).update_time for step in range(20)]
    assert times == sorted(set(times))
    clock.advance(timedelta(hours=1))
    assert client.document("runs/one").set({"step": 99}).update_time == clock.now()


def test_a_write_that_changes_nothing_keeps_the_update_time(client: firestore.Client) -> None:
    reference = client.document("runs/one")
    first = reference.set({"step": 1})
    again = reference.set({"step": 1})
    assert again.update_time == first.update_time == reference.get().update_time


def test_the_create_time_survives_updates_but_not_a_deletion(client: firestore.Client) -> None:
    reference = client.document("runs/one")
    reference.set({"step": 1})
    created = reference.get().create_time
    reference.set({"step": 2})
    assert reference.get().create_time == created < reference.get().update_time
    reference.delete()
    reference.set({"step": 3})
    assert reference.get().create_time > created


def test_deleting_is_idempotent_unless_the_document_must_exist(client: firestore.Client) -> None:
    reference = client.document("holds/one")
    reference.delete()
    with pytest.raises(exceptions.NotFound):
        reference.delete(option=client.write_option(exists=True))


def test_a_batch_is_written_wholly_or_not_at_all(client: firestore.Client) -> None:
    client.document("outbox/taken").set({"event": "old"})
    batch = client.batch()
    batch.set(client.document("runs/one"), {"step": 1})
    batch.create(client.document("outbox/taken"), {"event": "new"})
    batch.delete(client.document("outbox/taken"))
    with pytest.raises(exceptions.AlreadyExists):
        batch.commit()
    assert not client.document("runs/one").get().exists
    assert client.document("outbox/taken").get().get("event") == "old"


def test_later_writes_of_a_batch_see_the_earlier_ones(client: firestore.Client) -> None:
    reference = client.document("counters/day")
    batch = client.batch()
    batch.create(reference, {"sent": 1})
    batch.update(reference, {"sent": firestore.Increment(4)})
    results = batch.commit()
    assert reference.get().to_dict() == {"sent": 5}
    assert results[0].update_time == results[1].update_time


def test_a_bulk_writer_reports_each_write_by_itself(client: firestore.Client) -> None:
    client.document("contacts/ada").set({"name": "Ada"})
    failures = []
    writer = client.bulk_writer()
    writer.on_write_error(lambda failure, _: failures.append(failure.operation.reference.id) or False)
    writer.create(client.document("contacts/ada"), {"name": "Eve"})
    writer.create(client.document("contacts/bob"), {"name": "Bob"})
    writer.close()
    assert failures == ["ada"]
    assert client.document("contacts/bob").get().exists


def test_transforms_are_computed_by_the_server(client: firestore.Client, clock: Clock) -> None:
    reference = client.document("counters/day")
    reference.set({"n": 1, "f": 1.5, "tags": ["a", 1], "top": 5, "low": 5, "text": "x"})
    result = reference.update(
        {
            "n": firestore.Increment(2),
            "f": firestore.Increment(1),
            "tags": firestore.ArrayUnion(["b", 1.0, "b"]),
            "top": firestore.Maximum(7),
            "low": firestore.Minimum(7),
            "text": firestore.Increment(3),
            "at": firestore.SERVER_TIMESTAMP,
            "deep.new": firestore.ArrayRemove(["x"]),
        }
    )
    stored = reference.get().to_dict()
    assert abs(stored.pop("at") - result.update_time) < timedelta(milliseconds=1)
    assert stored == {"n": 3, "f": 2.5, "tags": ["a", 1, "b"], "top": 7, "low": 5, "text": 3, "deep": {"new": []}}


def test_removing_from_an_array_takes_equal_numbers_of_either_type(client: firestore.Client) -> None:
    reference = client.document("counters/day")
    reference.set({"tags": [1, "a", 1.0, 2]})
    reference.update({"tags": firestore.ArrayRemove([1])})
    assert reference.get().get("tags") == ["a", 2]


def test_an_increment_stops_at_the_largest_integer(client: firestore.Client) -> None:
    reference = client.document("counters/day")
    reference.set({"n": 2**63 - 2})
    reference.update({"n": firestore.Increment(10)})
    assert reference.get().get("n") == 2**63 - 1


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"text": "x" * 1_048_600}, "longer than 1048487 bytes"),
        ({"text": "x" * 600_000, "html": "x" * 600_000}, "exceeds the maximum allowed size"),
        ({"__name__": 1}, "reserved"),
        ({"deep": reduce(lambda inner, _: {"deeper": inner}, range(25), 1)}, "nested"),
    ],
)
def test_what_cannot_be_stored_is_an_invalid_argument(client: firestore.Client, data: dict[str, object], reason: str) -> None:
    with pytest.raises(exceptions.InvalidArgument, match=reason):
        client.document("assets/large").set(data)


def test_arrays_directly_inside_arrays_are_refused(client: firestore.Client) -> None:
    with pytest.raises(exceptions.InvalidArgument, match="array value in an array value"):
        client.document("assets/one").set({"rows": [[1, 2]]})


def test_a_document_of_just_under_one_mebibyte_is_stored(client: firestore.Client) -> None:
    client.document("assets/large").set({"text": "x" * 1_048_000})
    assert len(client.document("assets/large").get().get("text")) == 1_048_000


def test_reading_many_tells_the_missing_from_the_found(client: firestore.Client) -> None:
    client.document("contacts/ada").set({"name": "Ada", "stage": "new"})
    snapshots = client.get_all([client.document("contacts/ada"), client.document("contacts/bob")], field_paths=["name"])
    assert {snapshot.id: snapshot.to_dict() for snapshot in snapshots} == {"ada": {"name": "Ada"}, "bob": None}


def test_collections_and_documents_can_be_listed_even_where_a_document_is_missing(client: firestore.Client) -> None:
    client.document("workspaces/acme/contacts/ada").set({})
    client.document("workspaces/acme/runs/one").set({})
    client.document("workspaces/beta").set({})
    assert [collection.id for collection in client.collections()] == ["workspaces"]
    assert [collection.id for collection in client.document("workspaces/acme").collections()] == ["contacts", "runs"]
    assert [reference.id for reference in client.collection("workspaces").list_documents(page_size=1)] == ["acme", "beta"]


def test_a_collection_can_be_deleted_recursively(client: firestore.Client) -> None:
    for path in ("workspaces/acme", "workspaces/acme/contacts/ada", "workspaces/acme/contacts/ada/notes/n", "policies/p"):
        client.document(path).set({})
    assert client.recursive_delete(client.collection("workspaces")) == 3
    assert [collection.id for collection in client.collections()] == ["policies"]


def test_a_document_can_be_read_as_it_was(client: firestore.Client) -> None:
    reference = client.document("policies/current")
    first = reference.set({"version": 1}).update_time
    reference.set({"version": 2})
    reference.delete()
    client.document("policies/current/approvals/one").set({})
    client.document("suppressions/one").set({})
    assert reference.get(read_time=first).to_dict() == {"version": 1}
    assert [found.to_dict() for found in client.collection("policies").stream(read_time=first)] == [{"version": 1}]
    assert [collection.id for collection in client.collections(read_time=first)] == ["policies"]
    assert not reference.get().exists


def test_databases_do_not_see_each_other(client: firestore.Client) -> None:
    other = firestore.Client(project="sdr", database="second")
    client.document("contacts/ada").set({"name": "Ada"})
    assert not other.document("contacts/ada").get().exists
    assert list(other.collection_group("contacts").stream()) == []
    other.close()


def test_what_is_dumped_can_be_loaded_and_time_goes_on_from_there(client: firestore.Client, emulator: FirestoreEmulator) -> None:
    written = client.document("contacts/ada").set(EVERY_TYPE)
    dumped = emulator.dump()
    emulator.reset()
    assert not client.document("contacts/ada").get().exists
    emulator.load(dumped)
    assert client.document("contacts/ada").get().to_dict() == EVERY_TYPE
    assert client.document("contacts/bob").set({}).update_time > written.update_time
