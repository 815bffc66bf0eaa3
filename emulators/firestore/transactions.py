"""Transactions: what each has read, and whose turn it is with a document that several want to change; for the engine."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count

from emulators.firestore.errors import InvalidArgument
from emulators.firestore.wire import Pb

HELD_S = 1.0
"""Real seconds: a client that died in a retry delays the others by no more."""

CONTENDED_S = 5.0
"""Real seconds after the last abort."""

MOST_OPEN = 10_000


@dataclass(eq=False)
class Transaction:
    """`documents` are the update times it saw (None: missing); each of `queries` tells whether it would still find the same."""

    id: bytes
    read_only: bool = False
    read_us: int | None = None
    documents: dict[str, int | None] = field(default_factory=dict)
    queries: list[Callable[[], bool]] = field(default_factory=list)
    holds_until: float = 0.0
    waits_for: "Transaction | None" = None

    def holds(self, names: Iterable[str]) -> bool:
        return time.monotonic() < self.holds_until and any(name in self.documents for name in names)


class Transactions:
    """The open transactions; every method is called under the engine's lock, which `wait_for_turn` gives up while it waits.

    They are optimistic: nothing is held, and a commit whose reads have changed is ABORTED. The client gives up after five attempts, so
    a document over which a transaction was aborted is contended for a while: who reads it then holds it, and the others wait their turn.
    """

    def __init__(self, changed: threading.Condition, *, most_open: int = MOST_OPEN) -> None:
        self._changed, self._most_open = changed, most_open
        self._numbers = count(1)
        self._begun = 0
        self._open: dict[bytes, Transaction] = {}
        self._contended_until: dict[str, float] = {}

    def begin(self, options: Pb, now_us: int) -> Transaction:
        """Opens one; a read-only one sees the store of its beginning, or of the moment it asks for."""
        self._begun = next(self._numbers)
        transaction = Transaction(f"transaction-{self._begun}".encode())
        if options.WhichOneof("mode") == "read_only":
            transaction.read_only, transaction.read_us = True, now_us
        self._open[transaction.id] = transaction
        if len(self._open) > self._most_open:
            self.end(next(iter(self._open.values())))
        return transaction

    def get(self, identifier: bytes) -> Transaction:
        if identifier not in self._open:
            raise InvalidArgument("The referenced transaction has expired or is no longer valid.")
        return self._open[identifier]

    def rollback(self, identifier: bytes) -> None:
        """Closing one that is already closed is fine: the client rolls back after every failed commit."""
        _, _, number = identifier.partition(b"-")
        if not number.isdigit() or int(number) > self._begun:
            raise InvalidArgument("Invalid transaction.")
        if identifier in self._open:
            self.end(self._open[identifier])

    def note(self, transaction: Transaction, name: str, updated_us: int | None) -> None:
        """Remembers the first version seen of a document: seeing another one later is a conflict already."""
        transaction.documents.setdefault(name, updated_us)
        now = time.monotonic()
        if not transaction.holds_until and self._contended_until.get(name, 0.0) > now:
            transaction.holds_until = now + HELD_S

    def lost(self, transaction: Transaction) -> None:
        """From now on others wait for each other over what this one has read in vain."""
        now = time.monotonic()
        contended = {name: until for name, until in self._contended_until.items() if until > now}
        self._contended_until = contended | dict.fromkeys(transaction.documents, now + CONTENDED_S)

    def end(self, transaction: Transaction) -> None:
        self._open.pop(transaction.id, None)
        self._changed.notify_all()

    def clear(self) -> None:
        self._open.clear()
        self._contended_until.clear()
        self._changed.notify_all()

    def wait_for_turn(self, transaction: Transaction, names: Iterable[str]) -> bool:
        """Waits until no other transaction holds one of these documents; answers whether it had to wait.

        Two that wait for each other would wait in vain: the second goes on, and one of them is aborted.
        """
        wanted = list(names)
        waited = False
        while holder := self._holder(transaction, wanted):
            waited = True
            transaction.waits_for = holder
            self._changed.wait(max(0.0, holder.holds_until - time.monotonic()))
        transaction.waits_for = None
        return waited

    def _holder(self, transaction: Transaction, names: list[str]) -> Transaction | None:
        others = (other for other in self._open.values() if other is not transaction and other.holds_until and other.holds(names))
        return next((other for other in others if not _waits_for(other, transaction)), None)


def _waits_for(transaction: Transaction, other: Transaction) -> bool:
    while transaction.waits_for is not None:
        transaction = transaction.waits_for
        if transaction is other:
            return True
    return False
