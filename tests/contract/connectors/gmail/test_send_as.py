"""Writing under another identity: what Gmail keeps and sends bears exactly its name, answers address and signature."""

from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from emulators.faults import Fault, Kind
from shared.domain.draft import draft_hash
from shared.ports.errors import ReconnectNeeded, Transient
from shared.ports.mailbox import SenderUnusable
from shared.stages.listening.catching_up import stands_untouched
from tests.builders import PROSPECT, a_draft
from tests.contract.connectors.gmail.rig import marias_mailbox
from tests.contract.connectors.google_oauth.rig import MARIA, MONDAY

SALES = "sales@northwind.example"
SIGNATURE = '<div dir="ltr"><b>Maria Costa</b><br><a href="https://northwind.example/">Northwind</a><script>x()</script></div>'


@pytest.fixture
def rig():
    with marias_mailbox() as opened:
        yield opened


@pytest.fixture
def gmail(rig):
    gmail = rig[0]
    alias = {"sendAsEmail": SALES, "displayName": "Northwind Vendas, Lda", "replyToAddress": "desk@northwind.example"}
    gmail.mailbox(MARIA).identities.append({**alias, "signature": SIGNATURE, "isDefault": False, "verificationStatus": "accepted"})
    return gmail


@pytest.fixture
def mailbox(rig, gmail):
    return rig[1]


def identity(gmail: Any) -> dict[str, Any]:
    return next(one for one in gmail.mailbox(MARIA).identities if one["sendAsEmail"] == SALES)


def test_what_is_sent_is_from_the_alias_with_its_signature_in_text_and_html(gmail, mailbox):
    theirs = gmail.mailbox(PROSPECT)
    draft = a_draft(sender=mailbox.sender(address=SALES.upper()))
    placed = mailbox.create_draft(draft=draft)
    mailbox.send_draft(gmail_draft_id=placed.gmail_draft_id, raw=mailbox.composed(draft=draft), thread_id="")
    [received] = theirs.messages.values()
    read = message_from_bytes(received.raw, policy=default)
    [author] = read["From"].addresses
    assert (author.addr_spec, author.display_name, read["Reply-To"]) == (SALES, "Northwind Vendas, Lda", "desk@northwind.example")
    assert read.get_body(("plain",)).get_content().splitlines()[-3:] == ["-- ", "Maria Costa", "Northwind"]
    html = read.get_body(("html",)).get_content()
    assert '<a href="https://northwind.example/">Northwind</a>' in html
    assert "script" not in html


def test_a_draft_under_an_alias_is_known_again_as_ours(mailbox):
    draft = a_draft(sender=mailbox.sender(address=SALES))
    placed = mailbox.create_draft(draft=draft)
    found = mailbox.find_draft(gmail_draft_id=placed.gmail_draft_id)
    assert found.content_hash == placed.content_hash == draft_hash(draft)
    assert stands_untouched(draft.model_copy(update={"placement": placed}), found)


@pytest.mark.parametrize("part", ["html", "file", "mail"])
def test_a_change_of_the_html_alone_or_a_file_put_there_shows_while_we_are_writing(gmail, mailbox, part):
    draft = a_draft(sender=mailbox.sender(address=SALES))
    placed = mailbox.create_draft(draft=draft)
    writing = draft.model_copy(
        update={"placement": placed.model_copy(update={"gmail_message_id": "older", "writing": (draft_hash(draft),)})}
    )
    assert stands_untouched(writing, mailbox.find_draft(gmail_draft_id=placed.gmail_draft_id))
    raw = mailbox.composed(draft=draft)
    read = message_from_bytes(raw, policy=default)
    if part == "html":
        changed = raw.replace(b"<b>Maria Costa</b>", b"<i>Maria Costa</i>")
    elif part == "file":
        read.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="offer.pdf")
        changed = read.as_bytes()
    else:
        read.add_attachment(message_from_bytes(raw, policy=default))
        changed = read.as_bytes()
    gmail.mailbox(MARIA).replace_draft(placed.gmail_draft_id, changed, at=MONDAY, thread_id=None)
    assert not stands_untouched(writing, mailbox.find_draft(gmail_draft_id=placed.gmail_draft_id))


@pytest.mark.parametrize("status", ["pending", None])
def test_an_alias_that_is_not_confirmed_or_gone_is_refused_in_words_that_help(gmail, mailbox, status):
    if status:
        identity(gmail)["verificationStatus"] = status
    else:
        gmail.mailbox(MARIA).identities.remove(identity(gmail))
    with pytest.raises(SenderUnusable, match="Send mail as") as refused:
        mailbox.sender(address=SALES)
    assert isinstance(refused.value, ReconnectNeeded)


def test_the_primary_address_may_be_chosen_too(mailbox):
    assert (mailbox.sender(address=MARIA).address, mailbox.sender(address=MARIA).name) == (MARIA, "Maria Costa")


def test_gmail_being_away_is_no_word_about_an_alias(gmail, mailbox):
    gmail.faults.add(Fault("gmail.settings.sendAs.list", Kind.STATUS, 503))
    with pytest.raises(Transient):
        mailbox.sender(address=SALES)


@pytest.mark.parametrize(
    "name", ["Maria Costa", "Mária “Mia” Costa", "Costa, Maria", "Müller-Łukasiewicz Ünïcödé " * 4, 'Maria "M" Costa', ""]
)
def test_whom_a_standing_draft_is_from_is_read_back(gmail, mailbox, name):
    identity(gmail)["displayName"] = name
    for sender in (mailbox.sender(address=SALES), None):
        draft = a_draft(sender=sender)
        found = mailbox.find_draft(gmail_draft_id=mailbox.create_draft(draft=draft).gmail_draft_id)
        assert found.sender == draft.sent_as("Maria Costa").headers
