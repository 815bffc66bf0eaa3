"""A notice in the operator's own mailbox: unread in their inbox, nothing leaves, it is known again, and nobody is taken to have written."""

from email import message_from_bytes
from email.policy import default

import pytest

from emulators.faults import Fault, Kind
from shared.connectors.gmail.noticeboard import GmailBoard
from shared.domain.conversation import Direction
from shared.domain.notices import Link, Notice
from shared.ports.errors import OutcomeUnknown
from tests.builders import MONDAY, PROSPECT, an_operator
from tests.contract.connectors.gmail.rig import marias_mailbox
from tests.contract.connectors.google_oauth.rig import MARIA

LINK = Link(label="Read: Brightleaf", url="https://sdr.example/console/drafts/draft_1")
NOTICE = Notice(id="a1b2", at=MONDAY, title="A draft for Zoë waits for you", lines=("Zoë, Brightleaf",), links=(LINK,))


@pytest.fixture
def rig():
    with marias_mailbox() as (gmail, mailbox, _):
        yield gmail, mailbox, GmailBoard(operator=an_operator(), client=mailbox._client)


def stored(gmail):
    return list(gmail.mailboxes[MARIA].messages.values())


def test_it_stands_unread_in_the_inbox_and_nothing_leaves(rig):
    gmail, _, board = rig
    board.post(notice=NOTICE)
    [found] = stored(gmail)
    assert set(found.labels) == {"INBOX", "UNREAD"}
    read = message_from_bytes(found.raw, policy=default)
    assert (read["Subject"], read["Auto-Submitted"], read["X-Sales-Agent-Notice"]) == (NOTICE.title, "auto-generated", "a1b2")
    assert (read["Message-ID"], read["From"].addresses[0].addr_spec) == ("<a1b2.notice@northwind.example>", MARIA)
    assert read.get_content().replace("\r\n", "\n") == f"Zoë, Brightleaf\n\n{LINK.label}: {LINK.url}\n"


def test_it_is_known_again_also_when_it_was_archived(rig):
    gmail, _, board = rig
    assert not board.shows(notice=NOTICE)
    board.post(notice=NOTICE)
    assert board.shows(notice=NOTICE)
    assert not board.shows(notice=NOTICE.model_copy(update={"id": "other"}))
    [found] = stored(gmail)
    gmail.mailboxes[MARIA].relabel(found.id, remove=["INBOX", "UNREAD"])
    assert board.shows(notice=NOTICE)


def test_one_that_nobody_heard_of_is_unknown_and_found(rig):
    gmail, _, board = rig
    gmail.faults.add(Fault("gmail.messages.insert", Kind.DROP_AFTER, times=1))
    with pytest.raises(OutcomeUnknown):
        board.post(notice=NOTICE)
    assert board.shows(notice=NOTICE)
    assert len(stored(gmail)) == 1


def test_our_own_listening_takes_it_for_no_mail_of_anybody_and_no_conversation(rig):
    _, mailbox, board = rig
    here = mailbox.position()
    board.post(notice=NOTICE)
    [seen] = mailbox.news(since=here).arrived
    assert (seen.direction, seen.automatic, seen.ours) == (Direction.OUTBOUND, True, "")
    assert mailbox.newest_thread_with(address=PROSPECT) is None
    assert mailbox.listed_about(addresses=[PROSPECT], domains=["brightleaf.example"], limit=10) == []
    assert mailbox.sent_of(draft_id="draft_1", thread_id="") is None
