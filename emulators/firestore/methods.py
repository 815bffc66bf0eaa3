"""The service's methods by name: how the client calls each, and what of the engine answers it; for `routes` and in-process clients."""

from collections.abc import Callable
from typing import Any

from google.cloud.firestore_v1.services.firestore.transports.grpc import FirestoreGrpcTransport

from emulators.firestore.responses import Engine
from emulators.grpc_methods import methods_of

METHODS = methods_of(FirestoreGrpcTransport)


def calls(engine: Engine) -> dict[str, Callable[[Any], Any]]:
    """Those of one request. They take and answer raw protobufs (a list of them for streams, None for nothing)."""
    return {
        "Commit": engine.commit,
        "BatchWrite": engine.batch_write,
        "BeginTransaction": engine.begin_transaction,
        "Rollback": engine.rollback,
        "BatchGetDocuments": engine.batch_get_documents,
        "RunQuery": engine.run_query,
        "RunAggregationQuery": engine.run_aggregation_query,
        "PartitionQuery": engine.partition_query,
        "ListDocuments": engine.list_documents,
        "ListCollectionIds": engine.list_collection_ids,
    }
