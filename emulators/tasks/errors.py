"""What Cloud Tasks refuses, in its own words, and the gRPC status of each refusal."""

import grpc


class TasksError(Exception):
    """The text is what the client sees."""


class NotFound(TasksError):
    def __init__(self, text: str = "Requested entity was not found.") -> None:
        super().__init__(text)


class AlreadyExists(TasksError):
    def __init__(self) -> None:
        super().__init__("Requested entity already exists")


class InvalidArgument(TasksError):
    pass


class FailedPrecondition(TasksError):
    pass


CODES: dict[type[Exception], grpc.StatusCode] = {
    NotFound: grpc.StatusCode.NOT_FOUND,
    AlreadyExists: grpc.StatusCode.ALREADY_EXISTS,
    InvalidArgument: grpc.StatusCode.INVALID_ARGUMENT,
    FailedPrecondition: grpc.StatusCode.FAILED_PRECONDITION,
}
