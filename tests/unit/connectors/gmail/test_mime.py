"""Drafts as RFC 5322 messages, parsed back by the standard library."""

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import escape, unescape
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.connectors.gmail.mime import check_readable, composed
from shared.domain.draft import Attachment, Draft, content_hash, draft_hash
from shared.domain.enclosures import ENDINGS, file_name
from shared.domain.footer import Footer
from shared.domain.tracked import Tracked
from shared.ports.errors import Rejected
from tests.builders import a_draft, a_draft_text, a_sender, an_enclosure

OUTLOOK_ID = f"<{'AM0PR08MB1234567890ABCDEF' * 3}@AM0PR08MB1234.eurprd08.prod.outlook.com>"
printable = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=200)


def written(draft: Draft, name: str = "Maria Costa") -> bytes:
    sender = draft.sent_as(name)
    raw = composed(draft, sender=sender)
    check_readable(raw, draft, sender=sender)
    return raw


def parsed(draft: Draft, **options: Any) -> EmailMessage:
    message = message_from_bytes(written(draft, **options), policy=default)
    assert isinstance(message, EmailMessage)
    return message


def test_headers_and_body_come_back_as_they_were_given():
    draft = a_draft(recipient_name="Ana Sílva", text=a_draft_text(subject="Grüße aus Köln ✨", greeting="Olá, Ana"))
    message = parsed(draft, name="Mária Costa")
    assert message["From"] == "Mária Costa <maria@northwind.example>"
    assert message["To"] == "Ana Sílva <ana.silva@brightleaf.example>"
    assert (message["Subject"], message["X-Sales-Agent-Draft"]) == ("Grüße aus Köln ✨", "draft-1")
    assert message.get_content_type() == "text/plain"
    assert message.get_content().replace("\r\n", "\n") == draft.text.body


def test_what_leaves_is_ascii_with_network_line_ends():
    data = written(a_draft(text=a_draft_text(subject="Über " * 40, greeting="Ä" * 2000)))
    assert data.isascii()
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert max(len(line) for line in data.split(b"\r\n")) <= 998
    assert all(len(word) <= 75 for word in re.findall(rb"=\?utf-8\?\S+\?=", data))


def test_an_answer_names_what_it_answers_and_what_came_before():
    message = parsed(a_draft(reply_to_message_id="<b@x.example>", references=("<a@x.example>", "<b@x.example>")))
    assert (message["In-Reply-To"], message["References"]) == ("<b@x.example>", "<a@x.example> <b@x.example>")


def test_a_new_mail_has_no_threading_headers():
    assert {"In-Reply-To", "References"}.isdisjoint(parsed(a_draft()).keys())


def test_message_ids_longer_than_a_line_are_kept_whole():
    data = written(a_draft(reply_to_message_id=OUTLOOK_ID, references=(OUTLOOK_ID.replace("AM0", "BM1"),)))
    assert f"In-Reply-To: {OUTLOOK_ID}\r\n".encode() in data
    assert parsed(a_draft(reply_to_message_id=OUTLOOK_ID))["References"] == OUTLOOK_ID


def test_long_histories_keep_the_first_and_the_newest():
    references = tuple(f"<{number}@x.example>" for number in range(60))
    kept = parsed(a_draft(reply_to_message_id="<59@x.example>", references=references))["References"].split()
    assert (len(kept), kept[0], kept[-1], kept[1]) == (20, "<0@x.example>", "<59@x.example>", "<41@x.example>")


@pytest.mark.parametrize(
    "value", ["no-brackets@x.example", "<with space@x.example>", "<ä@x.example>", "<a@x.example>\r\nBcc: all@x.example", ""]
)
def test_only_well_formed_message_ids_get_into_the_headers(value):
    message = parsed(a_draft(reply_to_message_id=value, references=(value,)))
    assert message["Bcc"] is None
    assert message["In-Reply-To"] in (None, "<a@x.example>")


@pytest.mark.parametrize("line_break", ["\n", "\r", "\r\n", "\x00", "\x85", "\u2028"])
@pytest.mark.parametrize("field", ["subject", "recipient", "recipient_name", "id"])
def test_a_line_break_in_a_header_is_refused_by_name(field, line_break):
    value = f"x{line_break}Bcc: all@x.example"
    draft = a_draft(text=a_draft_text(subject=value)) if field == "subject" else a_draft(**{field: value})
    with pytest.raises(Rejected) as caught:
        written(draft)
    assert caught.value.field == field


