"""What happens in a mailbox, followed from a cursor: who wrote, what left, what vanished."""

from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from emulators.faults import Fault, Kind
from shared.connectors.gmail import client as gmail_client
from shared.domain.conversation import Direction
from shared.ports.mailbox import HistoryGone
from tests.builders import PROSPECT, a_draft
from tests.contract.connectors.gmail.rig import marias_mailbox
from tests.contract.connectors.google_oauth.rig import MARIA, MONDAY


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


def from_ana(**changes: Any) -> dict[str, Any]:
    return {"from": f"Ana Silva <{PROSPECT.upper()}>", "to": MARIA, "subject": "Summit", "text": "Prices?", **changes}


def test_nothing_has_happened_since_this_moment(gmail, mailbox):
    gmail.deliver(MARIA, from_ana())
    here = mailbox.position()
    told = mailbox.news(since=here)
    assert (told.arrived, told.gone, told.cursor) == ((), (), here)


def test_a_mail_that_came_is_told_once_with_who_wrote_it(gmail, mailbox):
    here = mailbox.position()
    came = gmail.deliver(MARIA, from_ana(), at=MONDAY - timedelta(minutes=1))
    told = mailbox.news(since=here)
    [seen] = told.arrived
    assert (seen.gmail_message_id, seen.thread_id, seen.direction) == (came.id, came.thread_id, Direction.INBOUND)
    assert (seen.sender, seen.automatic, seen.ours, seen.sent_at) == (PROSPECT, False, "", MONDAY - timedelta(minutes=1))
    assert mailbox.news(since=told.cursor).arrived == ()


