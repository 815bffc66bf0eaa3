"""SendGrid's refusals: `{"errors": [{message, field, help}]}`, every fault of a request told at once."""

from collections.abc import Mapping, Sequence
from typing import Any

IDENTITY_HELP = "https://sendgrid.com/docs/for-developers/sending-email/sender-identity/"
Fault = tuple[str, str | None]
"""(message, field)."""


class SendGridError(Exception):
    def __init__(self, status: int, faults: Sequence[Fault], *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__("; ".join(message for message, _ in faults))
        self.status, self.faults, self.headers = status, list(faults), dict(headers or {})

    def body(self) -> dict[str, Any]:
        return {"errors": [{"message": message, "field": field} for message, field in self.faults]}


def not_authorized(given: str) -> SendGridError:
    told = "The provided authorization grant is invalid, expired, or revoked" if given else "authorization required"
    return SendGridError(401, [(told, None)])


def unverified_sender() -> SendGridError:
    told = "The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved."
    return SendGridError(403, [(f"{told} Visit {IDENTITY_HELP} to see the Sender Identity requirements", "from")])


def bad_request(message: str, field: str | None = None) -> SendGridError:
    return SendGridError(400, [(message, field)])


def not_found(message: str = "resource not found") -> SendGridError:
    return SendGridError(404, [(message, None)])


def too_many(reset_s: int) -> SendGridError:
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset_s)}
    return SendGridError(429, [("too many requests", None)], headers=headers)
