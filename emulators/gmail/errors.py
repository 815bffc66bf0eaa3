"""Gmail's refusals, worded as Gmail words them."""

from emulators.oauth2.google_api import GoogleApiError


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
