"""The Mailbox port over Gmail, against the emulator; every call is held against Gmail's published description."""

import base64
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from emulators.faults import Fault, Kind
from emulators.gmail import search
from emulators.gmail.routes import GmailEmulator
from emulators.oauth2.routes import OAuth2Emulator
from shared.connectors.gmail.adapter import GmailMailbox
from shared.connectors.gmail.client import GmailClient
from shared.domain.conversation import Direction
from shared.domain.draft import draft_hash
from shared.ports.errors import NotFound, OutcomeUnknown, Permanent
from tests.builders import PROSPECT, a_draft, a_draft_text, an_operator
from tests.contract.connectors.google_oauth.rig import MARIA, MONDAY, SuiteClock, connected


@pytest.fixture
def clock() -> SuiteClock:
    return SuiteClock(frozen_at=MONDAY)


@pytest.fixture
def oauth2(clock):
    return OAuth2Emulator(clock)


@pytest.fixture
def gmail(clock, oauth2):
    emulator = GmailEmulator(clock, oauth2=oauth2)
    emulator.mailbox(
        MARIA,
        name="Maria Costa",
        signature="<div>Maria Costa<br>Northwind</div>",
        aliases=[{"sendAsEmail": "maria.costa@northwind.example"}],
    )
    return emulator


@pytest.fixture
def mailbox(gmail, oauth2, clock):
    with connected(gmail, source="gmail", oauth2=oauth2, clock=clock) as api:
        yield GmailMailbox(operator=an_operator(), client=GmailClient(api), clock=clock, app_url="https://mail.google.com/")


def from_ana(**changes: Any) -> dict[str, Any]:
    usual = {
        "from": f"Ana Silva <{PROSPECT}>",
        "to": MARIA,
        "subject": "Summit in May",
        "message_id": "<a1@brightleaf.example>",
        "text": "Prices for 400?",
    }
    return {**usual, **changes}


def to_ana(**changes: Any) -> dict[str, Any]:
    return from_ana(**{"from": MARIA, "to": PROSPECT, "message_id": "<m1@northwind.example>", "text": "Hello Ana", **changes})


def a_reply(thread_id: str, **changes: Any) -> Any:
    text = a_draft_text(subject="Re: Summit in May")
    return a_draft(**{"thread_id": thread_id, "reply_to_message_id": "<a1@brightleaf.example>", "text": text, **changes})


def test_a_thread_is_read_oldest_first_without_quotes_drafts_and_trash(gmail, mailbox):
    first = gmail.deliver(MARIA, from_ana(), at=MONDAY - timedelta(days=2))
    answer = "It is 900.\n\nOn Sat, 21 Nov 2026 at 10:00, Ana Silva wrote:\n> Prices for 400?\n"
    gmail.deliver(
        MARIA, to_ana(subject="Re: Summit in May", in_reply_to="<a1@brightleaf.example>", text=answer), at=MONDAY - timedelta(days=1)
    )
    gmail.deliver(MARIA, from_ana(message_id="<a2@x.example>", references="<a1@brightleaf.example>"), labels=["TRASH"])
    mailbox.create_draft(draft=a_reply(first.thread_id))
    thread = mailbox.thread(thread_id=first.thread_id)
    assert (thread.subject, thread.mailbox) == ("Summit in May", MARIA)
    assert [(one.direction, one.sender, one.text) for one in thread.messages] == [
        (Direction.INBOUND, PROSPECT, "Prices for 400?"),
        (Direction.OUTBOUND, MARIA, "It is 900."),
    ]
    assert thread.messages[0].sender_name == "Ana Silva"
    assert thread.messages[0].sent_at == MONDAY - timedelta(days=2)
    assert thread.messages[1].references == ("<a1@brightleaf.example>",)


def test_a_thread_that_does_not_exist_or_holds_no_mail_is_not_found(gmail, mailbox):
    trashed = gmail.deliver(MARIA, from_ana(), labels=["TRASH"])
    for thread_id in ("19c5a57884cc0fc0", trashed.thread_id):
        with pytest.raises(NotFound):
            mailbox.thread(thread_id=thread_id)


@pytest.mark.parametrize("thread_id", ["", "../drafts", "19c5?format=raw", "19c5/x"])
def test_what_is_no_id_never_becomes_part_of_an_address(gmail, mailbox, thread_id):
    with pytest.raises(Permanent):
        mailbox.thread(thread_id=thread_id)
    assert gmail.calls == []


