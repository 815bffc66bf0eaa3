"""Gmail messages as domain messages."""

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.connectors.gmail import reading
from shared.connectors.gmail.wire import GmailMessage, Part
from shared.domain.conversation import Direction
from tests.builders import an_operator


def a_part(
    text: str | bytes = "", kind: str = "text/plain", charset: str = "utf-8", parts: list[Part] | None = None, **headers: str
) -> Part:
    data = text.encode(charset) if isinstance(text, str) else text
    given = {"Content-Type": f'{kind}; charset="{charset}"', **{name.replace("_", "-"): value for name, value in headers.items()}}
    shape = {
        "mimeType": kind,
        "headers": [{"name": name, "value": value} for name, value in given.items()],
        "body": {"size": len(data), "data": base64.urlsafe_b64encode(data).decode()},
        "parts": [one.model_dump(by_alias=True) for one in parts or []],
    }
    return Part.model_validate(shape)


def a_mail(payload: Part, *, labels: tuple[str, ...] = ("INBOX",), **changes: Any) -> GmailMessage:
    usual = {"id": "18c1", "threadId": "18c0", "labelIds": labels, "internalDate": "1763978400000"}
    return GmailMessage.model_validate({**usual, "payload": payload.model_dump(by_alias=True), **changes})


def read(payload: Part, **changes: Any) -> Any:
    return reading.message(a_mail(payload, **changes), operator=an_operator())


def test_people_times_and_references_are_told():
    headers = {
        "From": "Ana Silva <Ana.Silva@Brightleaf.example>",
        "To": "Maria <maria@northwind.example>, joe@x.example",
        "Cc": "Joe <JOE@x.example>",
        "Message_ID": "<c@x.example>",
        "References": "<a@x.example> <b@x.example>",
        "In_Reply_To": "<b@x.example>",
    }
    message = read(a_part("Hello", Subject=" Prices ", **headers))
    assert (message.sender, message.sender_name) == ("ana.silva@brightleaf.example", "Ana Silva")
    assert message.recipients == ("maria@northwind.example", "joe@x.example")
    assert (message.subject, message.message_id) == ("Prices", "<c@x.example>")
    assert message.references == ("<a@x.example>", "<b@x.example>")
    assert message.sent_at == datetime(2025, 11, 24, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sender", "labels", "direction"),
    [
        ("ana@x.example", ("INBOX",), Direction.INBOUND),
        ("MARIA@northwind.example", ("INBOX",), Direction.OUTBOUND),
        ("maria.costa@northwind.example", ("INBOX",), Direction.OUTBOUND),
        ("other-alias@northwind.example", ("SENT",), Direction.OUTBOUND),
    ],
)
def test_direction_follows_the_operators_own_addresses(sender, labels, direction):
    assert read(a_part("Hello", From=sender), labels=labels).direction is direction


def test_the_plain_part_is_preferred_and_html_read_when_it_is_empty():
    html = a_part("<p>Rich</p>", "text/html")
    assert read(a_part(kind="multipart/alternative", parts=[a_part("Plain"), html])).text == "Plain"
    assert read(a_part(kind="multipart/alternative", parts=[a_part(" \n"), html])).text == "Rich"
    assert read(html).text == "Rich"


def test_attachments_and_attached_mails_are_not_this_mails_text():
    attached = Part.model_validate({"mimeType": "text/plain", "filename": "notes.txt", "body": {"size": 3}})
    inner = a_part(kind="message/rfc822", parts=[a_part("Somebody else's words")])
    assert read(a_part(kind="multipart/mixed", parts=[attached, inner])).text == ""


@pytest.mark.parametrize(
    ("text", "charset", "claimed"),
    [
        ("Grüße", "utf-8", "utf-8"),
        ("Grüße", "utf-8", "iso-8859-1"),
        ("Grüße", "iso-8859-1", "iso-8859-1"),
        ("Grüße", "cp1252", "us-ascii"),
        ("Grüße", "cp1252", "no-such-charset"),
        ("こんにちは", "iso-2022-jp", "iso-2022-jp"),
        ("こんにちは", "shift_jis", "shift_jis"),
        ("“quoted” €", "cp1252", "utf-8"),
    ],
)
def test_bodies_are_decoded_whatever_they_claim(text, charset, claimed):
    part = a_part(text.encode(charset), charset=claimed)
    assert reading.decoded(part) == text


def test_damaged_base64_is_no_text_and_no_crash():
    assert reading.decoded(Part.model_validate({"mimeType": "text/plain", "body": {"data": "a"}})) == ""


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"List_Id": "<news.x.example>"},
        {"X_Autoreply": "yes"},
        {"Return_Path": "<>"},
        {"From": "MAILER-DAEMON@x.example"},
        {"From": "Mail Delivery <postmaster@x.example>"},
    ],
)
def test_machine_mail_is_marked(headers):
    assert read(a_part("Away", **headers)).automatic


@pytest.mark.parametrize(
    "headers", [{}, {"Auto_Submitted": "no"}, {"Precedence": "first-class"}, {"List_Unsubscribe": "<https://x.example>"}]
)
def test_mail_of_people_is_not(headers):
    assert not read(a_part("Hello", **{"From": "ana@x.example", **headers})).automatic


def test_a_delivery_report_is_machine_mail():
    assert read(a_part(kind="multipart/report", parts=[a_part("Undelivered")])).automatic


def test_a_mail_without_headers_is_read_all_the_same():
    message = read(Part.model_validate({"mimeType": "text/plain"}))
    assert (message.sender, message.recipients, message.subject, message.text) == ("", (), "", "")


@pytest.mark.parametrize("hostile", ["(" * 5_000, "a:" * 5_000], ids=["comments", "groups"])
def test_people_nested_without_end_are_nobody_and_stop_nothing(hostile):
    message = read(a_part("Hello", From=hostile, To=hostile, Cc="ana@x.example"))
    assert (message.sender, message.recipients, message.text) == ("", ("ana@x.example",), "Hello")


@given(
    st.binary(max_size=200), st.sampled_from(["utf-8", "latin-1", "utf-7", "iso-2022-jp", "gb18030", "rot13", "hex", "idna", "undefined"])
)
def test_no_bytes_and_no_claim_stop_the_reader(data, claimed):
    reading.decoded(a_part(data, charset=claimed))


def test_headers_without_end_are_cut_where_nobody_reads_on():
    named = [f"<{number}@x.example>" for number in range(80)]
    people = ", ".join(f"p{number}@x.example" for number in range(150))
    message = read(a_part("Hello", From=f"{'Ana ' * 500}<ana@x.example>", To=people, Subject="Re: " * 500, References=" ".join(named)))
    assert (len(message.sender_name), len(message.subject), message.sender) == (500, 500, "ana@x.example")
    assert message.recipients == tuple(f"p{number}@x.example" for number in range(100))
    assert message.references == (named[0], *named[-49:])
    assert read(a_part("Hello", References=" ".join(named[:50]))).references == tuple(named[:50])
