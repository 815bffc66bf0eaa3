"""What we add above the approved bytes of a mail that no mailbox sends for us, and whom those bytes name. For sending.

Gmail adds Date and Message-ID by itself; another way out leaves that to whoever hands the mail in (RFC 6409).
"""

import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.parser import HeaderParser
from email.policy import default
from email.utils import format_datetime

from shared.domain.people import mail_domain

SEND_HEADER = "X-Sales-Agent-Send"


@dataclass(frozen=True)
class Envelope:
    """Who sends a message and everybody it goes to, as its own headers say."""

    sender: str
    recipients: tuple[str, ...]


def envelope_of(raw: bytes) -> Envelope:
    head = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0].decode("utf-8", "replace")  # RFC 6532: beyond ASCII headers are UTF-8
    read = HeaderParser(policy=default).parsestr(head)
    [sender] = _people(read["From"])
    return Envelope(sender, tuple(dict.fromkeys(one for name in ("To", "Cc") for one in _people(read[name]))))


def _people(header: object) -> list[str]:
    found: tuple[Address, ...] = getattr(header, "addresses", ())
    return [one.addr_spec for one in found]


def message_id_of(send_id: str, sender: str) -> str:
    """The same for every attempt of a send: whoever gets it twice can tell."""
    return f"<{send_id}@{mail_domain(sender)}>"


def stamped(raw: bytes, *, send_id: str, at: datetime) -> bytes:
    """The approved bytes below their Date, Message-ID and the id of their send; the same bytes for the same moment."""
    added = {
        "Date": format_datetime(at),
        "Message-ID": message_id_of(send_id, envelope_of(raw).sender),
        SEND_HEADER: send_id,
    }
    return "".join(f"{name}: {value}\r\n" for name, value in added.items()).encode("ascii") + raw
