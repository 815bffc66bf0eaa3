"""Notices in the emulated Slack over real HTTP, read with Slack's own client; refusals in words, and nothing from a form alive."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk import WebClient

from emulators.clock import Clock
from emulators.faults import Fault, Kind
from emulators.serving import HttpServer
from emulators.slack.routes import TOKEN, SlackEmulator
from shared.connectors.slack.adapter import SlackBoards
from shared.domain.notices import Link, Notice
from shared.domain.places import slack_secret_of
from shared.ports.errors import OutcomeUnknown, Permanent, ReconnectNeeded, SalesAgentError, Transient
from tests.builders import MONDAY, WORKSPACE
from tests.fakes.clock import CountingIds, FixedClock
from tests.fakes.secrets import MemorySecrets
from tests.fakes.store import MemoryStore

SALES = "C0SALES001"
SECRET = slack_secret_of(WORKSPACE)
LINK = Link(label="Read: Brightleaf", url="https://sdr.example/console/drafts/draft_1")
HOSTILE = "<!channel> <@U0MARIA001> <https://evil.example|click> @here #sales :skull: *bold* R&D"


def a_notice(**changes: Any) -> Notice:
    usual = {"id": "n1", "at": MONDAY, "title": "2 drafts wait for you", "lines": ("Ana Silva, Brightleaf",), "links": (LINK,)}
    return Notice(**{**usual, **changes})


class Settings:
    vendor_timeout_s = 20.0

    def __init__(self, url: str) -> None:
        self.slack_url = url


@pytest.fixture
def emulator() -> Iterator[SlackEmulator]:
    emulator = SlackEmulator(Clock(frozen_at=MONDAY))
    channels = [{"id": SALES, "name": "sales"}, {"id": "C0OTHER001", "name": "other", "is_member": False}]
    emulator.seed({"users": [{"id": "U0MARIA001", "name": "maria"}], "channels": [*channels, {"id": "C0SHUT0001", "is_archived": True}]})
    yield emulator
    emulator.close()


@pytest.fixture
def secrets() -> MemorySecrets:
    return MemorySecrets(**{SECRET: TOKEN})


@pytest.fixture
def boards(emulator, secrets) -> Iterator[SlackBoards]:
    with HttpServer(emulator) as server:
        boards = SlackBoards(
            settings=Settings(server.url), secrets=secrets, store=MemoryStore(), clock=FixedClock(MONDAY), ids=CountingIds()
        )
        boards.url = server.url  # type: ignore[attr-defined]
        yield boards
        boards._http.close()


@pytest.fixture
def post(boards):
    return lambda notice=None, channel=SALES: boards.open(workspace_id=WORKSPACE, channel=channel).post(notice=notice or a_notice())


@pytest.fixture
def read(boards):
    """What stands in a channel, as Slack's own client reads it: the oldest first."""
    client = WebClient(token=TOKEN, base_url=f"{boards.url}/api/", timeout=5)
    return lambda channel=SALES: client.conversations_history(channel=channel)["messages"][::-1]


def test_a_notice_is_a_message_with_buttons_that_are_links(emulator, post, read):
    post()
    [message] = read()
    assert message["text"] == "2 drafts wait for you\nAna Silva, Brightleaf"
    head, line, actions = message["blocks"]
    assert (head["type"], line["text"]["text"]) == ("header", "Ana Silva, Brightleaf")
    assert [(one["type"], one["url"], one["text"]["text"]) for one in actions["elements"]] == [("button", LINK.url, LINK.label)]
    asked = json.loads(emulator.calls[0].body)
    assert [asked[name] for name in ("unfurl_links", "unfurl_media", "link_names", "parse")] == [False, False, False, "none"]


def test_what_somebody_typed_into_a_form_makes_no_mention_no_link_and_no_picture(post, read):
    post(a_notice(title=HOSTILE, lines=(HOSTILE,), links=(Link(label=HOSTILE, url=LINK.url),)))
    [message] = read()
    told = [message["text"], *(one["text"]["text"] for one in message["blocks"][:2]), message["blocks"][2]["elements"][0]["text"]["text"]]
    assert all("<" not in one and ">" not in one for one in told)
    assert "R&amp;D" in message["text"]
    texts = [message["blocks"][0]["text"], message["blocks"][1]["text"], message["blocks"][2]["elements"][0]["text"]]
    assert {(one["type"], one["emoji"]) for one in texts} == {("plain_text", False)}


