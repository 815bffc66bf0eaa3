"""Calendar's refusals, worded as Calendar words them."""

from emulators.oauth2.google_api import GoogleApiError


def not_found() -> GoogleApiError:
    return GoogleApiError(404, "Not Found", "notFound")


def duplicate() -> GoogleApiError:
    return GoogleApiError(409, "The requested identifier already exists.", "duplicate")


def deleted() -> GoogleApiError:
    return GoogleApiError(410, "Resource has been deleted", "deleted")


def forbidden() -> GoogleApiError:
    return GoogleApiError(403, "You need to have writer access to this calendar.", "requiredAccessLevel")


def precondition_failed() -> GoogleApiError:
    return GoogleApiError(412, "Precondition Failed", "conditionNotMet", location="If-Match", location_type="header")


def missing(what: str) -> GoogleApiError:
    return GoogleApiError(400, f"Missing {what}.", "required")


def empty_range() -> GoogleApiError:
    return GoogleApiError(400, "The specified time range is empty.", "timeRangeEmpty", location="timeMax")


def bad_request(message: str = "Bad Request") -> GoogleApiError:
    return GoogleApiError(400, message, "badRequest")


def invalid(message: str = "Invalid Value") -> GoogleApiError:
    return GoogleApiError(400, message, "invalid")
