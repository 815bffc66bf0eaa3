"""Every RPC as a method on raw protobufs, without gRPC: the front in `routes` and in-process tests and rehearsals call the engine."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from emulators.firestore.aggregations import aggregated, fields_of
from emulators.firestore.errors import Aborted, FailedPrecondition, FirestoreError, InvalidArgument
from emulators.firestore.expiry import Expiry
from emulators.firestore.fields import Path, masked
from emulators.firestore.index_check import check
from emulators.firestore.indexes import Indexes
from emulators.firestore.listeners import Listener
from emulators.firestore.listing import collection_ids_page, documents_page
from emulators.firestore.names import check_document_name
from emulators.firestore.partitions import partitions_page
from emulators.firestore.queries import Plan, plan
from emulators.firestore.state import REMEMBERED_US, Reading, Record, Store
from emulators.firestore.transactions import Transaction, Transactions
from emulators.firestore.wire import (
    BatchGetDocumentsResponse,
    BatchWriteResponse,
    BeginTransactionResponse,
    CommitResponse,
    Pb,
    RunAggregationQueryResponse,
    RunQueryResponse,
    Status,
    WriteResult,
    microseconds,
    timestamp_of,
)
from emulators.firestore.writes import Batch, check_write, target_of


@dataclass(frozen=True)
class View:
    """What one read sees. `transaction` is the one whose reads must be remembered, `opened` the one this read began."""

    reading: Reading
    read_us: int
    transaction: Transaction | None = None
    opened: Transaction | None = None


class Engine:
    """One Firestore, thread-safe. `now_us` is the suite's clock in microseconds since 1970; refusals are FirestoreErrors.

    With `indexes`, queries that Google could not serve from them are refused and documents with a time to live expire.
    """

    def __init__(self, now_us: Callable[[], int], indexes: Indexes | None = None, expiry_moved: Callable[[], None] = lambda: None) -> None:
        self._now_us, self._indexes = now_us, indexes
        self._expiry = Expiry(indexes.expiring if indexes else {}, expiry_moved)
        self._changed = threading.Condition(threading.RLock())
        self._store = Store()
        self._transactions = Transactions(self._changed)

    # Writes
    def commit(self, request: Pb) -> Pb:
        with self._changed:
            if not request.transaction:
                return self._apply(request.writes)
            transaction = self._transactions.get(request.transaction)
            try:
                self._expire()
                self._transactions.wait_for_turn(transaction, map(target_of, request.writes))
                self._check(transaction, request.writes)
                return self._apply(request.writes)
            finally:
                self._transactions.end(transaction)

    def batch_write(self, request: Pb) -> Pb:
        """Each write by itself, each with its own status."""
        for write in request.writes:
            check_write(write)
        names = [target_of(write) for write in request.writes]
        if len(set(names)) < len(names):
            raise InvalidArgument("the same document cannot be written more than once in a single request")
        outcomes = [self._write_alone(write) for write in request.writes]
        return BatchWriteResponse(write_results=[result for result, _ in outcomes], status=[status for _, status in outcomes])

    def begin_transaction(self, request: Pb) -> Pb:
        with self._changed:
            return BeginTransactionResponse(transaction=self._begin(request.options).id)

    def rollback(self, request: Pb) -> None:
        with self._changed:
            self._transactions.rollback(request.transaction)

    # Reads
    def batch_get_documents(self, request: Pb) -> list[Pb]:
        names = list(dict.fromkeys(request.documents))
        for name in names:
            check_document_name(name)
        with self._changed:
            view = self._view(request)
            if view.transaction is not None:
                self._transactions.wait_for_turn(view.transaction, names)
            records = {name: view.reading.get(name) for name in names}
            self._remember(view, records)
        found_first = sorted(records.items(), key=lambda one: one[1] is None)  # as the service does; the order is no promise
        answers = [_found_or_missing(name, record, request) for name, record in found_first]
        return _stamped(answers, view, BatchGetDocumentsResponse)

    def run_query(self, request: Pb) -> list[Pb]:
        planned = self._plan(request.parent, request.structured_query)
        view, records = self._query(planned, request)
        return _stamped([RunQueryResponse(document=planned.shaped(record)) for record in records], view, RunQueryResponse)

    def run_aggregation_query(self, request: Pb) -> list[Pb]:
        aggregation = request.structured_aggregation_query
        planned = self._plan(request.parent, aggregation.structured_query, fields_of(aggregation.aggregations))
        view, records = self._query(planned, request)
        values = aggregated(records, aggregation.aggregations)
        answer = RunAggregationQueryResponse(result={"aggregate_fields": values})
        return _stamped([answer], view, RunAggregationQueryResponse)

    def partition_query(self, request: Pb) -> Pb:
        planned = self._plan(request.parent, request.structured_query)
        with self._changed:
            return partitions_page(planned, self._view(request).reading, request)

    def list_documents(self, request: Pb) -> Pb:
        with self._changed:
            return documents_page(self._view(request).reading, request)

    def list_collection_ids(self, request: Pb) -> Pb:
        with self._changed:
            return collection_ids_page(self._view(request).reading, request)

    def listen(self) -> Listener:
        """A listener without targets yet; close it when done."""
        return Listener(self._store, self._changed, self.present_us, self._plan)

    # State
    def reset(self) -> None:
        with self._changed:
            self._store.clear()
            self._expiry.clear()
            self._transactions.clear()  # wakes whoever waits, listeners too

    def dump(self) -> dict[str, Any]:
        with self._changed:
            return self._store.dump()

    def load(self, data: Mapping[str, Any]) -> None:
        with self._changed:
            self._store.load(data)
            self._expiry.clear()
            self._expiry.note(self._store)
            self._transactions.clear()

    @property
    def next_expiry_us(self) -> int | None:
        """When `expire` may have something to do; `expiry_moved` tells that it comes earlier. Calls expire what is due by themselves."""
        return self._expiry.next_us

    def expire(self) -> None:
        """Deletes what has expired by now, so that listeners hear of it although nobody calls."""
        with self._changed:
            self._expire()

    def _plan(self, parent: str, query: Pb, aggregated: Sequence[Path] = ()) -> Plan:
        planned = plan(parent, query, aggregated=aggregated)
        if self._indexes is not None:
            check(planned, self._indexes, aggregated)
        return planned

    def _apply(self, writes: Sequence[Pb]) -> Pb:
        for write in writes:
            check_write(write)
        self._expire()
        batch = Batch(self._store.get, max(self._now_us(), self._store.last_us + 1))
        for write in writes:
            batch.add(write)
        self._land(batch.changes, batch.at_us)
        return CommitResponse(write_results=batch.results, commit_time=timestamp_of(batch.at_us))

    def _land(self, changes: Mapping[str, Record | None], at_us: int) -> None:
        self._store.apply(changes, at_us)
        self._expiry.note(changes.values())
        self._changed.notify_all()

    def _expire(self) -> None:
        now_us = self._now_us()
        if due := self._expiry.due(now_us, self._store.get):
            self._land(dict.fromkeys(due), max(now_us, self._store.last_us + 1))

    def _write_alone(self, write: Pb) -> tuple[Pb, Pb]:
        try:
            with self._changed:
                return self._apply([write]).write_results[0], Status()
        except FirestoreError as error:
            return WriteResult(), Status(code=error.code, message=str(error))

    def _begin(self, options: Pb) -> Transaction:
        transaction = self._transactions.begin(options, self.present_us())
        if options.read_only.HasField("read_time"):
            transaction.read_us = self._past_us(options.read_only.read_time)
        return transaction

    def _check(self, transaction: Transaction, writes: Pb) -> None:
        """Raises Aborted unless everything the transaction has read is still so."""
        if transaction.read_only and writes:
            raise InvalidArgument("Cannot modify entities in a read-only transaction.")
        stored = {name: self._store.get(name) for name in transaction.documents}
        same = all((record.updated_us if record else None) == transaction.documents[name] for name, record in stored.items())
        if not same or not all(still_finds_the_same() for still_finds_the_same in transaction.queries):
            self._transactions.lost(transaction)
            raise Aborted("Too much contention on these documents. Please try again.")

    def _view(self, request: Pb) -> View:
        selector = request.WhichOneof("consistency_selector")
        if selector == "read_time":
            read_us = self._past_us(request.read_time)
            return View(self._store.as_of(read_us), read_us)
        if selector is None:
            return View(self._store, self.present_us())
        new = selector == "new_transaction"
        transaction = self._begin(request.new_transaction) if new else self._transactions.get(request.transaction)
        opened = transaction if new else None
        if transaction.read_us is not None:
            return View(self._store.as_of(transaction.read_us), transaction.read_us, opened=opened)
        return View(self._store, self.present_us(), transaction, opened)

    def _query(self, planned: Plan, request: Pb) -> tuple[View, list[Record]]:
        with self._changed:
            view = self._view(request)
            records = planned.matching(view.reading)
            if view.transaction is not None:
                while self._transactions.wait_for_turn(view.transaction, [record.name for record in records]):
                    records = planned.matching(view.reading)
                self._remember(view, {record.name: self._store.get(record.name) for record in records})
                view.transaction.queries.append(partial(self._finds, planned, _versions(records)))
            return view, records

    def _finds(self, planned: Plan, versions: list[tuple[str, int]]) -> bool:
        return _versions(planned.matching(self._store)) == versions

    def _remember(self, view: View, records: Mapping[str, Record | None]) -> None:
        if view.transaction is not None:
            for name, record in records.items():
                self._transactions.note(view.transaction, name, record.updated_us if record else None)

    def latest_commit_us(self) -> int:
        return self._store.last_us

    def present_us(self) -> int:
        with self._changed:
            self._expire()
            return max(self._now_us(), self._store.last_us)

    def _past_us(self, timestamp: Pb) -> int:
        moment_us = microseconds(timestamp)
        present_us = self.present_us()
        if moment_us > present_us:
            raise InvalidArgument("The requested 'read_time' cannot be in the future.")
        if moment_us < present_us - REMEMBERED_US:
            raise FailedPrecondition("The requested 'read_time' is too old.")
        return moment_us


def _versions(records: Iterable[Record]) -> list[tuple[str, int]]:
    return [(record.name, record.updated_us) for record in records]


def _found_or_missing(name: str, record: Record | None, request: Pb) -> Pb:
    if record is None:
        return BatchGetDocumentsResponse(missing=name)
    return BatchGetDocumentsResponse(found=masked(record.document, request))


def _stamped(answers: list[Pb], view: View, response: Callable[[], Pb]) -> list[Pb]:
    """Every answer says when it was read; the first also which transaction it opened; with none found, one says just that."""
    stamped = list(_led(answers, view, response))
    for answer in stamped:
        answer.read_time.CopyFrom(timestamp_of(view.read_us))
    return stamped


def _led(answers: list[Pb], view: View, response: Callable[[], Pb]) -> Iterator[Pb]:
    if view.opened is not None:
        yield response(transaction=view.opened.id)  # type: ignore[call-arg]
    elif not answers:
        yield response()
    yield from answers
