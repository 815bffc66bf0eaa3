"""Mails as evidence."""

from shared.domain.evidence import EvidenceKind
from shared.domain.spans import message_span
from tests.builders import a_message, at


def test_a_span_says_whose_mail_it_is_from_and_where_it_stands():
    span = message_span(a_message(), text="Could you send prices?", mailbox="maria@northwind.example")
    assert (span.id, span.kind, span.at) == ("message.m1", EvidenceKind.MESSAGE, at(days=-10))
    assert span.label == "Mail from Ana Silva, 13 Nov 2026"
    assert span.source == "gmail:threads/t1/messages/m1"
    assert span.url == "https://mail.google.com/mail/?authuser=maria@northwind.example#all/t1"


def test_a_numbered_span_carries_its_number_and_a_nameless_sender_their_address():
    span = message_span(a_message(sender_name=""), text="x", number=2, mailbox="maria@northwind.example")
    assert span.id == "message.m1.2"
    assert span.label == "Mail from ana.silva@brightleaf.example, 13 Nov 2026"
