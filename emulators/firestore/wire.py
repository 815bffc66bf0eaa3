"""The raw protobuf classes of Firestore, and its timestamps as whole microseconds; every module here speaks these."""

from datetime import UTC, datetime, timedelta
from typing import Any

from google.cloud.firestore_v1 import types
from google.protobuf import timestamp_pb2
from google.rpc import status_pb2

Pb = Any
"""A raw protobuf: the generated classes carry no types."""

Document: Any = types.Document.pb()
Value: Any = types.Value.pb()
Write: Any = types.Write.pb()
WriteResult: Any = types.WriteResult.pb()
CommitRequest: Any = types.CommitRequest.pb()
CommitResponse: Any = types.CommitResponse.pb()
BatchWriteResponse: Any = types.BatchWriteResponse.pb()
BatchGetDocumentsResponse: Any = types.BatchGetDocumentsResponse.pb()
BeginTransactionResponse: Any = types.BeginTransactionResponse.pb()
RunQueryResponse: Any = types.RunQueryResponse.pb()
RunAggregationQueryResponse: Any = types.RunAggregationQueryResponse.pb()
ListDocumentsResponse: Any = types.ListDocumentsResponse.pb()
ListCollectionIdsResponse: Any = types.ListCollectionIdsResponse.pb()
PartitionQueryResponse: Any = types.PartitionQueryResponse.pb()
ListenResponse: Any = types.ListenResponse.pb()
TargetChange: Any = types.TargetChange.pb()
Query: Any = types.StructuredQuery.pb()
Timestamp: Any = timestamp_pb2.Timestamp
Status: Any = status_pb2.Status

SECOND_US = 1_000_000


def microseconds(timestamp: Pb) -> int:
    return int(timestamp.seconds * SECOND_US + timestamp.nanos // 1000)


def timestamp_of(moment_us: int) -> Pb:
    seconds, rest = divmod(moment_us, SECOND_US)
    return Timestamp(seconds=seconds, nanos=rest * 1000)


def microseconds_of(moment: datetime) -> int:
    return int(moment.timestamp()) * SECOND_US + moment.microsecond


def moment_of(moment_us: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=moment_us)
