"""The one table of Google's refusals."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from shared.connectors.google_oauth.errors import failure, unanswered, wished_pause
from shared.ports.errors import Conflict, NotFound, OutcomeUnknown, Permanent, ReconnectNeeded, SalesAgentError, Transient

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def meant(status: int, reason: str = "", *, changes: bool = False) -> SalesAgentError:
    body = {"error": {"code": status, "message": "in Google's words", "errors": [{"reason": reason}] if reason else []}}
    return failure(httpx.Response(status, json=body), source="gmail", changes=changes, now=NOW)


@pytest.mark.parametrize(
    ("status", "reason", "family"),
    [
        (400, "invalidArgument", Permanent),
        (400, "failedPrecondition", Permanent),
        (401, "authError", ReconnectNeeded),
        (403, "forbidden", Permanent),
        (403, "insufficientPermissions", ReconnectNeeded),
        (403, "rateLimitExceeded", Transient),
        (403, "userRateLimitExceeded", Transient),
        (403, "exportSizeLimitExceeded", Permanent),
        (404, "notFound", NotFound),
        (409, "duplicate", Conflict),
        (410, "deleted", NotFound),
        (412, "conditionNotMet", Conflict),
        (429, "rateLimitExceeded", Transient),
        (500, "backendError", Transient),
        (503, "", Transient),
        (507, "", Transient),
        (418, "", Permanent),
    ],
)
def test_each_refusal_belongs_to_one_family(status, reason, family):
    assert type(meant(status, reason)) is family


@pytest.mark.parametrize(
    ("status", "family"), [(500, OutcomeUnknown), (502, OutcomeUnknown), (503, Transient), (504, OutcomeUnknown), (429, Transient)]
)
def test_a_change_that_may_have_happened_is_said_to_be_unknown(status, family):
    assert type(meant(status, changes=True)) is family


def test_the_error_keeps_the_vendors_words_apart_from_its_own():
    error = meant(403, "forbidden")
    assert (error.detail, error.raw, error.source) == ("gmail refused the call: 403 forbidden", "in Google's words", "gmail")


@pytest.mark.parametrize("body", [b"", b"<html>502</html>", b"[]", b'{"error": "text"}', b'{"error": {"code": "x"}}'])
def test_a_refusal_without_an_envelope_is_judged_by_its_status(body):
    error = failure(httpx.Response(404, content=body), source="gmail", changes=False, now=NOW)
    assert type(error) is NotFound


def test_newer_apis_name_the_status_instead_of_a_reason():
    body = {"error": {"code": 403, "message": "Quota", "status": "RESOURCE_EXHAUSTED"}}
    assert type(failure(httpx.Response(403, json=body), source="x", changes=False, now=NOW)) is Transient


@pytest.mark.parametrize(
    ("headers", "message", "wait"),
    [
        ({"Retry-After": "30"}, "", timedelta(seconds=30)),
        ({"Retry-After": "Mon, 23 Nov 2026 09:01:00 GMT"}, "", timedelta(minutes=1)),
        ({"Retry-After": "Mon, 23 Nov 2026 08:00:00 GMT"}, "", timedelta(0)),
        ({"Retry-After": "soon"}, "", None),
        ({"Retry-After": "9" * 20}, "", None),
        ({}, "Retry after 2026-99-99T00:00:00Z", None),
        ({}, "User-rate limit exceeded.  Retry after 2026-11-23T09:10:00.000Z", timedelta(minutes=10)),
        ({}, "", None),
    ],
)
def test_the_wish_to_wait_is_read_wherever_it_stands(headers, message, wait):
    assert wished_pause(httpx.Response(429, headers=headers), message, NOW) == wait


@pytest.mark.parametrize(
    ("error", "changes", "family"),
    [
        (httpx.ConnectError("no"), True, Transient),
        (httpx.ConnectTimeout("no"), True, Transient),
        (httpx.PoolTimeout("no"), True, Transient),
        (httpx.ReadTimeout("no"), True, OutcomeUnknown),
        (httpx.WriteError("no"), True, OutcomeUnknown),
        (httpx.RemoteProtocolError("no"), True, OutcomeUnknown),
        (httpx.ReadTimeout("no"), False, Transient),
    ],
)
def test_silence_is_harmless_unless_the_change_may_have_left(error, changes, family):
    assert type(unanswered(error, source="gmail", changes=changes)) is family
