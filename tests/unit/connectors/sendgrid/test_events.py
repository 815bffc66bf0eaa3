"""What SendGrid's events say in our words; one that says nothing keeps none of the others away."""

import json

import pytest

from shared.connectors.sendgrid.events import MOST, SendGridEvents
from shared.domain.carrying import CarrierEvent, Word
from shared.ports.errors import Rejected
from shared.ports.requests import Incoming

GOOD = {"event": "delivered", "email": "Ana@Brightleaf.example", "timestamp": 1767000000, "sg_event_id": "e1", "send_id": "send_1-1"}


def parsed(content) -> tuple[CarrierEvent, ...]:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return SendGridEvents().parse(Incoming("POST", "", "", {}, {}, body))


@pytest.mark.parametrize(
    ("told", "word"),
    [
        ({"event": "processed"}, Word.PROCESSED),
        ({"event": "deferred", "response": "451 later"}, Word.DEFERRED),
        ({"event": "delivered"}, Word.DELIVERED),
        ({"event": "bounce", "type": "bounce"}, Word.BOUNCED),
        ({"event": "bounce", "type": "blocked"}, Word.BLOCKED),
        ({"event": "bounce"}, Word.BOUNCED),
        ({"event": "dropped", "reason": "Bounced Address"}, Word.DROPPED),
        ({"event": "spamreport"}, Word.COMPLAINED),
        ({"event": "unsubscribe"}, Word.UNSUBSCRIBED),
        ({"event": "group_unsubscribe"}, Word.UNSUBSCRIBED),
    ],
)
def test_each_event_has_its_word(told, word):
    [event] = parsed([{**GOOD, **told}])
    assert (event.word, event.address, event.send_id, event.id) == (word, "ana@brightleaf.example", "send_1-1", "e1")
    assert event.reason == told.get("reason", told.get("response", ""))


def test_they_are_read_in_the_order_in_which_they_happened():
    rows = [{**GOOD, "sg_event_id": f"e{at}", "timestamp": at} for at in (30, 10, 20)]
    assert [one.id for one in parsed(rows)] == ["e10", "e20", "e30"]


@pytest.mark.parametrize(
    "strange",
    [
        {},
        None,
        "delivered",
        {**GOOD, "event": "open"},
        {**GOOD, "event": "from tomorrow"},
        {**GOOD, "timestamp": "x"},
        {**GOOD, "timestamp": 1 << 60},
        {**GOOD, "email": 7},
        {**GOOD, "sg_event_id": ""},
        {**GOOD, "send_id": "s" * 300},
        {**GOOD, "event": "group_unsubscribe", "send_id": ""},
    ],
)
def test_one_that_says_nothing_to_us_is_passed_over(strange):
    assert [one.id for one in parsed([strange, GOOD])] == ["e1"]


def test_whoever_unsubscribes_from_any_mail_of_the_account_is_heard():
    [event] = parsed([{**GOOD, "event": "unsubscribe", "send_id": ""}])
    assert (event.word, event.send_id) == (Word.UNSUBSCRIBED, "")


@pytest.mark.parametrize("body", [b"", b"{}", b"not json", b"\xff", b"[" * 100_000, json.dumps([{}] * (MOST + 1)).encode()])
def test_what_is_no_batch_is_refused(body):
    with pytest.raises(Rejected, match="batch"):
        parsed(body)
