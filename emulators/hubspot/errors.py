"""HubSpot's refusals as exceptions, and the JSON bodies they become; raised by the state and the handlers."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

AUTH_HELP = "https://developers.hubspot.com/docs/methods/auth/oauth-overview"


class HubSpotError(Exception):
    """One refusal: an HTTP status and the fields of HubSpot's error envelope (correlationId is added on the way out)."""

    def __init__(
        self, status: int, message: str, *, category: str | None = None, headers: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.category, self.more = status, message, category, more
        self.headers = dict(headers or {})

    def body(self, correlation_id: str) -> dict[str, Any]:
        envelope: dict[str, Any] = {"status": "error", "message": self.message, "correlationId": correlation_id, **self.more}
        return envelope if self.category is None else {**envelope, "category": self.category}

    def batch_entry(self, trace_id: str | None = None) -> dict[str, Any]:
        """The same refusal as one entry of a 207's `errors`."""
        context = dict(self.more.get("context", {}))
        if trace_id is not None:
            context["objectWriteTraceId"] = [trace_id]
        return {
            "status": "error",
            "category": self.category,
            "message": self.message,
            "context": context,
            "links": {},
            "errors": self.more.get("errors", []),
        }


def not_authenticated() -> HubSpotError:
    text = f"Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at {AUTH_HELP}"
    return HubSpotError(401, text, category="INVALID_AUTHENTICATION")


def expired_token(seconds: int) -> HubSpotError:
    text = f"The OAuth token used to make this call expired {seconds} second(s) ago."
    return HubSpotError(401, text, category="EXPIRED_AUTHENTICATION", context={"expire time": [str(seconds)]})


def missing_scopes(scopes: Sequence[str]) -> HubSpotError:
    context = {"requiredGranularScopes": list(scopes), "links": ["https://developers.hubspot.com/scopes"]}
    return HubSpotError(403, "One or more of the following scopes are required.", category="MISSING_SCOPES", context=context)


def not_found(kind: str, ids: Sequence[str]) -> HubSpotError:
    text = f"Could not get some {kind} objects, they may be deleted or not exist. Check that ids are valid."
    return HubSpotError(404, text, category="OBJECT_NOT_FOUND", context={"ids": list(ids)})


def resource_not_found() -> HubSpotError:
    return HubSpotError(404, "resource not found", category="OBJECT_NOT_FOUND")


def contact_exists(existing_id: str) -> HubSpotError:
    text = f"Contact already exists. Existing ID: {existing_id}"
    return HubSpotError(409, text, category="CONFLICT", context={"existingId": [existing_id]})


def invalid(message: str, **more: Any) -> HubSpotError:
    return HubSpotError(400, message, category="VALIDATION_ERROR", **more)


def unknown_object_type(name: str) -> HubSpotError:
    return HubSpotError(400, f"Unable to infer object type from: {name}")


def missing_properties(kind: str, names: Sequence[str]) -> HubSpotError:
    return invalid(f"Error creating {kind}. Some required properties were not set.", context={"properties": list(names)})


def invalid_properties(faults: Sequence[tuple[str, str, str]]) -> HubSpotError:
    """`faults`: (property name, code, message), listed in the message as JSON the way HubSpot does it."""
    listed = [{"isValid": False, "message": text, "error": code, "name": name} for name, code, text in faults]
    errors = [{"message": text, "code": code, "context": {"propertyName": [name]}} for name, code, text in faults]
    return invalid(f"Property values were not valid: {json.dumps(listed, separators=(',', ':'))}", errors=errors)


def rate_limited(message: str, policy: str, request_id: str, headers: Mapping[str, str]) -> HubSpotError:
    """429: this body has `errorType` and `policyName` where every other refusal has `category`."""
    return HubSpotError(429, message, headers=headers, errorType="RATE_LIMIT", policyName=policy, requestId=request_id)


def token_refused(reason: str, message: str) -> HubSpotError:
    """The token endpoint names its reason where other bodies say `error`."""
    refusal = HubSpotError(400, message)
    refusal.more = {"status": reason}
    return refusal


def form_rejected(faults: Sequence[tuple[str, str, str]]) -> HubSpotError:
    """`faults`: (field, error type, message): the submission host's own envelope."""
    errors = [{"message": f"Error in 'fields.{name}'. {text}", "errorType": code} for name, code, text in faults]
    return HubSpotError(400, "The request is not valid", errors=errors)
