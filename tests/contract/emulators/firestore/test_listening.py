"""`on_snapshot` of the unmodified client: documents, collections, queries and collection groups, whoever else is listening."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter

from emulators.clock import Clock
from emulators.firestore.routes import FirestoreEmulator
from emulators.serving import GrpcServer
from tests.unit.emulators.firestore.building import commit, deleting, setting

PATIENCE_S = 30.0
"""How long a broken emulator is waited for; a working one answers at once."""


class Heard:
    """What the callbacks of one watch were given: the latest view, and every change so far."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.view: dict[str, Any] | None = None
        self.changes: list[tuple[str, str]] = []

    def __call__(self, snapshots: list[firestore.DocumentSnapshot], changes: list[Any], _: Any) -> None:
        with self.changed:
            self.view = {snapshot.id: snapshot.to_dict() for snapshot in snapshots if snapshot.exists}
            self.changes += [(change.type.name, change.document.id) for change in changes]
            self.changed.notify_all()

    def until(self, view: dict[str, Any]) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self.view == view, PATIENCE_S), self.view


class Listen:
    """Opens watches. They leave before their server does: a watch that has lost it tries again for ever, each time with another thread."""

    def __init__(self) -> None:
        self._watches: list[Any] = []

    def __call__(self, source: Any) -> Heard:
        heard = Heard()
        self._watches.append(source.on_snapshot(heard))
        return heard

    def leave(self) -> None:
        while self._watches:
            self._watches.pop().unsubscribe()


@pytest.fixture
def listen() -> Iterator[Listen]:
    listen = Listen()
    yield listen
    listen.leave()


def test_a_document_is_followed_from_before_it_exists_until_after(client: firestore.Client, listen: Listen) -> None:
    draft = client.document("drafts/a")
    heard = listen(draft)
    heard.until({})
    draft.set({"state": "open"})
    heard.until({"a": {"state": "open"}})
    draft.update({"state": "sent"})
    heard.until({"a": {"state": "sent"}})
    draft.delete()
    heard.until({})
    assert heard.changes == [("ADDED", "a"), ("MODIFIED", "a"), ("REMOVED", "a")]


def test_a_collection_is_followed(client: firestore.Client, listen: Listen) -> None:
    client.document("drafts/a").set({"n": 1})
    heard = listen(client.collection("drafts"))
    heard.until({"a": {"n": 1}})
    client.document("runs/elsewhere").set({"n": 1})
    client.document("drafts/b").set({"n": 2})
    heard.until({"a": {"n": 1}, "b": {"n": 2}})
    assert heard.changes == [("ADDED", "a"), ("ADDED", "b")]


def test_what_no_longer_matches_leaves_the_result(client: firestore.Client, listen: Listen) -> None:
    drafts = client.collection("drafts")
    drafts.document("a").set({"open": True})
    heard = listen(drafts.where(filter=FieldFilter("open", "==", True)))
    heard.until({"a": {"open": True}})
    drafts.document("a").set({"open": False})
    heard.until({})
    drafts.document("a").set({"open": True, "again": 1})
    heard.until({"a": {"open": True, "again": 1}})


def test_a_limited_query_is_filled_up_from_behind(client: firestore.Client, listen: Listen) -> None:
    drafts = client.collection("drafts")
    for name, number in [("a", 1), ("b", 2), ("c", 3)]:
        drafts.document(name).set({"n": number})
    heard = listen(drafts.order_by("n").limit(2))
    heard.until({"a": {"n": 1}, "b": {"n": 2}})
    drafts.document("z").set({"n": 0})
    heard.until({"z": {"n": 0}, "a": {"n": 1}})
    drafts.document("a").delete()
    heard.until({"z": {"n": 0}, "b": {"n": 2}})


def test_a_collection_group_is_followed(client: firestore.Client, listen: Listen) -> None:
    heard = listen(client.collection_group("contacts"))
    heard.until({})
    client.document("workspaces/acme/contacts/ada").set({"n": 1})
    client.document("contacts/top").set({"n": 2})
    heard.until({"ada": {"n": 1}, "top": {"n": 2}})


def test_whoever_has_left_hears_nothing_more(client: firestore.Client, listen: Listen) -> None:
    left, stayed = Heard(), listen(client.collection("drafts"))
    watch = client.collection("drafts").on_snapshot(left)
    left.until({})
    watch.unsubscribe()
    client.document("drafts/a").set({"n": 1})
    stayed.until({"a": {"n": 1}})
    assert left.view == {}


def test_far_more_listeners_than_the_server_has_threads_keep_nobody_waiting(
    emulator: FirestoreEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = GrpcServer([emulator], workers=2).start()
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", server.address)
    client = firestore.Client(project="sdr")
    heard = [Heard() for _ in range(20)]
    watches = [client.document(f"drafts/{number % 4}").on_snapshot(one) for number, one in enumerate(heard)]
    for number in range(4):
        client.document(f"drafts/{number}").set({"n": number})
    for number, one in enumerate(heard):
        one.until({str(number % 4): {"n": number % 4}})
    for watch in watches:
        watch.unsubscribe()
    client.close()
    server.stop()


def test_a_listener_survives_a_broken_line_and_misses_nothing(
    emulator: FirestoreEmulator, monkeypatch: pytest.MonkeyPatch, listen: Listen
) -> None:
    server = GrpcServer([emulator]).start()
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", server.address)
    client = firestore.Client(project="sdr")
    client.document("drafts/a").set({"n": 1})
    client.document("drafts/b").set({"n": 1})
    heard = listen(client.collection("drafts"))
    heard.until({"a": {"n": 1}, "b": {"n": 1}})
    server.stop()
    commit(emulator.engine, deleting("drafts/a"), setting("drafts/b", {"n": 2}))
    again = GrpcServer([emulator], port=server.port).start()
    heard.until({"b": {"n": 2}})
    client.document("drafts/c").set({"n": 3})
    heard.until({"b": {"n": 2}, "c": {"n": 3}})
    listen.leave()
    client.close()
    again.stop()


def test_an_expired_document_disappears_before_everyones_eyes(monkeypatch: pytest.MonkeyPatch, clock: Clock, listen: Listen) -> None:
    expiring = {"fieldOverrides": [{"collectionGroup": "holds", "fieldPath": "until", "ttl": True, "indexes": []}]}
    emulator = FirestoreEmulator(clock, indexes=expiring)
    server = GrpcServer([emulator]).start()
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", server.address)
    client = firestore.Client(project="sdr")
    hold, until = client.document("holds/a"), clock.now() + timedelta(hours=1)
    hold.set({"until": until})
    heard = listen(client.collection("holds"))
    heard.until({"a": {"until": until}})
    clock.advance(timedelta(minutes=59))
    assert hold.get().exists
    clock.advance(timedelta(minutes=1))
    heard.until({})
    assert not hold.get().exists
    listen.leave()
    client.close()
    emulator.close()
    server.stop()