@pytest.mark.parametrize(
    "recipient",
    [
        "",
        "ana",
        "@x.example",
        "ana@",
        "ana silva@x.example",
        "a@b.example, c@d.example",
        "<a@b.example>",
        "ana@x.example>",
        "aná@x.example",
    ],
)
def test_what_is_no_single_address_is_refused(recipient):
    with pytest.raises(Rejected) as caught:
        written(a_draft(recipient=recipient))
    assert caught.value.field == "recipient"


@pytest.mark.parametrize("field", ["subject", "greeting"])
def test_half_a_character_is_refused_by_name(field):
    with pytest.raises(Rejected) as caught:
        written(a_draft(text=a_draft_text(**{field: "broken \ud83d"})))
    assert caught.value.field == ("subject" if field == "subject" else "body")


@settings(deadline=None)
@given(subject=printable, name=printable, body=printable)
def test_any_words_survive_the_way_and_keep_their_hash(subject, name, body):
    draft = a_draft(recipient_name=name, text=a_draft_text(subject=subject, greeting=body))
    message = parsed(draft)
    assert set(message.keys()) == {
        "From",
        "To",
        "Subject",
        "X-Sales-Agent-Draft",
        "Content-Type",
        "Content-Transfer-Encoding",
        "MIME-Version",
    }
    assert [one.addr_spec for one in message["To"].addresses] == [draft.recipient]
    words = content_hash(subject=message["Subject"], body=message.get_content(), recipient=draft.recipient)
    assert words == draft_hash(draft)


@settings(deadline=None)
@given(name=printable, signature=printable, html=printable, body=printable)
def test_any_sender_comes_back_with_its_signature_beside_the_text_and_in_the_html(name, signature, html, body):
    sender = a_sender(name=name, signature=signature, signature_html=escape(html))
    message = parsed(a_draft(sender=sender, text=a_draft_text(greeting=body)))
    [author], [answers] = message["From"].addresses, message["Reply-To"].addresses
    assert (author.addr_spec, "".join(author.display_name.split())) == (sender.address, "".join(name.split()))
    assert answers.addr_spec == sender.reply_to
    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert lines(plain.get_content()) == lines(a_draft(sender=sender, text=a_draft_text(greeting=body)).letter)
    assert (message.get_content_type() == "multipart/alternative") is (rich is not None) is bool(html)
    if rich is not None:
        shown = rich.get_content().split('signature">')[1].rsplit("</div>", 1)[0]
        assert unescape(shown).split() == html.split()


def lines(text: str) -> list[str]:
    return [one.rstrip() for one in text.replace("\r\n", "\n").strip().split("\n")]


def test_writing_it_twice_makes_the_same_bytes_and_another_text_other_boundaries():
    draft = a_draft(sender=a_sender())
    assert written(draft) == written(draft)
    other = message_from_bytes(written(draft.model_copy(update={"text": a_draft_text(greeting="Hello,")})), policy=default)
    assert message_from_bytes(written(draft), policy=default).get_boundary() != other.get_boundary()


@pytest.mark.parametrize("line_break", ["\n", "\r", "\r\n", "\x00", "\u2028"])
@pytest.mark.parametrize(("field", "refused"), [("name", "sender_name"), ("address", "sender"), ("reply_to", "reply_to")])
def test_a_line_break_in_a_sender_is_refused_by_name(field, refused, line_break):
    with pytest.raises(Rejected) as caught:
        written(a_draft(sender=a_sender(**{field: f"x{line_break}Bcc: all@x.example"})))
    assert caught.value.field == refused


@pytest.mark.parametrize("change", [{"name": "Other"}, {"address": "o@x.example"}, {"reply_to": ""}, {"signature_html": "<i>x</i>"}])
def test_a_message_under_another_sender_is_refused(change):
    draft, other = a_draft(sender=a_sender()), a_draft(sender=a_sender(**change))
    with pytest.raises(Rejected) as caught:
        check_readable(written(draft), other, sender=other.sent_as(""))
    assert caught.value.field == ("text" if "signature_html" in change else "sender")


