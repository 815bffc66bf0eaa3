"""Calendar's refusals, worded as Calendar words them."""

from emulators.google_api.errors import GoogleApiError


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


def full_sync_required() -> GoogleApiError:
    return GoogleApiError(410, "Sync token is no longer valid, a full sync is required.", "fullSyncRequired", location="syncToken")


def sync_token_with(names: str) -> GoogleApiError:
    return GoogleApiError(400, f"Sync token cannot be combined with {names}.", "badRequest", location="syncToken")


def not_the_organizer() -> GoogleApiError:
    wording = "Shared properties can only be changed by the organizer of the event."
    return GoogleApiError(403, wording, "forbiddenForNonOrganizer", domain="calendar")


def both_reminders() -> GoogleApiError:
    wording = "Cannot specify both default reminders and overrides at the same time."
    return GoogleApiError(400, wording, "cannotUseDefaultRemindersAndSpecifyOverride", domain="calendar")


def not_recurring() -> GoogleApiError:
    return GoogleApiError(400, "The event is not recurring.", "badRequest")
