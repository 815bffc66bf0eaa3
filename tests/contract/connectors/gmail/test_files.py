"""Files in the mail: kept by Gmail as they were given, known again as ours, sent whole, however large."""

from email import message_from_bytes
from email.policy import default

import pytest

from shared.domain.draft import Attachment, Draft, draft_hash
from shared.ports.errors import Rejected
from shared.stages.listening.catching_up import stands_untouched
from tests.builders import PROSPECT, a_draft, a_draft_text, a_sender, an_enclosure
from tests.contract.connectors.gmail.rig import marias_mailbox
from tests.contract.connectors.google_oauth.rig import MARIA

SMALL, LARGE = b"%PDF-1.4 " + bytes(range(256)), b"\x89PNG" + bytes(range(256)) * 9_000


@pytest.fixture
def rig():
    with marias_mailbox() as opened:
        yield opened


def with_file(data: bytes, name: str = "Relatório, análise.pdf", **changes: object) -> Draft:
    file = an_enclosure(data, name=name)
    return a_draft(text=a_draft_text(attachments=(Attachment(file_id="f", name="x", url="", file=file),)), **changes)


@pytest.mark.parametrize("data", [SMALL, LARGE, b""], ids=["small", "uploaded", "empty"])
@pytest.mark.parametrize("sender", [None, a_sender()], ids=["plain", "signed"])
def test_what_is_placed_is_known_again_and_what_is_sent_arrives_whole(rig, data, sender):
    gmail, mailbox, _ = rig
    theirs, draft = gmail.mailbox(PROSPECT), with_file(data, sender=sender)
    placed = mailbox.create_draft(draft=a_draft())
    placed = mailbox.replace_draft(gmail_draft_id=placed.gmail_draft_id, draft=draft, files=[data])
    found = mailbox.find_draft(gmail_draft_id=placed.gmail_draft_id)
    assert found.content_hash == placed.content_hash == draft_hash(draft)
    assert stands_untouched(draft.model_copy(update={"placement": placed}), found)
    mailbox.send_draft(gmail_draft_id=placed.gmail_draft_id, raw=mailbox.composed(draft=draft, files=[data]), thread_id="")
    [received] = theirs.messages.values()
    [file] = message_from_bytes(received.raw, policy=default).iter_attachments()
    assert (file.get_filename(), file.get_content_type(), file.get_content()) == ("Relatório, análise.pdf", "application/pdf", data)


def test_a_large_mail_is_uploaded_into_its_thread_and_a_small_one_goes_in_json(rig):
    gmail, mailbox, _ = rig
    first = gmail.deliver(MARIA, {"from": PROSPECT, "to": MARIA, "subject": "Summit", "message_id": "<a1@x.example>", "text": "Prices?"})
    answer = {"thread_id": first.thread_id, "reply_to_message_id": "<a1@x.example>"}
    placed = mailbox.create_draft(draft=a_draft(**answer, text=a_draft_text(subject="Re: Summit")))
    draft = with_file(LARGE, **answer)
    draft = draft.model_copy(update={"text": draft.text.model_copy(update={"subject": "Re: Summit"})})
    left = mailbox.send_draft(
        gmail_draft_id=placed.gmail_draft_id, raw=mailbox.composed(draft=draft, files=[LARGE]), thread_id=first.thread_id
    )
    assert left.thread_id == first.thread_id
    assert [one.path.startswith("/upload/") for one in gmail.calls if one.method == "POST"] == [False, True]


def test_a_file_of_another_size_put_in_the_place_of_ours_shows_while_we_are_writing(rig):
    gmail, mailbox, clock = rig
    draft = with_file(SMALL)
    placed = mailbox.create_draft(draft=a_draft())
    placed = mailbox.replace_draft(gmail_draft_id=placed.gmail_draft_id, draft=draft, files=[SMALL])
    other = with_file(SMALL + b"!")
    raw = mailbox.composed(draft=other, files=[SMALL + b"!"])
    gmail.mailbox(MARIA).replace_draft(placed.gmail_draft_id, raw, at=clock.now(), thread_id=None)
    writing = draft.model_copy(update={"placement": placed.model_copy(update={"writing": (draft_hash(draft),)})})
    assert not stands_untouched(writing, mailbox.find_draft(gmail_draft_id=placed.gmail_draft_id))


def test_other_bytes_than_those_described_are_never_written(rig):
    _, mailbox, _ = rig
    with pytest.raises(Rejected, match="is not the file that was attached"):
        mailbox.composed(draft=with_file(SMALL), files=[LARGE])
