"""Gmail messages as domain messages: decoded bodies, people, direction, machine mail; used by the adapter."""

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import getaddresses

from shared.connectors.gmail.html_text import text_of
from shared.connectors.gmail.mime import MESSAGE_ID
from shared.connectors.gmail.newest_text import newest_text
from shared.connectors.gmail.wire import GmailMessage, Part
from shared.domain.conversation import Direction, Message
from shared.domain.workspace import Operator

CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:+-]+)""", re.IGNORECASE)
SEVEN_BIT = frozenset({"iso-2022-jp", "iso-2022-kr", "hz-gb-2312", "utf-7"})
MOST_CHARACTERS = 200_000
MOST_RECIPIENTS, MOST_REFERENCES, LONGEST_HEADER = 100, 50, 500
"""Of one mail, so that a conversation fits into one document of the store."""
UNREAD_PLACES = frozenset({"DRAFT", "SPAM", "TRASH", "CHAT"})
"""Labels of what is no part of a conversation."""
MACHINE_SENDERS = ("mailer-daemon@", "postmaster@")
BULK = frozenset({"bulk", "list", "junk", "auto_reply"})


def message(found: GmailMessage, *, operator: Operator) -> Message:
    """One mail, with only what its author newly wrote."""
    payload = found.payload
    sender_name, sender = first_address(payload.header("From"))
    ours = "SENT" in found.label_ids or operator.owns_address(sender)
    return Message(
        id=found.id,
        thread_id=found.thread_id,
        direction=Direction.OUTBOUND if ours else Direction.INBOUND,
        sender=sender,
        sender_name=sender_name[:LONGEST_HEADER],
        recipients=tuple(dict.fromkeys(addresses(payload, "To", "Cc")))[:MOST_RECIPIENTS],
        subject=payload.header("Subject").strip()[:LONGEST_HEADER],
        text=newest_text(visible_text(payload)[:MOST_CHARACTERS]),
        sent_at=datetime.fromtimestamp(found.internal_date / 1000, UTC),
        message_id=next(iter(MESSAGE_ID.findall(payload.header("Message-ID"))), ""),
        references=_references(payload),
        automatic=automatic(payload, sender),
    )


def _references(payload: Part) -> tuple[str, ...]:
    """The first one and the newest: they keep a thread together."""
    known = list(dict.fromkeys(MESSAGE_ID.findall(payload.header("References") + payload.header("In-Reply-To"))))
    return tuple(known if len(known) <= MOST_REFERENCES else [known[0], *known[1 - MOST_REFERENCES :]])


def visible_text(payload: Part) -> str:
    """The text a reader sees: the plain part, unless it is empty; else the HTML one, without tags."""
    leaves = [part for part in _walk(payload) if not part.parts and not part.filename]
    plain = next((decoded(part) for part in leaves if part.mime_type in ("text/plain", "")), "")
    if plain.strip():
        return plain
    return next((text_of(decoded(part)) for part in leaves if part.mime_type == "text/html"), "")


def decoded(part: Part) -> str:
    """The characters of a part, whatever it claims: valid UTF-8 is UTF-8, then the declared charset, then what Windows would show."""
    try:
        data = base64.urlsafe_b64decode(part.body.data + "=" * (-len(part.body.data) % 4))
    except (binascii.Error, ValueError):
        return ""
    declared = CHARSET.search(part.header("Content-Type"))
    name = declared[1].lower() if declared else "utf-8"
    for charset in (name, "utf-8") if name in SEVEN_BIT else ("utf-8", name):
        try:
            return data.decode(charset)
        except (LookupError, ValueError):
            continue
    return data.decode("cp1252", errors="replace")


def addresses(payload: Part, *names: str) -> list[str]:
    """Every address in these headers, lower case."""
    return [address.lower() for name in names for _, address in _people(payload.header(name)) if "@" in address]


def first_address(value: str) -> tuple[str, str]:
    """Display name and lower-case address of the first person in a header; both empty when there is none."""
    name, address = next(iter(_people(value)), ("", ""))
    return name.strip(), address.strip().lower()


def _people(value: str) -> list[tuple[str, str]]:
    """Nobody, when comments or groups are nested so deep that only malice can have written them."""
    try:
        return getaddresses([value])
    except RecursionError:
        return []


def automatic(payload: Part, sender: str) -> bool:
    """Machine mail: RFC 3834 answers, delivery reports, bulk and list mail."""
    submitted = payload.header("Auto-Submitted").strip().lower()
    return (
        submitted not in ("", "no")
        or payload.header("Precedence").strip().lower() in BULK
        or bool(payload.header("List-Id") or payload.header("X-Autoreply") or payload.header("X-Autorespond"))
        or payload.header("Return-Path").strip() == "<>"
        or payload.mime_type == "multipart/report"
        or sender.startswith(MACHINE_SENDERS)
    )


def _walk(part: Part) -> Iterator[Part]:
    """The part and those below it, in order; mails attached to a mail are not this mail."""
    yield part
    for child in part.parts:
        if not child.mime_type.startswith("message/"):
            yield from _walk(child)
