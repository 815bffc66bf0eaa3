"""What Pub/Sub refuses, in its own words, and the gRPC status of each refusal."""

import grpc


class PubSubError(Exception):
    """The text is what the client sees."""


class NotFound(PubSubError):
    def __init__(self, name: str) -> None:
        super().__init__(f"Resource not found (resource={name.rsplit('/', 1)[-1]}).")


class AlreadyExists(PubSubError):
    def __init__(self, name: str) -> None:
        super().__init__(f"Resource already exists in the project (resource={name.rsplit('/', 1)[-1]}).")


class InvalidArgument(PubSubError):
    pass


class FailedPrecondition(PubSubError):
    pass


CODES: dict[type[Exception], grpc.StatusCode] = {
    NotFound: grpc.StatusCode.NOT_FOUND,
    AlreadyExists: grpc.StatusCode.ALREADY_EXISTS,
    InvalidArgument: grpc.StatusCode.INVALID_ARGUMENT,
    FailedPrecondition: grpc.StatusCode.FAILED_PRECONDITION,
}
