"""Whatever a vendor answers, even our own token or the mail itself in a field that names a reason: no detail, log or problem repeats it."""

import io
import json
from collections.abc import Callable
from typing import Any

import httpx
import openai
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.connectors.google_oauth import errors as google
from shared.connectors.google_oauth.consents import GoogleConsents
from shared.connectors.google_oauth.tokens import _refused as google_token_refused
from shared.connectors.hubspot import failures as hubspot
from shared.connectors.hubspot.tokens import exchanged
from shared.connectors.openai.client import translated
from shared.connectors.sendgrid.adapter import failure_of as sendgrid
from shared.connectors.slack.refusals import failure_of as slack
from shared.connectors.smtp.replies import refused as smtp
from shared.gcp.locked_bucket import _refusal as storage
from shared.ports.errors import SalesAgentError, reason_word
from shared.runtime.logging import EventLog
from shared.runtime.problems import problem_of
from tests.builders import MONDAY
from tests.confidential import plant_text, planted, told_in
from tests.eavesdropping import overheard

TOKEN = planted("token that a vendor repeats")
LETTERS = planted("token that reads like a word").replace("-", "_")
BODY = plant_text("mail that a vendor repeats", "Please keep our reorganisation in March to yourself, nobody here has been told.")
NAMES = (
    "error",
    "errors",
    "error_description",
    "message",
    "status",
    "category",
    "policyName",
    "code",
    "type",
    "reason",
    "details",
    "field",
)

words = st.sampled_from([TOKEN, LETTERS, BODY, f"Bearer {TOKEN}", "invalid_grant", "RATE_LIMITS", ""])
answers = st.recursive(
    words,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=12,
)
statuses = st.sampled_from([400, 401, 403, 404, 408, 409, 410, 412, 413, 422, 423, 429, 477, 500, 502, 503, 504])


def openai_error(response: httpx.Response) -> SalesAgentError:
    told = response.json()
    error = told.get("error", told) if isinstance(told, dict) else told
    return translated(openai.APIStatusError(response.text, response=response, body=error))


def hubspot_token_error(response: httpx.Response) -> SalesAgentError:
    http = httpx.Client(transport=httpx.MockTransport(lambda _: response), base_url="https://vendor.example")
    with pytest.raises(SalesAgentError) as refused:
        exchanged(http, {"refresh_token": TOKEN})
    return refused.value


def google_consent_error(response: httpx.Response) -> SalesAgentError:
    with pytest.raises(SalesAgentError) as refused:
        GoogleConsents._answered(object.__new__(GoogleConsents), response)
    return refused.value


CONNECTORS: dict[str, Callable[[httpx.Response], SalesAgentError]] = {
    "HubSpot": lambda response: hubspot.failure_of(response, what="POST notes", safe=False),
    "HubSpot's token endpoint": hubspot_token_error,
    "Google": lambda response: google.failure(response, source="gmail", changes=False, now=MONDAY),
    "Google, at a change": lambda response: google.failure(response, source="gmail", changes=True, now=MONDAY),
    "Google's token endpoint": lambda response: google_token_refused(response, MONDAY),
    "Google's consents": google_consent_error,
    "OpenAI": openai_error,
    "SendGrid": lambda response: sendgrid(response, now=MONDAY),
    "Slack": lambda response: slack(httpx.Response(200, content=response.content)) or SalesAgentError(""),
    "a mail server": lambda response: smtp(response.status_code, response.content, what="the mail"),
    "Cloud Storage": storage,
}


def shown_by(error: SalesAgentError) -> str:
    """All that leaves us when this is raised: its text, the line of the log, the problem that is answered."""
    log = io.StringIO()
    EventLog(project="p", stream=log).write("ERROR", "x", error=type(error).__name__, detail=error.detail, source=error.source)
    return f"{error} {log.getvalue()} {problem_of(error)}"


@pytest.mark.parametrize("connector", CONNECTORS)
@given(status=statuses, told=answers)
@example(status=400, told={"status": LETTERS, "error": LETTERS, "category": TOKEN})
@example(status=400, told={"error": {"errors": [{"reason": TOKEN}], "message": BODY, "code": 400}})
@example(status=400, told={"error": {"code": TOKEN, "type": BODY}})
@example(status=429, told={"policyName": f"Bearer {TOKEN}", "message": BODY})
@example(status=400, told={"error": {"code": 400, "status": BODY}})
def test_what_a_vendor_repeats_of_ours_is_not_repeated_by_us(connector: str, status: int, told: Any) -> None:
    response = httpx.Response(status, content=json.dumps(told), request=httpx.Request("POST", "https://vendor.example/x"))
    with overheard() as heard:
        shown = shown_by(CONNECTORS[connector](response))
    assert heard == []
    assert not told_in(shown)


@given(body=st.sampled_from([TOKEN, BODY, f"<html>{BODY} {TOKEN}</html>"]), status=statuses)
@pytest.mark.parametrize("connector", [name for name in CONNECTORS if name != "OpenAI"])
def test_nor_is_what_no_parser_can_read(connector: str, status: int, body: str) -> None:
    response = httpx.Response(status, text=body, request=httpx.Request("POST", "https://vendor.example/x"))
    with overheard() as heard:
        shown = shown_by(CONNECTORS[connector](response))
    assert heard == []
    assert not told_in(shown)


@pytest.mark.parametrize(
    "word", ["invalid_grant", "rateLimitExceeded", "TEN_SECONDLY_ROLLING", "VALIDATION_ERROR", "insufficient_quota", "rapt_required"]
)
def test_the_vendors_own_names_of_reasons_are_told(word: str) -> None:
    assert reason_word(word) == word


@pytest.mark.parametrize("word", [TOKEN, LETTERS, BODY, "", "Hello Maria", "a" * 61, None, 7, "ya29.x", "_"])
def test_nothing_else_is_a_name_of_a_reason(word: object) -> None:
    assert reason_word(word) == ""


def test_slack_repeating_a_short_token_is_told_in_other_words():
    refused = slack(httpx.Response(200, json={"ok": False, "error": "xoxb1234567890abcdef"}))
    assert refused is not None
    assert (refused.detail.startswith("Slack refuses (in words of its own)"), "xoxb" in refused.detail) == (True, False)