def test_the_newest_conversation_with_a_person_is_found_in_either_direction(gmail, mailbox):
    gmail.deliver(MARIA, from_ana(subject="Old", message_id="<o@x.example>"), at=MONDAY - timedelta(days=9))
    newest = gmail.deliver(MARIA, to_ana(subject="New"), at=MONDAY - timedelta(days=1))
    gmail.deliver(MARIA, from_ana(subject="Junk", message_id="<j@x.example>"), labels=["SPAM"])
    other = f"x{PROSPECT}"
    gmail.deliver(MARIA, {"from": other, "to": MARIA, "subject": "Other", "text": "Hi"})
    gmail.deliver(MARIA, {"from": f"{PROSPECT}.test", "to": MARIA, "subject": "Longer", "text": "Hi"})
    found = mailbox.newest_thread_with(address=PROSPECT.upper())
    assert found is not None
    assert found.id == newest.thread_id
    assert mailbox.newest_thread_with(address="nobody@nowhere.example") is None


@pytest.mark.parametrize("address", ["", 'x" OR in:anywhere', "a b@c.example", "{from:x}"])
def test_what_is_no_address_is_never_searched_for(gmail, mailbox, address):
    assert mailbox.newest_thread_with(address=address) is None
    assert mailbox.listed_about(addresses=[address], domains=[], limit=25) == []
    assert gmail.calls == []


def test_mails_about_people_and_their_company_are_listed_newest_first_in_one_call(gmail, mailbox):
    gmail.deliver(MARIA, from_ana(), at=MONDAY - timedelta(days=5))
    joe = {"from": "joe@brightleaf.example", "to": MARIA, "subject": "Billing", "text": "VAT"}
    billing = gmail.deliver(MARIA, joe, at=MONDAY - timedelta(days=3))
    later = gmail.deliver(MARIA, to_ana(subject="Later"), at=MONDAY - timedelta(days=1))
    gmail.calls.clear()
    told = mailbox.listed_about(addresses=[PROSPECT], domains=["brightleaf.example"], limit=2)
    assert [(one.id, one.thread_id) for one in told] == [(later.id, later.thread_id), (billing.id, billing.thread_id)]
    assert [one.route for one in gmail.calls] == ["gmail.messages.list"]
    assert [one.id for one in mailbox.listed_about(addresses=[PROSPECT], domains=[], limit=1)] == [later.id]


def test_a_draft_is_placed_in_its_thread_as_it_was_written(gmail, mailbox):
    first = gmail.deliver(MARIA, from_ana())
    draft = a_reply(first.thread_id, recipient_name="Ana Sílva")
    placed = mailbox.create_draft(draft=draft)
    assert (placed.thread_id, placed.placed_at, placed.content_hash) == (first.thread_id, MONDAY, draft_hash(draft))
    assert placed.url == f"https://mail.google.com/mail/u/{MARIA}/#drafts/{placed.gmail_message_id}"
    stored = gmail.mailbox(MARIA).draft_message(placed.gmail_draft_id).mime
    assert (stored["In-Reply-To"], stored["References"], stored["X-Sales-Agent-Draft"]) == (
        "<a1@brightleaf.example>",
        "<a1@brightleaf.example>",
        "draft-1",
    )
    found = mailbox.find_draft(gmail_draft_id=placed.gmail_draft_id)
    assert found is not None
    assert (found.ours, found.content_hash, found.thread_id, found.url) == (draft.id, draft_hash(draft), first.thread_id, placed.url)


@pytest.mark.parametrize(
    "body", ["Plain words.", "Grüße, ça va? 你好 👋", "x" * 1200, "Line one\n\n> quoted\nFrom here\n.\n", "trailing blanks   \nnext"]
)
def test_what_stands_in_gmail_has_the_hash_of_what_was_written(mailbox, body):
    draft = a_draft(
        text=a_draft_text(subject="Über den Gipfel: 400 Gäste: ein längerer Betreff, der sicher gefaltet werden muss", greeting=body)
    )
    placed = mailbox.create_draft(draft=draft)
    found = mailbox.find_draft(gmail_draft_id=placed.gmail_draft_id)
    assert found is not None
    assert found.content_hash == draft_hash(draft) == placed.content_hash


def test_replacing_keeps_the_draft_and_its_thread_and_changes_the_message(gmail, mailbox):
    first = gmail.deliver(MARIA, from_ana())
    before = mailbox.create_draft(draft=a_reply(first.thread_id))
    after = mailbox.replace_draft(gmail_draft_id=before.gmail_draft_id, draft=a_reply(first.thread_id, id="draft-2"))
    assert (after.gmail_draft_id, after.thread_id) == (before.gmail_draft_id, first.thread_id)
    assert after.gmail_message_id != before.gmail_message_id
    found = mailbox.find_draft(gmail_draft_id=after.gmail_draft_id)
    assert found is not None
    assert found.ours == "draft-2"


def test_a_draft_that_is_gone_is_not_found_and_not_recreated(gmail, mailbox):
    placed = mailbox.create_draft(draft=a_draft())
    gmail.mailbox(MARIA).drop_draft(placed.gmail_draft_id)
    assert mailbox.find_draft(gmail_draft_id=placed.gmail_draft_id) is None
    with pytest.raises(NotFound):
        mailbox.replace_draft(gmail_draft_id=placed.gmail_draft_id, draft=a_draft())
    assert gmail.mailbox(MARIA).drafts == {}