@pytest.mark.parametrize(
    "headers",
    [{"Auto-Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"List-Id": "<x>"}, {"X-Autoreply": "yes"}, {"Return-Path": "<>"}],
    ids=lambda one: next(iter(one)),
)
def test_what_a_machine_wrote_is_told_as_such(gmail, mailbox, headers):
    here = mailbox.position()
    gmail.deliver(MARIA, from_ana(headers=headers))
    assert [one.automatic for one in mailbox.news(since=here).arrived] == [True]


def an_answer(method: str, words: str = "", event: str = "", sender: str = "") -> bytes:
    """To an invitation, as Outlook sends it, where nothing above its parts says what it is; or Google's robot for a person."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = f"Ana <{PROSPECT}>", MARIA, "Accepted: Call", "<answer@theirs.example>"
    if sender:
        mail["Sender"] = sender
    mail.set_content(words)
    mail.add_alternative(f"BEGIN:VCALENDAR\n{event}END:VCALENDAR\n", subtype="calendar", params={"method": method})
    return mail.as_bytes()


ROBOT = "Google Calendar <calendar-notification@google.com>"


@pytest.mark.parametrize(
    ("answer", "machine"),
    [
        (an_answer("REPLY"), True),
        (an_answer("REQUEST"), False),
        (an_answer("COUNTER"), False),
        (an_answer("REPLY", "Please call my mobile."), False),
        (an_answer("REPLY", event="COMMENT:Please stop writing to me\n"), False),
        (an_answer("REPLY", "Ana has accepted.", sender=ROBOT), True),
        (an_answer("REPLY", "Ana has accepted.", "COMMENT:I may be late\n", sender=ROBOT), False),
    ],
    ids=["a button", "an invitation", "another time", "words", "a comment", "the robot", "a comment by the robot"],
)
def test_an_answer_to_an_invitation_is_a_button_unless_a_person_has_said_something(gmail, mailbox, answer, machine):
    here = mailbox.position()
    gmail.deliver(MARIA, answer)
    assert [one.automatic for one in mailbox.news(since=here).arrived] == [machine]


@pytest.mark.parametrize("changes", [{"headers": {"X-Auto-Response-Suppress": "All"}}, {"subject": "Accepted: your offer"}], ids=str)
def test_what_is_uncertain_counts_as_a_persons(gmail, mailbox, changes):
    here = mailbox.position()
    gmail.deliver(MARIA, from_ana(**changes))
    assert [one.automatic for one in mailbox.news(since=here).arrived] == [False]


def test_a_bounce_is_no_human_answer(gmail, mailbox):
    gmail.bounce(PROSPECT)
    placed = mailbox.create_draft(draft=a_draft())
    here = mailbox.position()
    mailbox.send_draft(gmail_draft_id=placed.gmail_draft_id, raw=mailbox.composed(draft=a_draft()), thread_id="")
    told = {one.direction: one for one in mailbox.news(since=here).arrived}
    assert told[Direction.INBOUND].automatic
    assert told[Direction.OUTBOUND].ours == "draft-1"


def test_a_draft_that_is_saved_anew_vanishes_and_is_no_mail(gmail, mailbox):
    before = mailbox.create_draft(draft=a_draft())
    here = mailbox.position()
    mailbox.replace_draft(gmail_draft_id=before.gmail_draft_id, draft=a_draft())
    told = mailbox.news(since=here)
    assert (told.arrived, told.gone) == ((), (before.gmail_message_id,))


def test_a_draft_of_ours_that_a_person_sends_vanishes_and_is_told_as_sent(gmail, mailbox):
    placed = mailbox.create_draft(draft=a_draft())
    here = mailbox.position()
    box = gmail.mailbox(MARIA)
    draft = box.drop_draft(placed.gmail_draft_id)
    gmail.deliver(MARIA, draft.raw)
    told = mailbox.news(since=here)
    assert told.gone == (placed.gmail_message_id,)
    assert [(one.direction, one.ours) for one in told.arrived] == [(Direction.OUTBOUND, "draft-1")]


def test_spam_and_trash_are_not_told_until_they_are_taken_out(gmail, mailbox):
    here = mailbox.position()
    junk = gmail.deliver(MARIA, from_ana(), labels=["SPAM"])
    bin = gmail.deliver(MARIA, from_ana(), labels=["TRASH"])
    told = mailbox.news(since=here)
    assert told.arrived == ()
    gmail.mailbox(MARIA).relabel(junk.id, add=["INBOX"], remove=["SPAM"])
    gmail.mailbox(MARIA).relabel(bin.id, add=["INBOX"], remove=["TRASH"])
    assert {one.gmail_message_id for one in mailbox.news(since=told.cursor).arrived} == {junk.id, bin.id}


def test_reading_or_archiving_a_mail_is_no_news(gmail, mailbox):
    came = gmail.deliver(MARIA, from_ana())
    here = mailbox.position()
    gmail.mailbox(MARIA).relabel(came.id, remove=["UNREAD", "INBOX"])
    assert mailbox.news(since=here).arrived == ()


def test_a_mail_that_is_deleted_while_we_read_is_left_out(gmail, mailbox):
    here = mailbox.position()
    gmail.deliver(MARIA, from_ana())
    gmail.faults.add(Fault("gmail.messages.get", Kind.STATUS, 404, times=1))
    told = mailbox.news(since=here)
    assert told.arrived == ()
    gone = gmail.deliver(MARIA, from_ana())
    gmail.mailbox(MARIA).remove(gone.id)
    assert gone.id in mailbox.news(since=told.cursor).gone


def test_history_is_read_to_its_end(gmail, mailbox, monkeypatch):
    monkeypatch.setattr(gmail_client, "LARGEST_PAGE", 3)
    here = mailbox.position()
    for number in range(8):
        gmail.deliver(MARIA, from_ana(**{"from": f"person{number}@x.example"}))
    told = mailbox.news(since=here)
    assert [one.sender for one in told.arrived] == [f"person{number}@x.example" for number in range(8)]
    assert len([one for one in gmail.calls if one.route == "gmail.history.list"]) == 3
    assert mailbox.news(since=told.cursor).arrived == ()


def test_only_headers_are_read(gmail, mailbox):
    here = mailbox.position()
    gmail.deliver(MARIA, from_ana())
    mailbox.news(since=here)
    [read] = [one for one in gmail.calls if one.route == "gmail.messages.get"]
    assert read.query["format"] == ["metadata"]


def test_history_that_is_forgotten_is_told_as_gone(gmail, mailbox):
    here = mailbox.position()
    gmail.deliver(MARIA, from_ana())
    gmail.forget_history(MARIA)
    with pytest.raises(HistoryGone):
        mailbox.news(since=here)


def test_more_history_than_anybody_should_read_counts_as_gone(gmail, mailbox, monkeypatch):
    monkeypatch.setattr(gmail_client, "LARGEST_PAGE", 1)
    here = mailbox.position()
    for number in range(11):
        gmail.deliver(MARIA, from_ana(**{"from": f"person{number}@x.example"}))
    with pytest.raises(HistoryGone):
        mailbox.news(since=here)
