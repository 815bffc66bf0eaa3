"""Drafts that leave through Gmail: exactly the approved bytes, once, and found again whatever became of the answer."""

from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from emulators.faults import Fault, Kind
from emulators.gmail import search
from shared.domain.draft import Draft
from shared.ports.errors import NotFound, OutcomeUnknown, Permanent, Rejected, Transient
from shared.stages.listening.catching_up import stands_untouched
from tests.builders import PROSPECT, a_draft, a_draft_text
from tests.contract.connectors.gmail.rig import marias_mailbox
from tests.contract.connectors.google_oauth.rig import MARIA, MONDAY

BOSS = "boss@brightleaf.example"
SENDING = "gmail.drafts.send"


@pytest.fixture
def rig():
    with marias_mailbox() as opened:
        yield opened


@pytest.fixture
def gmail(rig):
    return rig[0]


@pytest.fixture
def mailbox(rig):
    return rig[1]


def placed(mailbox, **changes: Any) -> tuple[Draft, str, bytes]:
    """A draft that stands in Gmail, its Gmail id and its approved bytes."""
    draft = a_draft(**changes)
    placement = mailbox.create_draft(draft=draft)
    return draft.model_copy(update={"placement": placement}), placement.gmail_draft_id, mailbox.composed(draft=draft)


def sent_in(gmail, address: str = MARIA) -> list[Any]:
    return [one for one in gmail.mailbox(address).messages.values() if "SENT" in one.labels]


def test_what_leaves_is_what_was_approved_and_the_draft_is_gone(gmail, mailbox):
    theirs = gmail.mailbox(PROSPECT)
    draft, draft_id, raw = placed(mailbox, cc=(BOSS,), recipient_name="Ana Sílva")
    left = mailbox.send_draft(gmail_draft_id=draft_id, raw=raw, thread_id="")
    [sent] = sent_in(gmail)
    assert (left.gmail_message_id, left.thread_id, left.ours, left.sent_at) == (sent.id, sent.thread_id, draft.id, MONDAY)
    [received] = theirs.messages.values()
    approved = message_from_bytes(raw, policy=default)
    for arrived in (sent.raw, received.raw):
        read = message_from_bytes(arrived, policy=default)
        assert {name: read[name] for name in approved} == dict(approved.items())
        assert read.get_content().splitlines() == approved.get_content().splitlines()  # line ends are the carrier's
    assert mailbox.find_draft(gmail_draft_id=draft_id) is None


def test_it_leaves_in_its_thread(gmail, mailbox):
    first = gmail.deliver(MARIA, {"from": PROSPECT, "to": MARIA, "subject": "Summit", "message_id": "<a1@x.example>", "text": "Prices?"})
    answer = {"thread_id": first.thread_id, "reply_to_message_id": "<a1@x.example>", "text": a_draft_text(subject="Re: Summit")}
    _, draft_id, raw = placed(mailbox, **answer)
    left = mailbox.send_draft(gmail_draft_id=draft_id, raw=raw, thread_id=first.thread_id)
    assert left.thread_id == first.thread_id
    assert [one.direction for one in mailbox.thread(thread_id=first.thread_id).messages] == ["inbound", "outbound"]


def test_a_draft_can_be_sent_once(gmail, mailbox):
    _, draft_id, raw = placed(mailbox)
    mailbox.send_draft(gmail_draft_id=draft_id, raw=raw, thread_id="")
    with pytest.raises(NotFound):
        mailbox.send_draft(gmail_draft_id=draft_id, raw=raw, thread_id="")
    assert len(sent_in(gmail)) == 1


def test_a_call_that_is_made_twice_on_the_way_sends_once(gmail, mailbox):
    draft, draft_id, raw = placed(mailbox)
    gmail.faults.add(Fault(SENDING, Kind.DUPLICATE, times=1))
    with pytest.raises(NotFound):  # the second one's answer: not found proves nothing
        mailbox.send_draft(gmail_draft_id=draft_id, raw=raw, thread_id="")
    assert len(sent_in(gmail)) == 1
    assert mailbox.sent_of(draft_id=draft.id, thread_id="") is not None


def test_a_call_that_is_lost_on_the_way_leaves_the_draft(gmail, mailbox):
    draft, draft_id, raw = placed(mailbox)
    gmail.faults.add(Fault(SENDING, Kind.DROP_BEFORE, times=1))
    with pytest.raises(OutcomeUnknown):
        mailbox.send_draft(gmail_draft_id=draft_id, raw=raw, thread_id="")
    assert sent_in(gmail) == []
    assert stands_untouched(draft, mailbox.find_draft(gmail_draft_id=draft_id))
    assert mailbox.sent_of(draft_id=draft.id, thread_id="") is None


