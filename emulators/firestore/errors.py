"""What Firestore refuses, by the name of its status; `routes` turns each into its gRPC code."""


class FirestoreError(Exception):
    """The text is what the client sees. `code` is the number google.rpc.Status carries, for refusals inside an answer."""

    code = 13


class InvalidArgument(FirestoreError):
    code = 3


class NotFound(FirestoreError):
    code = 5


class AlreadyExists(FirestoreError):
    code = 6


class FailedPrecondition(FirestoreError):
    code = 9


class Aborted(FirestoreError):
    code = 10
