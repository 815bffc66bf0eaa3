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

FLOWED = re.compile(r"format\s{0,9}=\s{0,9}\"?flowed", re.IGNORECASE)
DELSP = re.compile(r"delsp\s{0,9}=\s{0,9}\"?yes", re.IGNORECASE)
ONE_PERSON = re.compile(r"([\w .'-]{0,100})<([\w.+-]{1,64}@[\w.-]{1,190})>", re.ASCII)
"""What nearly every header says, read without the grammar of all others."""
UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")
MOST_UNREADABLE = 0.1
"""Of the characters of a text; more than that is a picture that calls itself text."""
CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:+-]+)""", re.IGNORECASE)
SEVEN_BIT = frozenset({"iso-2022-jp", "iso-2022-kr", "hz-gb-2312", "utf-7"})
MOST_CHARACTERS = 200_000
MOST_RECIPIENTS, MOST_REFERENCES, LONGEST_HEADER = 100, 50, 500
"""Of one mail, so that a conversation fits into one document of the store."""
UNREAD_PLACES = frozenset({"DRAFT", "SPAM", "TRASH", "CHAT"})
"""Labels of what is no part of a conversation."""
MACHINE_SENDERS = (
    "mailer-daemon@", "postmaster@", "noreply@", "no-reply@", "no_reply@", "donotreply@", "do-not-reply@", "bounce@", "bounces@",
    "notifications@", "notification@", "calendar-notification@",
)  # fmt: skip
CALENDAR_ROBOT = "calendar-notification@google.com"
MACHINE_HEADERS = ("List-Id", "X-Autoreply", "X-Autorespond", "X-Failed-Recipients")
METHOD = re.compile(r"method\s{0,9}=\s{0,9}\"?([a-z]{1,20})", re.IGNORECASE)
BUTTONS = frozenset({"reply", "cancel"})
FOLD = re.compile(r"\r?\n[ \t]")
BESIDE_THE_BUTTON = re.compile(r'X-RESPONSE-COMMENT="?([^";:]{0,200})', re.IGNORECASE)
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


def visible_text(part: Part) -> str:
    """The text a reader sees: of alternatives the plain one, unless it is empty; of a mail in pieces, as Apple's, all of them."""
    if not part.parts:
        return _leaf_text(part)
    children = [child for child in part.parts if not child.mime_type.startswith("message/")]
    if part.mime_type == "multipart/alternative":
        children.sort(key=lambda child: child.mime_type not in ("text/plain", ""))
    told = (text for text in map(visible_text, children) if text.strip())
    one_of_them = part.mime_type in ("multipart/alternative", "multipart/related")
    return next(told, "") if one_of_them else "\n".join(told)


def other_parts(payload: Part) -> tuple[str, tuple[str, ...]]:
    """The HTML beside the text, and every further part as "kind name size": what a reader of the text alone does not see."""
    leaves = list(_leaves(payload))
    texts = [one for one in leaves if not one.filename and one.mime_type in ("text/plain", "text/html", "")]
    html = next((one for one in texts if one.mime_type == "text/html"), None)
    plain = next((one for one in texts if one.mime_type != "text/html"), None)
    files = tuple(f"{one.mime_type} {one.filename} {one.body.size}" for one in leaves if one is not html and one is not plain)
    return decoded(html) if html else "", files


def _leaves(part: Part) -> Iterator[Part]:
    """Parts that hold no others; a mail attached to a mail is one."""
    if not part.parts or part.mime_type.startswith("message/"):
        yield part
        return
    for child in part.parts:
        yield from _leaves(child)


def _leaf_text(part: Part) -> str:
    if part.filename:
        return ""
    if part.mime_type == "text/html":
        return text_of(decoded(part))
    return unflowed(decoded(part), part.header("Content-Type")) if part.mime_type in ("text/plain", "") else ""


