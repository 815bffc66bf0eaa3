"""HubSpot's failures as the four families: one table of statuses. Used by the client."""

import re
from datetime import timedelta

import httpx
from pydantic import ValidationError

from shared.connectors.hubspot.wire import ErrorBody
from shared.ports.errors import NotFound, OutcomeUnknown, Permanent, ReconnectNeeded, SalesAgentError, Transient, reason_word
from shared.resilience.backoff import asked_wait

SOURCE = "hubspot"
POLICY_WAITS = {"SECONDLY": timedelta(seconds=1), "TEN_SECONDLY_ROLLING": timedelta(seconds=10), "DAILY": timedelta(hours=1)}
"""HubSpot does not send Retry-After with a 429: how long each window lasts (a day's budget is looked at again every hour)."""
NOT_DONE = {423: timedelta(seconds=2), 429: timedelta(seconds=10), 477: timedelta(minutes=1), 503: None}
"""The request was turned away, so even a create may be repeated: locked, limited, migrating, unavailable; with the usual wait."""
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
EXISTING = re.compile(r"Existing ID: (\d+)")


class AlreadyExists(Permanent):
    """409: the record is there; `existing_id` when HubSpot says which."""

    def __init__(self, detail: str, *, existing_id: str, raw: str) -> None:
        super().__init__(detail, source=SOURCE, raw=raw)
        self.existing_id = existing_id


def failure_of(response: httpx.Response, *, what: str, safe: bool) -> SalesAgentError:
    """What an answer of 400 and above means. `safe`: repeating the call cannot do anything twice."""
    told, status = _told(response), response.status_code
    reason = reason_word(told.category or told.policy_name)
    detail = f"HubSpot answered {status} to {what}" + (f" ({reason})" if reason else "")
    if status in NOT_DONE:
        return Transient(detail, retry_after=_wait(response, told), source=SOURCE, raw=told.message)
    if status == 409:
        found = EXISTING.search(told.message)
        return AlreadyExists(detail, existing_id=found.group(1) if found else "", raw=told.message)
    if status >= 500 or status == 408:
        family = Transient if safe else OutcomeUnknown
        return family(detail, source=SOURCE, raw=told.message)
    refused = {401: ReconnectNeeded, 403: ReconnectNeeded, 404: NotFound}.get(status, Permanent)
    return refused(detail, source=SOURCE, raw=told.message)


def no_answer(error: httpx.HTTPError, *, what: str, safe: bool) -> SalesAgentError:
    """Nothing, or nothing readable, came back."""
    detail = f"HubSpot gave no answer to {what} ({type(error).__name__})"
    if safe or isinstance(error, NEVER_SENT):
        return Transient(detail, source=SOURCE, raw=str(error))
    return OutcomeUnknown(detail, source=SOURCE, raw=str(error))


def unreadable(response: httpx.Response, *, what: str, safe: bool) -> SalesAgentError:
    """A success whose body is not what was promised."""
    family = Transient if safe else OutcomeUnknown
    return family(f"HubSpot answered {what} with something else than promised", source=SOURCE, raw=f"{len(response.content)} bytes")


def _told(response: httpx.Response) -> ErrorBody:
    try:
        return ErrorBody.model_validate_json(response.content)
    except ValidationError:
        return ErrorBody(message=response.text[:200])


def _wait(response: httpx.Response, told: ErrorBody) -> timedelta | None:
    asked = asked_wait(response.headers.get("Retry-After", ""))
    return POLICY_WAITS.get(told.policy_name, NOT_DONE[response.status_code]) if asked is None else asked