def by_hand(gmail: GmailEmulator, to: str, *, thread_id: str | None = None) -> str:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = MARIA, to, "My own words"
    message.set_content("I am still writing this")
    return gmail.mailbox(MARIA).add_draft(message.as_bytes(), at=MONDAY, thread_id=thread_id)


def test_drafts_in_a_thread_tell_ours_from_a_persons(gmail, mailbox):
    first = gmail.deliver(MARIA, from_ana())
    ours = mailbox.create_draft(draft=a_reply(first.thread_id)).gmail_draft_id
    theirs = by_hand(gmail, PROSPECT, thread_id=first.thread_id)
    by_hand(gmail, PROSPECT)
    found = {one.gmail_draft_id: one.ours for one in mailbox.drafts_to(recipient=PROSPECT, thread_id=first.thread_id)}
    assert found == {ours: "draft-1", theirs: ""}


def test_drafts_to_a_person_outside_any_thread_are_found_by_exact_address(gmail, mailbox):
    ours = mailbox.create_draft(draft=a_draft()).gmail_draft_id
    by_hand(gmail, f"x{PROSPECT}")
    for number in range(12):
        by_hand(gmail, f"person{number}@elsewhere.example")
    assert [one.gmail_draft_id for one in mailbox.drafts_to(recipient=PROSPECT.upper(), thread_id="")] == [ours]
    assert mailbox.drafts_to(recipient="nobody@nowhere.example", thread_id="") == []


def test_a_draft_just_written_is_found_before_the_search_index_knows_it(gmail, mailbox, monkeypatch):
    ours = mailbox.create_draft(draft=a_draft()).gmail_draft_id
    monkeypatch.setattr(search, "compiled", lambda query, _: lambda _message: not query)
    assert [one.gmail_draft_id for one in mailbox.drafts_to(recipient=PROSPECT, thread_id="")] == [ours]
    assert sorted("q" in call.query for call in gmail.calls if call.route == "gmail.drafts.list") == [False, True]


def test_an_edit_by_a_person_changes_the_hash(gmail, mailbox):
    draft = a_draft()
    placed = mailbox.create_draft(draft=draft)
    box = gmail.mailbox(MARIA)
    raw = box.draft_message(placed.gmail_draft_id).raw.replace(b"reaching out", b"reaching us")
    box.replace_draft(placed.gmail_draft_id, raw, at=MONDAY, thread_id=None)
    found = mailbox.find_draft(gmail_draft_id=placed.gmail_draft_id)
    assert found is not None
    assert (found.ours, found.content_hash != draft_hash(draft)) == ("draft-1", True)


def test_a_lost_answer_leaves_a_draft_that_the_next_look_finds(gmail, mailbox):
    gmail.faults.add(Fault("gmail.drafts.create", Kind.DROP_AFTER, times=1))
    with pytest.raises(OutcomeUnknown):
        mailbox.create_draft(draft=a_draft())
    assert [one.ours for one in mailbox.drafts_to(recipient=PROSPECT, thread_id="")] == ["draft-1"]


def test_a_draft_deleted_between_list_and_read_is_left_out(gmail, mailbox):
    mailbox.create_draft(draft=a_draft())
    gmail.faults.add(Fault("gmail.drafts.get", Kind.STATUS, 404))
    assert mailbox.drafts_to(recipient=PROSPECT, thread_id="") == []


def test_drafts_are_written_only_under_the_operators_own_addresses(gmail, mailbox):
    with pytest.raises(Permanent, match="no address of this operator"):
        mailbox.create_draft(draft=a_draft(mailbox="boss@northwind.example"))
    placed = mailbox.create_draft(draft=a_draft(mailbox="maria.costa@northwind.example"))
    stored = gmail.mailbox(MARIA).draft_message(placed.gmail_draft_id).mime
    assert stored["From"] == "Maria Costa <maria.costa@northwind.example>"


def test_lists_of_drafts_are_read_to_the_end_and_no_further_than_is_sensible(gmail, mailbox):
    endless = {"drafts": [], "nextPageToken": base64.urlsafe_b64encode(b"after:0").decode()}
    gmail.faults.add(Fault("gmail.drafts.list", Kind.STATUS, 200, body=endless))
    with pytest.raises(Permanent, match="more than 5000 drafts"):
        mailbox.drafts_to(recipient=PROSPECT, thread_id="19c5a57884cc0fc0")
    assert len(gmail.calls) == 10


def test_an_answer_of_another_shape_names_the_field(gmail, mailbox):
    gmail.faults.add(
        Fault("gmail.threads.get", Kind.STATUS, 200, body={"id": "19c5", "messages": [{"id": "1", "threadId": "1", "payload": {}}]})
    )
    with pytest.raises(Permanent, match=r"messages\.0\.internalDate"):
        mailbox.thread(thread_id="19c5")
