"""What Secret Manager refuses; `routes` turns each into its gRPC code."""


class SecretManagerError(Exception):
    """The text is what the client sees."""


class InvalidArgument(SecretManagerError):
    pass


class NotFound(SecretManagerError):
    pass


class AlreadyExists(SecretManagerError):
    pass


class FailedPrecondition(SecretManagerError):
    pass
