"""One table from Google's refusals to our error families; used by every call of the Gmail, Calendar and Drive connectors."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from shared.connectors.google_oauth.wire import ErrorEnvelope, parsed
from shared.ports.errors import Conflict, NotFound, OutcomeUnknown, Permanent, ReconnectNeeded, SalesAgentError, Transient, reason_word
from shared.resilience.backoff import asked_wait

BY_REASON: dict[str, type[SalesAgentError]] = {
    "rateLimitExceeded": Transient,
    "userRateLimitExceeded": Transient,
    "quotaExceeded": Transient,
    "backendError": Transient,
    "RESOURCE_EXHAUSTED": Transient,
    "authError": ReconnectNeeded,
    "insufficientPermissions": ReconnectNeeded,
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": ReconnectNeeded,
}
BY_STATUS: dict[int, type[SalesAgentError]] = {
    401: ReconnectNeeded,
    404: NotFound,
    408: Transient,
    409: Conflict,
    410: NotFound,
    412: Conflict,
    429: Transient,
}
DONE_OR_NOT = frozenset({500, 502, 504})
"""Statuses after which a change may have happened all the same; 503 and 429 are refusals at the door."""

RETRY_AFTER = re.compile(r"Retry after (\d{4}-\d{2}-\d{2}T[\d:.]+Z)")
NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def failure(response: httpx.Response, *, source: str, changes: bool, now: datetime) -> SalesAgentError:
    """The error this refusal means. `changes` says that the call would have had an effect."""
    reason, message = _words(response, source)
    detail = f"{source} refused the call: {response.status_code} {reason_word(reason)}".rstrip()
    if changes and response.status_code in DONE_OR_NOT:
        return OutcomeUnknown(f"{source} failed while making a change: {response.status_code}", source=source, raw=message)
    family = BY_REASON.get(reason) or BY_STATUS.get(response.status_code) or (Transient if response.status_code >= 500 else Permanent)
    if family is Transient:
        return Transient(detail, retry_after=wished_pause(response, message, now), source=source, raw=message)
    return family(detail, source=source, raw=message)


def unanswered(error: httpx.RequestError, *, source: str, changes: bool) -> SalesAgentError:
    """The error a broken connection or a time-out means."""
    detail = f"{source} did not answer: {type(error).__name__}"
    if changes and not isinstance(error, NEVER_LEFT):
        return OutcomeUnknown(detail, source=source)
    return Transient(detail, source=source)


def wished_pause(response: httpx.Response, message: str, now: datetime) -> timedelta | None:
    """How long the vendor asks us to wait: Retry-After in seconds or as a date, or Gmail's own sentence."""
    given = response.headers.get("Retry-After", "")
    asked = asked_wait(given)
    if asked is not None:
        return asked
    told = RETRY_AFTER.search(message)
    until = _moment(told[1], datetime.fromisoformat) if told else _moment(given, parsedate_to_datetime)
    return max(timedelta(0), until - now) if until else None


def _moment(text: str, read: Callable[[str], datetime]) -> datetime | None:
    try:
        at = read(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _words(response: httpx.Response, source: str) -> tuple[str, str]:
    try:
        envelope = parsed(ErrorEnvelope, response.content, source=source)
    except SalesAgentError:
        return "", ""
    return envelope.reason, envelope.error.message