@settings(deadline=None)
@given(
    files=st.lists(st.tuples(printable, st.binary(max_size=300), st.sampled_from(sorted(ENDINGS))), max_size=3),
    signature=st.sampled_from(["", "<b>Maria</b>"]),
    body=printable,
)
def test_any_files_come_back_with_their_names_kinds_and_bytes(files, signature, body):
    told = [an_enclosure(data, name=file_name(name, kind), mime_type=kind) for name, data, kind in files]
    attachments = tuple(Attachment(file_id=f"f{n}", name="x", url="", file=one) for n, one in enumerate(told))
    draft = a_draft(sender=a_sender(signature_html=signature), text=a_draft_text(greeting=body, attachments=attachments))
    raw = composed(draft, sender=draft.sent_as(""), files=[data for _, data, _ in files])
    check_readable(raw, draft, sender=draft.sent_as(""))
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    message = message_from_bytes(raw, policy=default)
    read = [(one.get_filename(), one.get_content_type(), one.get_content()) for one in message.iter_attachments()]
    assert read == [(one.name, one.mime_type, data) for one, (_, data, _) in zip(told, files, strict=True)]
    assert all(one.get_content_disposition() == "attachment" for one in message.iter_attachments())
    plain = message.get_body(("plain",))
    assert plain is not None
    assert lines(plain.get_content()) == lines(draft.letter)
    assert message_from_bytes(raw)["Bcc"] is None
    assert composed(draft, sender=draft.sent_as(""), files=[data for _, data, _ in files]) == raw


def test_other_bytes_than_those_attached_are_refused():
    draft = a_draft(text=a_draft_text(attachments=(Attachment(file_id="f", name="x", url="", file=an_enclosure()),)))
    with pytest.raises(Rejected) as caught:
        composed(draft, sender=draft.sent_as(""), files=[b"other"])
    assert caught.value.field == "files"
    with pytest.raises(ValueError, match="shorter"):
        composed(draft, sender=draft.sent_as(""))


@pytest.mark.parametrize("line_break", ["\n", "\r", "\r\n", "\x00", "\u2028"])
def test_a_line_break_in_a_files_name_is_refused(line_break):
    file = an_enclosure(name=f"x{line_break}Bcc: all@x.example.pdf")
    draft = a_draft(text=a_draft_text(attachments=(Attachment(file_id="f", name="x", url="", file=file),)))
    with pytest.raises(Rejected) as caught:
        composed(draft, sender=draft.sent_as(""), files=[b"%PDF-1.4"])
    assert caught.value.field == "file_name"


addresses = st.from_regex(r"[a-z0-9.+_-]{1,20}@[a-z0-9-]{1,20}\.example", fullmatch=True).filter(lambda one: ".." not in one)


@settings(deadline=None)
@given(cc=st.lists(addresses.filter(lambda one: not one.startswith(".") and ".@" not in one), max_size=30, unique=True))
def test_everybody_who_gets_a_copy_is_read_back(cc):
    message = parsed(a_draft(cc=tuple(cc)))
    assert [one.addr_spec for one in message["Cc"].addresses] == cc if cc else message["Cc"] is None


@pytest.mark.parametrize(
    ("told", "read", "field"),
    [
        (a_draft(), a_draft(recipient="other@x.example"), "recipient"),
        (a_draft(), a_draft(cc=("boss@x.example",)), "recipient"),
        (a_draft(), a_draft(id="draft-2"), "id"),
        (a_draft(), a_draft(text=a_draft_text(subject="Another")), "text"),
        (a_draft(), a_draft(text=a_draft_text(greeting="Another")), "text"),
    ],
)
def test_a_message_that_says_anything_else_than_the_draft_is_refused(told, read, field):
    with pytest.raises(Rejected) as caught:
        check_readable(written(told), read, sender=told.sent_as("Maria Costa"))
    assert caught.value.field == field


def test_a_copy_to_what_is_no_address_is_refused():
    with pytest.raises(Rejected) as caught:
        written(a_draft(cc=("a@x.example, b@x.example",)))
    assert caught.value.field == "cc"


def test_one_click_stands_in_both_headers_whole_and_on_one_line():
    url = f"https://run.example/unsubscribe/northwind.1.{'aB_-' * 40}"
    data = written(a_draft(footer=Footer(opt_out=url)))
    assert f"List-Unsubscribe: <{url}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n".encode() in data


def test_a_mail_without_a_way_out_has_neither_header():
    assert {"List-Unsubscribe", "List-Unsubscribe-Post"}.isdisjoint(parsed(a_draft(footer=Footer(identity="Northwind"))).keys())


@pytest.mark.parametrize("url", ["mailto:stop@run.example", "https://run.example/a b", "https://run.example/>\r\nBcc: all@x.example"])
def test_a_way_out_that_is_no_address_is_refused(url):
    with pytest.raises(Rejected, match="unsubscribe"):
        written(a_draft(footer=Footer(opt_out=url)))


def test_what_is_tracked_is_read_back_as_html_beside_the_text():
    message = parsed(a_draft(tracked=Tracked(picture="https://run.example/track/x")))
    assert message.get_content_type() == "multipart/alternative"
