"""The gRPC front of Firestore: `python -m emulators firestore` and the suite serve its handlers."""

import threading
from collections.abc import Mapping
from typing import Any

import grpc

from emulators.clock import Clock
from emulators.faults import Faults
from emulators.firestore import errors
from emulators.firestore.indexes import Indexes
from emulators.firestore.listeners import stream
from emulators.firestore.methods import METHODS, calls
from emulators.firestore.responses import Engine
from emulators.firestore.staleness import ReadTimes
from emulators.firestore.wire import microseconds_of, moment_of
from emulators.grpc_methods import Front, generic_handler, without_context

CODES: dict[type[Exception], grpc.StatusCode] = {
    errors.InvalidArgument: grpc.StatusCode.INVALID_ARGUMENT,
    errors.NotFound: grpc.StatusCode.NOT_FOUND,
    errors.AlreadyExists: grpc.StatusCode.ALREADY_EXISTS,
    errors.FailedPrecondition: grpc.StatusCode.FAILED_PRECONDITION,
    errors.Aborted: grpc.StatusCode.ABORTED,
}


class FirestoreEmulator:
    """One Firestore for any number of projects and databases; `engine` is the same without the socket."""

    name = "firestore"

    def __init__(self, clock: Clock, *, indexes: Mapping[str, Any] | None = None) -> None:
        """`indexes` is a parsed `firestore.indexes.json`; without it every query works and nothing expires."""
        self.faults = Faults()
        parsed = None if indexes is None else Indexes.parse(indexes)
        self.engine = Engine(lambda: microseconds_of(clock.now()), parsed, clock.notify)
        self._clock, self._closed = clock, False
        read_times = ReadTimes(present_us=self.engine.present_us, latest_commit_us=self.engine.latest_commit_us)
        self._front = Front(self.name, clock, self.faults, CODES, read_times)
        if parsed and parsed.expiring:
            threading.Thread(target=self._expire, name="firestore-expiry", daemon=True).start()

    def handlers(self) -> list[grpc.GenericRpcHandler]:
        implementation = {name: without_context(answer) for name, answer in calls(self.engine).items()}
        implementation["Listen"] = lambda requests, context: stream(self.engine.listen(), requests, context)
        return [generic_handler(METHODS, implementation, self._front)]

    def reset(self) -> None:
        self.engine.reset()

    def dump(self) -> dict[str, Any]:
        return self.engine.dump()

    def load(self, data: Mapping[str, Any]) -> None:
        self.engine.load(data)

    def close(self) -> None:
        self._closed = True
        self._clock.notify()

    def _expire(self) -> None:
        """Listeners hear of an expiry when the clock reaches it; everyone else when they look."""
        while not self._closed:
            self._wait_for_expiry(self.engine.next_expiry_us)
            self.engine.expire()

    def _wait_for_expiry(self, due_us: int | None) -> None:
        moment = None if due_us is None else moment_of(due_us)
        self._clock.wait_for(lambda: self._closed or self.engine.next_expiry_us != due_us, until=moment)
