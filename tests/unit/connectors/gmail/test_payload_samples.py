"""Real Gmail payloads: each is read, or refused with the field named."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared.connectors.gmail import reading
from shared.connectors.gmail.wire import DraftList, DraftRef, GmailMessage, MessageList
from shared.connectors.google_oauth.errors import failure
from shared.connectors.google_oauth.wire import parsed
from shared.ports.errors import NotFound, Permanent, SalesAgentError, Transient
from tests.builders import MONDAY, an_operator

SAMPLES = Path(__file__).parents[5] / "shared" / "data" / "api_payloads" / "files"
pytestmark = pytest.mark.skipif(not SAMPLES.exists(), reason="the payload samples are not on this machine")

WHOLE = sorted(one.name for one in SAMPLES.glob("gmail-full-*.json"))
MESSAGES = (
    "amp-google-mail-read-drafts-message-item-1",
    "amp-google-mail-read-drafts-message-item-2",
    "amp-google-mail-read-messages-message-item",
)
LISTS: dict[str, type[Any]] = {
    "amp-google-mail-read-drafts-drafts": DraftList,
    "amp-google-mail-read-messages-1-first-page": MessageList,
    "amp-google-mail-read-messages-2-last-page": MessageList,
    "amp-google-mail-write-drafts-new": DraftRef,
}
REFUSALS: dict[str, type[SalesAgentError]] = {
    "amp-google-mail-forbidden": Permanent,
    "amp-google-mail-records-by-ids-error-not-found": NotFound,
    "amp-google-mail-records-by-ids-error-server": Transient,
}
WITHOUT_PAYLOAD = ("amp-google-mail-records-by-ids-message-ok-1", "amp-google-mail-records-by-ids-message-ok-3")


def sample(name: str) -> bytes:
    return (SAMPLES / name).with_suffix(".json").read_bytes()


@pytest.mark.parametrize("name", [*WHOLE, *MESSAGES])
def test_every_whole_message_is_read(name):
    content = sample(name)
    message = reading.message(parsed(GmailMessage, content, source="gmail"), operator=an_operator())
    given = json.loads(content)
    assert (message.id, message.thread_id) == (given["id"], given["threadId"])
    assert int(message.sent_at.timestamp() * 1000) == int(given["internalDate"])
    assert "\r" not in message.text


@pytest.mark.parametrize("name", [name for name in WHOLE if "talon" in name])
def test_of_answers_only_the_new_words_are_kept(name):
    text = reading.message(parsed(GmailMessage, sample(name), source="gmail"), operator=an_operator()).text
    assert text.startswith(("Hello", "Hi"))
    assert "commented on your Loop" not in text


@pytest.mark.parametrize("name", [name for name in WHOLE if "sisimai" in name])
def test_bounces_and_automatic_answers_are_known_as_machine_mail(name):
    message = reading.message(parsed(GmailMessage, sample(name), source="gmail"), operator=an_operator())
    headers = json.loads(sample(name))["payload"]["headers"]
    if any(one["name"].lower() in ("auto-submitted", "return-path") and one["value"] in ("auto-replied", "<>") for one in headers):
        assert message.automatic


@pytest.mark.parametrize(("name", "model"), LISTS.items())
def test_every_list_and_reference_is_read(name, model):
    assert parsed(model, sample(name), source="gmail")


@pytest.mark.parametrize(("name", "family"), REFUSALS.items())
def test_every_refusal_finds_its_family(name, family):
    body = sample(name)
    response = httpx.Response(json.loads(body)["error"]["code"], content=body)
    assert type(failure(response, source="gmail", changes=False, now=MONDAY)) is family


@pytest.mark.parametrize("name", WITHOUT_PAYLOAD)
def test_a_message_without_its_parts_is_refused_by_field(name):
    with pytest.raises(Permanent, match="payload"):
        parsed(GmailMessage, sample(name), source="gmail")


def test_no_sample_is_forgotten():
    known = {*WHOLE, *(f"{name}.json" for name in (*MESSAGES, *LISTS, *REFUSALS, *WITHOUT_PAYLOAD))}
    assert {one.name for pattern in ("gmail-full-*", "amp-google-mail-*") for one in SAMPLES.glob(pattern)} == known