@pytest.mark.parametrize("char", ["x", "&", "é"])
def test_however_much_there_is_it_fits(post, read, char):
    links = tuple(Link(label=char * 500, url=LINK.url) for _ in range(40))
    post(a_notice(title=char * 5000, lines=(char * 9000, *["a line"] * 200), links=links))
    [message] = read()
    assert len(message["blocks"]) <= 50
    assert message["blocks"][1]["text"]["text"].endswith("…")


def test_a_member_is_told_in_direct_messages(emulator, post):
    post(channel="U0MARIA001")
    [(place, _)] = [one for one in emulator.workspace.messages.items() if one[1]]
    assert place.startswith("D")


@pytest.mark.parametrize(
    ("channel", "word"), [("C0NONE0001", "channel_not_found"), ("C0OTHER001", "not_in_channel"), ("C0SHUT0001", "is_archived")]
)
def test_a_channel_that_cannot_be_written_to_is_refused_with_the_fix(post, channel, word):
    with pytest.raises(Permanent, match=word) as told:
        post(channel=channel)
    assert "invite" in told.value.detail or "sdr notices set" in told.value.detail
    assert not isinstance(told.value, ReconnectNeeded)


@pytest.mark.parametrize("word", ["invalid_auth", "account_inactive", "token_revoked", "missing_scope"])
def test_a_token_that_does_not_open_is_said_with_the_fix(emulator, post, word):
    emulator.faults.add(Fault("slack.chat.postMessage", Kind.STATUS, status=200, body={"ok": False, "error": word}))
    with pytest.raises(ReconnectNeeded, match=word) as told:
        post()
    assert TOKEN not in told.value.detail


def test_a_token_that_was_changed_is_fetched_anew(emulator, secrets, post, read):
    secrets.values[SECRET] = "xoxb-old"
    secrets.rotate(SECRET, TOKEN)
    post()
    assert len(read()) == 1


def test_a_missing_token_is_said_with_the_fix(secrets, post):
    secrets.values.clear()
    with pytest.raises(ReconnectNeeded, match="--slack-token"):
        post()


def test_a_limit_says_how_long_to_wait(emulator, post):
    emulator.limit(chat_postMessage=1)
    post()
    with pytest.raises(Transient) as told:
        post()
    assert told.value.retry_after == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("status", "body", "family"),
    [
        (500, None, OutcomeUnknown),
        (503, None, OutcomeUnknown),
        (302, None, OutcomeUnknown),
        (200, "no json", OutcomeUnknown),
        (200, {"ok": False, "error": "fatal_error"}, OutcomeUnknown),
        (200, {"ok": False, "error": "ratelimited"}, Transient),
        (200, {"ok": False, "error": "something <new>"}, Permanent),
    ],
)
def test_each_answer_says_whether_it_may_stand_there(emulator, post, status, body, family):
    emulator.faults.add(Fault("slack.chat.postMessage", Kind.STATUS, status=status, body=body))
    with pytest.raises(SalesAgentError) as told:
        post()
    assert type(told.value) is family
    assert "<new>" not in told.value.detail


@pytest.mark.parametrize("kind", [Kind.DROP_BEFORE, Kind.DROP_AFTER, Kind.MALFORMED])
def test_no_readable_answer_is_unknown_and_the_call_is_not_made_again(emulator, post, kind):
    emulator.faults.add(Fault("slack.chat.postMessage", kind))
    with pytest.raises(OutcomeUnknown):
        post()
    assert len(emulator.calls) == 1


def test_a_slack_that_is_not_there_has_not_been_told(secrets):
    boards = SlackBoards(
        settings=Settings("http://127.0.0.1:9"), secrets=secrets, store=MemoryStore(), clock=FixedClock(MONDAY), ids=CountingIds()
    )
    with pytest.raises(Transient):
        boards.open(workspace_id=WORKSPACE, channel=SALES).post(notice=a_notice())
    boards._http.close()