def unflowed(text: str, content_type: str) -> str:
    """RFC 3676: in flowed text a line that ends in a blank goes on in the next one, unless that is quoted more or less deeply."""
    if not FLOWED.search(content_type):
        return text
    deleted = "" if DELSP.search(content_type) is None else " "
    lines: list[str] = []
    depth, goes_on = 0, False
    for line in text.replace("\r\n", "\n").split("\n"):
        marks = len(line) - len(line.lstrip(">"))
        words = line[marks:].removeprefix(" ")
        if goes_on and marks == depth and words != "-- ":
            lines[-1] = lines[-1].removesuffix(deleted) + words
        else:
            lines.append(">" * marks + (" " if marks else "") + words)
        depth, goes_on = marks, words.endswith(" ") and words != "-- "
    return "\n".join(lines)


def decoded(part: Part) -> str:
    """The characters of a part, whatever it claims: valid UTF-8 is UTF-8, then the declared charset, then what Windows would show.

    Of what is no text at all nothing is left; what was cut off in the middle of a character loses that only.
    """
    text = _characters(part)
    unreadable = len(UNREADABLE.findall(text))
    return "" if unreadable > len(text) * MOST_UNREADABLE else UNREADABLE.sub("", text)


def _characters(part: Part) -> str:
    given = part.body.data.rstrip("=")
    whole = given[: len(given) - (len(given) % 4 == 1)]
    try:
        data = base64.urlsafe_b64decode(whole + "=" * (-len(whole) % 4))
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
    plain = ONE_PERSON.fullmatch(value)
    if plain:
        return [(plain[1].strip(), plain[2])]
    try:
        return getaddresses([value])
    except RecursionError:
        return []


def automatic(payload: Part, sender: str) -> bool:
    """Machine mail: RFC 3834 answers, delivery reports, bulk and list mail, and what a calendar says when somebody presses a button."""
    return certainly_a_machine(payload, sender) or _only_a_button(payload)


def certainly_a_machine(payload: Part, sender: str) -> bool:
    """By its headers alone, whatever its parts say."""
    submitted = payload.header("Auto-Submitted").strip().lower()
    return (
        submitted not in ("", "no")
        or payload.header("Precedence").strip().lower() in BULK
        or any(payload.header(name) for name in MACHINE_HEADERS)
        or payload.header("Return-Path").strip() == "<>"
        or payload.mime_type == "multipart/report"
        or sender.startswith(MACHINE_SENDERS)
    )


def _only_a_button(payload: Part) -> bool:
    """Accepted, declined, tentative, called off, and no word to it. Another time is a person's proposal, an invitation may hold words."""
    parts = [part for part in _walk(payload) if part.mime_type == "text/calendar"]
    if any(_method(part) == "counter" or _has_comment(part) for part in parts):
        return False
    if CALENDAR_ROBOT in payload.header("Sender").lower():
        return True  # its text is its own
    return any(_method(part) in BUTTONS for part in parts) and not newest_text(visible_text(payload)[:MOST_CHARACTERS]).strip()


def _method(part: Part) -> str:
    found = METHOD.search(part.header("Content-Type"))
    return found[1].lower() if found else ""


def _has_comment(part: Part) -> bool:
    """What a person has typed beside the button, as RFC 5545 has it or as Google does; Outlook writes a line end where there is none."""
    lines = FOLD.sub("", decoded(part)[:MOST_CHARACTERS]).splitlines()
    return any(_comment(one).replace("\\n", "").replace("\\N", "").strip() for one in lines)


def _comment(line: str) -> str:
    """The value of a COMMENT, which begins at the first colon outside quotation marks; or what Google calls the response's."""
    if line[:8].upper() not in ("COMMENT:", "COMMENT;"):
        found = BESIDE_THE_BUTTON.search(line)
        return found[1] if found else ""
    quoted = False
    for place, char in enumerate(line):
        quoted ^= char == '"'
        if char == ":" and not quoted:
            return line[place + 1 :]
    return ""


def _walk(part: Part) -> Iterator[Part]:
    """The part and those below it, in order; mails attached to a mail are not this mail."""
    yield part
    for child in part.parts:
        if not child.mime_type.startswith("message/"):
            yield from _walk(child)
