"""Spans of mails as evidence: how thread_reader and long_memory cite what somebody wrote."""

from shared.domain.conversation import Message
from shared.domain.evidence import Evidence, EvidenceKind
from shared.domain.ids import EvidenceId


def message_span(message: Message, *, text: str, number: int = 0, mailbox: str) -> Evidence:
    """`number` counts the spans of one message from 1; 0 when there is only one."""
    return Evidence(
        id=EvidenceId(f"message.{message.id}.{number}" if number else f"message.{message.id}"),
        kind=EvidenceKind.MESSAGE,
        label=f"Mail from {message.sender_name or message.sender}, {message.sent_at:%-d %b %Y}",
        text=text,
        source=f"gmail:threads/{message.thread_id}/messages/{message.id}",
        url=f"https://mail.google.com/mail/?authuser={mailbox}#all/{message.thread_id}",
        at=message.sent_at,
    )
