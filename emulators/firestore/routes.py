"""The gRPC front of Firestore: `python -m emulators firestore` and the suite serve its handlers."""

from collections.abc import Mapping
from typing import Any

import grpc
from google.cloud.firestore_v1.services.firestore.transports.grpc import FirestoreGrpcTransport

from emulators.clock import Clock
from emulators.faults import Faults
from emulators.firestore import errors
from emulators.firestore.responses import Engine
from emulators.firestore.staleness import ReadTimes
from emulators.firestore.wire import microseconds_of
from emulators.grpc_methods import Front, generic_handler, methods_of, without_context

METHODS = methods_of(FirestoreGrpcTransport)
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

    def __init__(self, clock: Clock) -> None:
        self.faults = Faults()
        self.engine = Engine(lambda: microseconds_of(clock.now()))
        read_times = ReadTimes(present_us=self.engine.present_us, latest_commit_us=self.engine.latest_commit_us)
        self._front = Front(self.name, clock, self.faults, CODES, read_times)

    def handlers(self) -> list[grpc.GenericRpcHandler]:
        engine = self.engine
        implementation = {
            "Commit": without_context(engine.commit),
            "BatchWrite": without_context(engine.batch_write),
            "BeginTransaction": without_context(engine.begin_transaction),
            "Rollback": without_context(engine.rollback),
            "BatchGetDocuments": without_context(engine.batch_get_documents),
            "RunQuery": without_context(engine.run_query),
            "RunAggregationQuery": without_context(engine.run_aggregation_query),
            "ListDocuments": without_context(engine.list_documents),
            "ListCollectionIds": without_context(engine.list_collection_ids),
        }
        return [generic_handler(METHODS, implementation, self._front)]

    def reset(self) -> None:
        self.engine.reset()

    def dump(self) -> dict[str, Any]:
        return self.engine.dump()

    def load(self, data: Mapping[str, Any]) -> None:
        self.engine.load(data)

    def close(self) -> None:
        """Nothing runs by itself here."""