@pytest.mark.parametrize(
    "fault",
    [Fault(SENDING, Kind.DROP_AFTER, times=1), Fault(SENDING, Kind.MALFORMED, times=1)],
    ids=["no answer", "an answer nobody can read"],
)
def test_an_answer_that_is_lost_is_known_as_unknown_and_the_mail_is_found(gmail, mailbox, fault):
    draft, draft_id, raw = placed(mailbox)
    gmail.faults.add(fault)
    with pytest.raises(OutcomeUnknown):
        mailbox.send_draft(gmail_draft_id=draft_id, raw=raw, thread_id="")
    [sent] = sent_in(gmail)
    found = mailbox.sent_of(draft_id=draft.id, thread_id="")
    assert (found.gmail_message_id, found.ours) == (sent.id, draft.id)
    assert mailbox.find_draft(gmail_draft_id=draft_id) is None


def test_a_failure_inside_gmail_is_unknown(gmail, mailbox):
    _, draft_id, raw = placed(mailbox)
    gmail.faults.add(Fault(SENDING, Kind.STATUS, 500, times=1))
    with pytest.raises(OutcomeUnknown):
        mailbox.send_draft(gmail_draft_id=draft_id, raw=raw, thread_id="")


def test_a_rate_limit_says_how_long_to_wait_and_nothing_is_repeated_here(gmail, mailbox):
    _, draft_id, raw = placed(mailbox)
    gmail.faults.add(Fault(SENDING, Kind.STATUS, 429, headers={"Retry-After": "77"}, times=1))
    with pytest.raises(Transient) as caught:
        mailbox.send_draft(gmail_draft_id=draft_id, raw=raw, thread_id="")
    assert caught.value.retry_after == timedelta(seconds=77)
    assert [one.route for one in gmail.calls if one.route == SENDING] == [SENDING]
    assert sent_in(gmail) == []


def test_a_refusal_for_good_is_told_as_one(gmail, mailbox):
    _, draft_id, raw = placed(mailbox)
    gmail.faults.add(Fault(SENDING, Kind.STATUS, 400, times=1))
    with pytest.raises(Permanent):
        mailbox.send_draft(gmail_draft_id=draft_id, raw=raw, thread_id="")


def test_our_mail_is_found_before_the_search_index_knows_it(gmail, mailbox, monkeypatch):
    other, other_id, other_raw = placed(mailbox, id="draft-2")
    draft, draft_id, raw = placed(mailbox)
    mailbox.send_draft(gmail_draft_id=draft_id, raw=raw, thread_id="")
    mailbox.send_draft(gmail_draft_id=other_id, raw=other_raw, thread_id="")
    monkeypatch.setattr(search, "compiled", lambda query, _: lambda _message: not query)
    found = mailbox.sent_of(draft_id=draft.id, thread_id="19c5a57884cc0fc0")
    assert (found.ours, mailbox.sent_of(draft_id=other.id, thread_id="").ours) == ("draft-1", "draft-2")
    assert mailbox.sent_of(draft_id="draft-3", thread_id="") is None


def test_our_mail_is_found_in_its_thread_below_many_newer_ones(gmail, mailbox):
    draft, draft_id, raw = placed(mailbox)
    left = mailbox.send_draft(gmail_draft_id=draft_id, raw=raw, thread_id="")
    for number in range(60):
        gmail.deliver(MARIA, {"from": MARIA, "to": f"person{number}@x.example", "subject": "Hi", "text": "Hi"})
    assert mailbox.sent_of(draft_id=draft.id, thread_id=left.thread_id).gmail_message_id == left.gmail_message_id


def test_a_draft_that_still_stands_is_no_sent_mail(mailbox):
    draft, _, _ = placed(mailbox)
    assert mailbox.sent_of(draft_id=draft.id, thread_id=draft.placement.thread_id) is None


def test_what_left_is_read_back_with_the_message_id_the_recipient_sees(gmail, mailbox):
    theirs = gmail.mailbox(PROSPECT)
    draft, draft_id, raw = placed(mailbox)
    left = mailbox.send_draft(gmail_draft_id=draft_id, raw=raw, thread_id="")
    read = mailbox.sent_mail(gmail_message_id=left.gmail_message_id)
    [received] = theirs.messages.values()
    assert read.message_id == received.mime["Message-ID"] != ""
    assert (read.ours, read.thread_id) == (draft.id, left.thread_id)
    gmail.mailbox(MARIA).remove(left.gmail_message_id)
    with pytest.raises(NotFound):
        mailbox.sent_mail(gmail_message_id=left.gmail_message_id)


