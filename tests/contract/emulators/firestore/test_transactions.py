"""Transactions through the unmodified client: nothing is lost, phantoms are noticed, and contention resolves within its five attempts."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from google.api_core import exceptions
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter

from emulators.clock import Clock


def together(number: int, work: Callable[[int], None]) -> None:
    """Runs `work(0) … work(number - 1)` in threads at once; the first failure is raised here."""
    with ThreadPoolExecutor(number) as pool:
        for outcome in [pool.submit(work, index) for index in range(number)]:
            outcome.result()


@pytest.mark.parametrize(("threads", "each"), [(4, 25), (24, 2), (40, 1)])
def test_no_increment_is_lost_under_contention(client: firestore.Client, threads: int, each: int) -> None:
    counter = client.document("quotas/day")
    counter.set({"used": 0})

    @firestore.transactional
    def increment(transaction: firestore.Transaction) -> None:
        used = counter.get(transaction=transaction).get("used")
        transaction.update(counter, {"used": used + 1})

    together(threads, lambda _: [increment(client.transaction()) for _ in range(each)])
    assert counter.get().get("used") == threads * each


def test_transfers_in_opposite_directions_neither_lose_nor_block(client: firestore.Client) -> None:
    accounts = [client.document("budgets/left"), client.document("budgets/right")]
    for account in accounts:
        account.set({"left": 100})

    @firestore.transactional
    def move(transaction: firestore.Transaction, source: firestore.DocumentReference, target: firestore.DocumentReference) -> None:
        before = source.get(transaction=transaction).get("left"), target.get(transaction=transaction).get("left")
        transaction.update(source, {"left": before[0] - 1})
        transaction.update(target, {"left": before[1] + 1})

    def shuffle(index: int) -> None:
        for _ in range(5):
            move(client.transaction(max_attempts=20), accounts[index % 2], accounts[1 - index % 2])

    together(4, shuffle)
    assert [account.get().get("left") for account in accounts] == [100, 100]


def test_each_entry_of_a_queue_is_claimed_by_one_worker_only(client: firestore.Client) -> None:
    for number in range(12):
        client.document(f"outbox/{number:02}").set({"state": "waiting"})
    waiting = client.collection("outbox").where(filter=FieldFilter("state", "==", "waiting")).limit(1)
    claimed: list[tuple[str, int]] = []

    @firestore.transactional
    def claim(transaction: firestore.Transaction, worker: int) -> str | None:
        for snapshot in waiting.stream(transaction=transaction):
            transaction.update(snapshot.reference, {"state": "claimed", "by": worker})
            return str(snapshot.id)
        return None

    def work(worker: int) -> None:
        while entry := claim(client.transaction(max_attempts=20), worker):
            claimed.append((entry, worker))

    together(4, work)
    assert sorted(entry for entry, _ in claimed) == [f"{number:02}" for number in range(12)]
    assert {(snapshot.id, snapshot.get("by")) for snapshot in client.collection("outbox").stream()} == set(claimed)


def test_a_commit_is_aborted_once_what_it_read_has_changed(client: firestore.Client) -> None:
    reference = client.document("drafts/one")
    reference.set({"state": "pending"})
    transaction = client.transaction()
    transaction._begin()
    reference.get(transaction=transaction)
    reference.set({"state": "rejected"})
    transaction.set(reference, {"state": "approved"})
    with pytest.raises(exceptions.Aborted):
        transaction._commit()
    assert reference.get().get("state") == "rejected"


def test_a_document_that_appeared_after_it_was_missed_aborts_too(client: firestore.Client) -> None:
    reference = client.document("runs/one")
    transaction = client.transaction()
    transaction._begin()
    assert not reference.get(transaction=transaction).exists
    reference.set({"by": "someone else"})
    transaction.set(reference, {"by": "me"})
    with pytest.raises(exceptions.Aborted):
        transaction._commit()


@pytest.mark.parametrize("read", ["query", "aggregation"])
def test_a_document_that_would_now_be_found_aborts_what_searched_for_it(client: firestore.Client, read: str) -> None:
    query = client.collection("drafts").where(filter=FieldFilter("open", "==", True))
    transaction = client.transaction()
    transaction._begin()
    list(query.stream(transaction=transaction) if read == "query" else query.count().stream(transaction=transaction))
    client.document("drafts/unrelated").set({"open": False})
    client.document("drafts/other").set({"open": True})
    transaction.set(client.document("drafts/mine"), {"open": True})
    with pytest.raises(exceptions.Aborted):
        transaction._commit()


def test_writes_elsewhere_do_not_disturb_a_transaction(client: firestore.Client) -> None:
    query = client.collection("drafts").where(filter=FieldFilter("open", "==", True))
    transaction = client.transaction()
    transaction._begin()
    assert list(query.stream(transaction=transaction)) == []
    client.document("drafts/closed").set({"open": False})
    client.document("runs/one").set({"open": True})
    transaction.set(client.document("drafts/mine"), {"open": True})
    transaction._commit()
    assert client.document("drafts/mine").get().exists


def test_a_failed_function_rolls_back_and_leaves_nothing(client: firestore.Client) -> None:
    @firestore.transactional
    def fail(transaction: firestore.Transaction) -> None:
        transaction.set(client.document("runs/one"), {"step": 1})
        raise LookupError("no such run")

    with pytest.raises(LookupError):
        fail(client.transaction())
    assert not client.document("runs/one").get().exists


def test_giving_up_after_five_attempts_is_the_clients_own_error(client: firestore.Client) -> None:
    reference = client.document("runs/one")
    attempts = []

    @firestore.transactional
    def spoil(transaction: firestore.Transaction) -> None:
        reference.get(transaction=transaction)
        attempts.append(len(attempts))
        reference.set({"spoiled": len(attempts)})
        transaction.set(reference, {"spoiled": 0})

    with pytest.raises(ValueError, match="5 attempts"):
        spoil(client.transaction())
    assert len(attempts) == 5


def test_a_finished_transaction_cannot_be_used_again(client: firestore.Client) -> None:
    transaction = client.transaction()
    transaction._begin()
    used = transaction.id
    transaction._commit()
    transaction._id = used
    with pytest.raises(exceptions.InvalidArgument, match="no longer valid"):
        transaction._commit()
    transaction._clean_up()


def test_a_read_only_transaction_sees_one_moment_however_long_it_takes(client: firestore.Client, clock: Clock) -> None:
    first, second = client.document("contacts/a"), client.document("contacts/b")
    first.set({"n": 1})
    second.set({"n": 1})
    transaction = client.transaction(read_only=True)
    transaction._begin()
    assert first.get(transaction=transaction).get("n") == 1
    clock.advance(timedelta(minutes=5))
    second.set({"n": 2})
    client.document("contacts/c").set({"n": 3})
    found = client.collection("contacts").stream(transaction=transaction)
    assert [(snapshot.id, snapshot.get("n")) for snapshot in found] == [("a", 1), ("b", 1)]
    transaction._commit()
