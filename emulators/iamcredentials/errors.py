"""What the API refuses, in its own words; raised by state.py and responses.py."""

from emulators.google_api.errors import GoogleApiError


def unknown_account(email: str) -> GoogleApiError:
    return GoogleApiError(404, f"Not found; Gaia id not found for email {email}", "notFound")


def not_permitted() -> GoogleApiError:
    wording = "Permission 'iam.serviceAccounts.signJwt' denied on resource (or it may not exist)."
    return GoogleApiError(403, wording, "forbidden")


def not_json() -> GoogleApiError:
    return GoogleApiError(400, "Invalid JWT payload: it must be a serialized JSON object.", "badRequest")


def wrong_expiry() -> GoogleApiError:
    return GoogleApiError(
        400, "Invalid JWT payload: exp must be an integer, not in the past and no more than 12 hours ahead.", "badRequest"
    )
