"""Whose turn it is with a contended document: who waits, for how long, and who does not wait at all."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from google.cloud.firestore_v1.types import TransactionOptions

from emulators.firestore.errors import InvalidArgument
from emulators.firestore.transactions import HELD_S, Transaction, Transactions

SOON_S = HELD_S / 3
Wait = Callable[[Transaction, str], "Future[bool]"]


@pytest.fixture
def changed() -> threading.Condition:
    return threading.Condition(threading.RLock())


@pytest.fixture
def transactions(changed: threading.Condition) -> Transactions:
    """`a` and `b` are contended from the start."""
    transactions = Transactions(changed)
    loser = begin(transactions)
    with changed:
        for name in "ab":
            transactions.note(loser, name, 1)
        transactions.lost(loser)
        transactions.end(loser)
    return transactions


@pytest.fixture
def wait(changed: threading.Condition, transactions: Transactions) -> Iterator[Wait]:
    """Waits in a thread of its own and reads the document when the turn has come; answers whether it had to wait."""

    def waiting(transaction: Transaction, name: str) -> bool:
        with changed:
            waited = transactions.wait_for_turn(transaction, [name])
            transactions.note(transaction, name, 1)
            return waited

    with ThreadPoolExecutor() as pool:
        yield lambda transaction, name: pool.submit(waiting, transaction, name)


def begin(transactions: Transactions) -> Transaction:
    return transactions.begin(TransactionOptions.pb(TransactionOptions()), 0)


def until(ready: Callable[[], object]) -> None:
    limit = time.monotonic() + HELD_S
    while not ready() and time.monotonic() < limit:
        threading.Event().wait(0.001)


def test_documents_nobody_fought_over_are_read_at_once(transactions: Transactions, wait: Wait) -> None:
    first, second = begin(transactions), begin(transactions)
    assert not wait(first, "c").result()
    assert not wait(second, "c").result(SOON_S)


def test_a_contended_document_is_read_by_the_next_as_soon_as_it_is_let_go(
    transactions: Transactions, wait: Wait, changed: threading.Condition
) -> None:
    first, second = begin(transactions), begin(transactions)
    assert not wait(first, "a").result()
    waiting = wait(second, "a")
    until(lambda: second.waits_for)
    assert second.waits_for is first
    with changed:
        transactions.end(first)
    assert waiting.result(SOON_S)


def test_a_holder_that_died_delays_the_others_by_a_moment_only(transactions: Transactions, wait: Wait) -> None:
    first, second = begin(transactions), begin(transactions)
    assert not wait(first, "a").result()
    assert wait(second, "a").result(HELD_S * 2)


def test_two_that_hold_what_the_other_wants_do_not_both_wait(transactions: Transactions, wait: Wait, changed: threading.Condition) -> None:
    first, second = begin(transactions), begin(transactions)
    assert not wait(first, "a").result()
    assert not wait(second, "b").result()
    stuck = wait(first, "b")
    until(lambda: first.waits_for)
    assert not wait(second, "a").result(SOON_S)
    with changed:
        transactions.end(second)
    assert stuck.result(SOON_S)


def test_rolling_back_twice_is_fine_but_not_what_never_began(transactions: Transactions, changed: threading.Condition) -> None:
    transaction = begin(transactions)
    with changed:
        transactions.rollback(transaction.id)
        transactions.rollback(transaction.id)
        for unknown in (b"", b"nonsense", b"transaction-99"):
            with pytest.raises(InvalidArgument):
                transactions.rollback(unknown)


def test_transactions_that_nobody_ends_are_forgotten_in_the_end(changed: threading.Condition) -> None:
    transactions = Transactions(changed, most_open=3)
    with changed:
        begun = [begin(transactions) for _ in range(4)]
    with pytest.raises(InvalidArgument, match="no longer valid"):
        transactions.get(begun[0].id)
    assert transactions.get(begun[-1].id) is begun[-1]
