"""An approved message taken apart for SendGrid: whatever stood in it stands in the letter, and nothing else does."""

import base64
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.connectors.gmail import mime
from shared.connectors.sendgrid.letter import letter_of
from shared.domain.ids import DraftId, SendId
from shared.domain.stamping import stamped
from shared.ports.errors import Permanent
from shared.ports.ways_out import Parcel
from tests.builders import MONDAY, WORKSPACE, a_draft, a_draft_text
from tests.fakes.mailbox import MemoryMailbox

words = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=60).map(lambda one: f"A {one.strip()} b")


def parcel(raw: bytes) -> Parcel:
    return Parcel(
        workspace_id=WORKSPACE,
        send_id=SendId("send_1-1"),
        draft_id=DraftId("draft_1"),
        gmail_draft_id="r-1",
        thread_id="",
        message_id="<send_1-1@northwind.example>",
        raw=stamped(raw, send_id="send_1-1", at=MONDAY),
    )


def composed(**changes) -> bytes:
    return MemoryMailbox().composed(draft=a_draft(**changes))


def test_a_letter_says_who_to_whom_what_and_in_which_conversation():
    answered = {"reply_to_message_id": "<a1@x.example>", "references": ("<a0@x.example>",)}
    draft = a_draft(recipient_name="Ana Sílva", cc=("boss@brightleaf.example",), **answered)
    letter = letter_of(parcel(MemoryMailbox().composed(draft=draft)))
    [person] = letter["personalizations"]
    assert person["to"] == [{"email": draft.recipient, "name": "Ana Sílva"}]
    assert person["cc"] == [{"email": "boss@brightleaf.example"}]
    assert person["custom_args"] == {"send_id": "send_1-1", "workspace_id": WORKSPACE}
    assert letter["from"] == {"email": "maria@northwind.example", "name": "Maria Costa"}
    assert letter["headers"] == {
        "Message-ID": "<send_1-1@northwind.example>",
        "X-Sales-Agent-Send": "send_1-1",
        "X-Sales-Agent-Draft": draft.id,
        "In-Reply-To": "<a1@x.example>",
        "References": "<a0@x.example> <a1@x.example>",
    }
    assert "categories" not in letter


def test_nothing_of_the_accounts_own_settings_changes_what_was_approved():
    letter = letter_of(parcel(composed()))
    assert [one["enable"] for one in letter["tracking_settings"].values()] == [False] * 3
    assert letter["mail_settings"] == {"footer": {"enable": False}}


@given(subject=words, body=st.lists(words, min_size=1, max_size=5))
def test_whatever_is_written_arrives_as_it_was_written(subject, body):
    text = "\n".join(body) + "\n"
    letter = letter_of(parcel(composed(text=a_draft_text(subject=subject, edited=text))))
    assert " ".join(letter["subject"].split()) == " ".join(subject.split())
    [content] = letter["content"]
    assert content["type"] == "text/plain"
    assert content["value"].replace("\r\n", "\n").splitlines() == text.splitlines()


def many_parts() -> EmailMessage:
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"], made["Reply-To"] = "m@northwind.example", "a@x.example", "Hi", "desk@northwind.example"
    made.set_content("plain\n")
    made.add_alternative('<p>html <img src="cid:logo"></p>', subtype="html")
    made.get_payload()[1].add_related(b"\x89PNG", "image", "png", cid="<logo>")
    made.add_attachment(b"%PDF-1", maintype="application", subtype="pdf", filename="Angebot für Ana.pdf")
    return made


def test_html_pictures_and_files_go_with_it():
    letter = letter_of(parcel(many_parts().as_bytes()))
    assert letter["reply_to"] == {"email": "desk@northwind.example"}
    assert [one["type"] for one in letter["content"]] == ["text/plain", "text/html"]
    picture, file = letter["attachments"]
    assert (picture["type"], picture["content_id"], picture["disposition"]) == ("image/png", "logo", "inline")
    assert (file["filename"], file["disposition"]) == ("Angebot für Ana.pdf", "attachment")
    assert base64.b64decode(file["content"]) == b"%PDF-1"


def test_a_mail_sendgrid_would_rearrange_is_refused():
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"] = "m@northwind.example", "a@x.example", "Hi"
    made.make_mixed()
    for text in ("one\n", "two\n"):
        part = EmailMessage(policy=SMTP)
        part.set_content(text)
        made.attach(part)
    with pytest.raises(Permanent, match="several texts"):
        letter_of(parcel(made.as_bytes()))


def test_the_builders_own_header_is_among_those_that_travel():
    assert mime.OWN_HEADER in letter_of(parcel(composed()))["headers"]
