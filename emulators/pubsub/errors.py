"""What Pub/Sub refuses, in its own words, and the gRPC status of each refusal."""

from collections.abc import Mapping

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc import code_pb2
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

INVALID_ACK_ID = "PERMANENT_FAILURE_INVALID_ACK_ID"


class PubSubError(Exception):
    """The text is what the client sees."""


class NotFound(PubSubError, LookupError):
    def __init__(self, name: str) -> None:
        super().__init__(f"Resource not found (resource={name.rsplit('/', 1)[-1]}).")


class AlreadyExists(PubSubError):
    def __init__(self, name: str) -> None:
        super().__init__(f"Resource already exists in the project (resource={name.rsplit('/', 1)[-1]}).")


class InvalidArgument(PubSubError):
    pass


class FailedPrecondition(PubSubError):
    pass


class Unimplemented(PubSubError):
    """Google does it and this emulator does not; the text says so."""


class AckIdsInvalid(PubSubError):
    """With exactly-once delivery the client is told which acknowledgements came too late; the others have counted."""

    def __init__(self, ack_ids: list[str]) -> None:
        super().__init__(
            "Some acknowledgement ids in the request were invalid. This could be because the acknowledgement ids have expired."
        )
        self.ack_ids = ack_ids
        self.status = _status(str(self), dict.fromkeys(ack_ids, INVALID_ACK_ID))


def _status(text: str, reasons: Mapping[str, str]) -> Status:
    """https://cloud.google.com/pubsub/docs/exactly-once-delivery: an ErrorInfo names every ack id that failed and why."""
    info = ErrorInfo(reason="PERMANENT_FAILURE_INVALID_ACK_ID", domain="pubsub.googleapis.com", metadata=reasons)
    packed = AnyMessage()
    packed.Pack(info)
    return Status(code=code_pb2.FAILED_PRECONDITION, message=text, details=[packed])


CODES: dict[type[Exception], grpc.StatusCode] = {
    NotFound: grpc.StatusCode.NOT_FOUND,
    AlreadyExists: grpc.StatusCode.ALREADY_EXISTS,
    InvalidArgument: grpc.StatusCode.INVALID_ARGUMENT,
    FailedPrecondition: grpc.StatusCode.FAILED_PRECONDITION,
    Unimplemented: grpc.StatusCode.UNIMPLEMENTED,
    AckIdsInvalid: grpc.StatusCode.FAILED_PRECONDITION,
}