def test_finding_and_reading_back_asks_for_no_bodies(gmail, mailbox):
    draft, draft_id, raw = placed(mailbox)
    left = mailbox.send_draft(gmail_draft_id=draft_id, raw=raw, thread_id="")
    gmail.calls.clear()
    mailbox.sent_of(draft_id=draft.id, thread_id=left.thread_id)
    mailbox.sent_mail(gmail_message_id=left.gmail_message_id)
    reads = [one.query for one in gmail.calls if one.route.endswith(".get")]
    assert len(reads) == 3
    assert {tuple(query["format"]) for query in reads} == {("metadata",)}


@pytest.mark.parametrize("change", [b"Cc: boss@brightleaf.example\r\n", b"X-Attachment: anything\r\n"])
def test_a_copy_or_a_file_that_a_person_added_shows_although_the_words_are_the_same(gmail, mailbox, change):
    draft, draft_id, raw = placed(mailbox)
    assert stands_untouched(draft, mailbox.find_draft(gmail_draft_id=draft_id))
    gmail.mailbox(MARIA).replace_draft(draft_id, change + raw, at=MONDAY, thread_id=None)
    found = mailbox.find_draft(gmail_draft_id=draft_id)
    assert found.content_hash == draft.placement.content_hash
    assert not stands_untouched(draft, found)


def test_only_the_operators_own_addresses_are_composed_for(mailbox):
    with pytest.raises(Permanent, match="no address of this operator"):
        mailbox.composed(draft=a_draft(mailbox="boss@northwind.example"))
    assert b"From: Maria Costa <maria.costa@northwind.example>" in mailbox.composed(draft=a_draft(mailbox="maria.costa@northwind.example"))


def test_what_would_be_read_otherwise_than_it_was_written_is_refused_by_name(mailbox):
    with pytest.raises(Rejected) as caught:
        mailbox.composed(draft=a_draft(cc=("not an address",)))
    assert caught.value.field == "cc"


def test_composing_twice_makes_the_same_bytes(mailbox):
    assert mailbox.composed(draft=a_draft()) == mailbox.composed(draft=a_draft())


def test_what_left_another_way_is_kept_among_the_sent_mails_in_its_thread_and_nothing_is_sent(gmail, mailbox):
    theirs = gmail.mailbox(PROSPECT)
    first = gmail.deliver(MARIA, {"from": PROSPECT, "to": MARIA, "subject": "Summit", "message_id": "<a1@x.example>", "text": "Prices?"})
    answer = {"thread_id": first.thread_id, "reply_to_message_id": "<a1@x.example>", "text": a_draft_text(subject="Re: Summit")}
    draft, _, raw = placed(mailbox, **answer)
    stamped = b"Message-ID: <send_1@northwind.example>\r\n" + raw
    kept = mailbox.keep_sent(raw=stamped, thread_id=first.thread_id)
    [copy] = sent_in(gmail)
    assert (kept.gmail_message_id, kept.thread_id, kept.ours, copy.raw) == (copy.id, first.thread_id, draft.id, stamped)
    assert theirs.messages == {}
    assert mailbox.sent_of(draft_id=draft.id, thread_id=first.thread_id).message_id == "<send_1@northwind.example>"


def test_a_copy_whose_thread_is_gone_stands_in_a_new_one(gmail, mailbox):
    draft, _, raw = placed(mailbox)
    kept = mailbox.keep_sent(raw=raw, thread_id="f00")
    assert mailbox.sent_of(draft_id=draft.id, thread_id=kept.thread_id) is not None


def test_a_copy_of_which_nobody_heard_is_unknown(gmail, mailbox):
    _, _, raw = placed(mailbox)
    gmail.faults.add(Fault(route="gmail.messages.insert", kind=Kind.DROP_AFTER, times=1))
    with pytest.raises(OutcomeUnknown):
        mailbox.keep_sent(raw=raw, thread_id="")
    assert len(sent_in(gmail)) == 1


def test_a_withdrawn_draft_is_gone_and_nothing_is_sent(gmail, mailbox):
    _, draft_id, _ = placed(mailbox)
    mailbox.withdraw_draft(gmail_draft_id=draft_id)
    assert (mailbox.find_draft(gmail_draft_id=draft_id), sent_in(gmail)) == (None, [])
    with pytest.raises(NotFound):
        mailbox.withdraw_draft(gmail_draft_id=draft_id)
