"""Google's error envelope, and the refusals every one of its APIs knows."""

from datetime import datetime
from typing import Any

STATUS_NAMES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    410: "GONE",
    412: "FAILED_PRECONDITION",
    429: "RESOURCE_EXHAUSTED",
}


class GoogleApiError(Exception):
    """One refusal. `location` names the offending parameter or header where Google names it."""

    def __init__(
        self,
        code: int,
        message: str,
        reason: str,
        *,
        location: str | None = None,
        location_type: str = "parameter",
        domain: str = "global",
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.reason, self.domain = code, message, reason, domain
        self.location, self.location_type = location, location_type

    def body(self, *, named_status: bool) -> dict[str, Any]:
        """The envelope; newer APIs (Gmail) add the canonical status name."""
        detail = {"message": self.message, "domain": self.domain, "reason": self.reason}
        if self.location is not None:
            detail |= {"location": self.location, "locationType": self.location_type}
        error: dict[str, Any] = {"code": self.code, "message": self.message, "errors": [detail]}
        if named_status or self.code == 401:
            error["status"] = STATUS_NAMES.get(self.code, "UNKNOWN")
        return {"error": error}


def invalid(message: str, *, reason: str = "invalid", location: str | None = None) -> GoogleApiError:
    return GoogleApiError(400, message, reason, location=location)


def unauthenticated() -> GoogleApiError:
    wording = (
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication"
        " credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
    )
    return GoogleApiError(401, wording, "authError", location="Authorization", location_type="header")


def rate_limited(code: int, reason: str, *, retry_after: datetime) -> GoogleApiError:
    """429 or 403 alike, told apart by nothing but the code (https://developers.google.com/workspace/gmail/api/guides/handle-errors)."""
    at = retry_after.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return GoogleApiError(code, f"User-rate limit exceeded.  Retry after {at}", reason, domain="usageLimits")


def too_many_parts(most: int) -> GoogleApiError:
    return invalid(f"The batch request exceeds the limit of {most} calls.", reason="badRequest")


def bad_upload(message: str) -> GoogleApiError:
    return invalid(message, reason="badRequest")


def too_large(most: int) -> GoogleApiError:
    return GoogleApiError(413, f"Request is too large: the limit is {most} bytes.", "uploadTooLarge")
