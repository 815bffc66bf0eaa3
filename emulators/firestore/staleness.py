"""Stale answers of Firestore: a read outside transactions gets an earlier read time, which the engine knows how to serve."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from emulators.faults import Fault
from emulators.firestore.wire import SECOND_US, Pb, timestamp_of


class ReadTimes:
    """Both functions ask the engine. Reads that name their own moment or transaction stay consistent."""

    reads = frozenset({"BatchGetDocuments", "RunQuery", "RunAggregationQuery", "ListDocuments", "ListCollectionIds"})

    def __init__(self, *, present_us: Callable[[], int], latest_commit_us: Callable[[], int]) -> None:
        self._present_us, self._latest_commit_us = present_us, latest_commit_us

    def notice(self) -> None:
        """The store remembers its last hour by itself."""

    @contextmanager
    def earlier(self, fault: Fault, request: Pb) -> Iterator[None]:
        if request.WhichOneof("consistency_selector") is None:
            moment_us = self._present_us() - int(fault.age_s * SECOND_US) if fault.age_s else self._latest_commit_us() - 1
            request.read_time.CopyFrom(timestamp_of(max(moment_us, 0)))
        yield
