"""Gmail's refusals, worded as Gmail words them."""

from emulators.google_api.errors import GoogleApiError


def not_found() -> GoogleApiError:
    return GoogleApiError(404, "Requested entity was not found.", "notFound")


def invalid_argument(message: str) -> GoogleApiError:
    return GoogleApiError(400, message, "invalidArgument")


def invalid_id() -> GoogleApiError:
    return invalid_argument("Invalid id value")


def invalid_byte_string(value: str) -> GoogleApiError:
    return invalid_argument(f"Invalid value for ByteString: {value[:40]}")


def raw_required() -> GoogleApiError:
    return invalid_argument("'raw' RFC822 payload message string or uploading message via /upload/* URL required")


def recipient_required() -> GoogleApiError:
    return invalid_argument("Recipient address required")


def invalid_label(name: str) -> GoogleApiError:
    return invalid_argument(f"Invalid label: {name}")


def label_exists() -> GoogleApiError:
    return GoogleApiError(409, "Label name exists or conflicts", "aborted")


def delegation_denied(caller: str) -> GoogleApiError:
    return GoogleApiError(403, f"Delegation denied for {caller}", "forbidden")


def mail_service_not_enabled() -> GoogleApiError:
    return GoogleApiError(400, "Mail service not enabled", "failedPrecondition")


def history_expired() -> GoogleApiError:
    return not_found()


def other_client_watches() -> GoogleApiError:
    wording = "Only one user push notification client allowed per developer (call /stop then try again)"
    return GoogleApiError(400, wording, "failedPrecondition")


def cannot_publish(topic: str) -> GoogleApiError:
    wording = f"Error sending test message to Cloud PubSub {topic} : User not authorized to perform this action."
    return GoogleApiError(403, wording, "forbidden")


def no_such_topic(topic: str) -> GoogleApiError:
    wording = f"Error sending test message to Cloud PubSub {topic} : Resource not found (resource={topic.rpartition('/')[2]})."
    return GoogleApiError(404, wording, "notFound")


def primary_identity() -> GoogleApiError:
    return invalid_argument("Cannot delete primary address")


def identity_exists() -> GoogleApiError:
    return GoogleApiError(409, "Send-as alias already exists", "alreadyExists")
