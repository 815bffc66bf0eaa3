"""RFC 5322 bytes as Gmail shows them: payload tree, decoded headers, snippet; and what Gmail changes in what is sent."""

import base64
import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message
from email.utils import format_datetime, formataddr, getaddresses, parseaddr, parsedate_to_datetime
from functools import lru_cache
from typing import Any, TypeAlias

SNIPPET_LENGTH = 200
MESSAGE_ID = re.compile(r"<[^<>@\s]+@[^<>@\s]+>")
REPLY_PREFIX = re.compile(r"^\s*(?:(?:re|fwd?|aw|wg|sv|antw)(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)
TAG = re.compile(r"<(style|script)\b.*?</\1>|<[^>]*>", re.IGNORECASE | re.DOTALL)

Mime: TypeAlias = "Message[str, str]"


@lru_cache(maxsize=4096)
def parsed(raw: bytes) -> Mime:
    """The message behind these bytes; shared, so nobody may change it."""
    return message_from_bytes(raw, policy=policy.compat32)


def header(mime: Mime, name: str) -> str:
    """The first header of this name, unfolded and decoded; empty when absent."""
    return _readable(str(mime.get(name, "")))


def addresses(mime: Mime, *names: str) -> list[str]:
    """Every address in these headers, lower case."""
    values = [str(value) for name in names for value in mime.get_all(name, [])]
    return [address.lower() for _, address in getaddresses(values) if address]


def message_ids(mime: Mime, *names: str) -> list[str]:
    return [found for name in names for found in MESSAGE_ID.findall(str(mime.get(name, "")))]


def date(mime: Mime) -> datetime | None:
    """What the Date header says, in UTC where it names no zone; None when it is absent or unreadable."""
    try:
        at = parsedate_to_datetime(str(mime.get("Date", "")))
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def bare_subject(mime: Mime) -> str:
    """The subject by which Gmail decides whether an answer belongs to a thread."""
    return " ".join(REPLY_PREFIX.sub("", header(mime, "Subject")).split()).lower()


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()


def headers(mime: Mime, only: frozenset[str] | None = None) -> list[dict[str, str]]:
    """Headers in their order; `only` holds lower-case names."""
    return [{"name": name, "value": _readable(str(value))} for name, value in mime.items() if only is None or name.lower() in only]


def payload(mime: Mime, *, message_id: str, part_id: str = "") -> dict[str, Any]:
    """Gmail's part tree. Attachments carry an id instead of their bytes."""
    part: dict[str, Any] = {
        "partId": part_id,
        "mimeType": mime.get_content_type(),
        "filename": filename(mime),
        "headers": headers(mime),
    }
    if mime.is_multipart():
        part["body"] = {"size": 0}
        part["parts"] = [
            payload(child, message_id=message_id, part_id=_child_id(part_id, index)) for index, child in enumerate(_children(mime))
        ]
        return part
    data = content(mime)
    if part["filename"]:
        part["body"] = {"attachmentId": f"ANGjdJ{encoded(f'{message_id}/{part_id}'.encode()).rstrip('=')}", "size": len(data)}
    else:
        part["body"] = {"size": len(data), **({"data": encoded(data)} if data else {})}
    return part


def attachment(mime: Mime, attachment_id: str, *, message_id: str) -> bytes | None:
    """The bytes behind an attachment id of this message."""
    token = attachment_id.removeprefix("ANGjdJ")
    wanted = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode(errors="replace").removeprefix(f"{message_id}/")
    for part_id, part in _walk(mime):
        if part_id == wanted and filename(part):
            return content(part)
    return None


def content(mime: Mime) -> bytes:
    data = mime.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def filename(mime: Mime) -> str:
    return _readable(mime.get_filename() or "")


def filenames(mime: Mime) -> list[str]:
    return [name for _, part in _walk(mime) if (name := filename(part))]


def text(mime: Mime) -> str:
    """What a reader sees: the first text/plain part, else the first text/html part without its tags."""
    leaves = [part for _, part in _walk(mime) if not part.is_multipart() and not filename(part)]
    for kind in ("text/plain", "text/html"):
        for part in leaves:
            if part.get_content_type() == kind:
                found = _decoded(part)
                return found if kind == "text/plain" else html.unescape(TAG.sub(" ", found))
    return ""


def snippet(mime: Mime) -> str:
    """The beginning of the text on one line, HTML-escaped as Gmail does."""
    return html.escape(" ".join(text(mime).split())[:SNIPPET_LENGTH], quote=True)


def as_accepted(raw: bytes, *, identities: dict[str, str], primary: str, message_id: str, now: datetime) -> bytes:
    """The bytes as Gmail keeps them: a sender that is no identity of the mailbox is replaced, id and date are filled in."""
    mime = message_from_bytes(raw, policy=policy.compat32)
    changed = False
    sender = parseaddr(str(mime.get("From", "")))[1].lower()
    if sender not in identities:
        changed |= _put(mime, "From", formataddr((identities[primary], primary)))
    if not MESSAGE_ID.fullmatch(str(mime.get("Message-ID", "")).strip()):
        changed |= _put(mime, "Message-ID", message_id)
    if "Date" not in mime:
        changed |= _put(mime, "Date", format_datetime(now))
    return mime.as_bytes() if changed else raw


def without_bcc(raw: bytes) -> bytes:
    """The bytes the recipients get."""
    mime = message_from_bytes(raw, policy=policy.compat32)
    if "Bcc" not in mime:
        return raw
    del mime["Bcc"]
    return mime.as_bytes()


def _put(mime: Mime, name: str, value: str) -> bool:
    del mime[name]
    mime[name] = value
    return True


def _children(mime: Mime) -> list[Mime]:
    children = mime.get_payload()
    return [child for child in children if isinstance(child, Message)] if isinstance(children, list) else []


def _child_id(part_id: str, index: int) -> str:
    return f"{part_id}.{index}" if part_id else str(index)


def _walk(mime: Mime, part_id: str = "") -> Iterator[tuple[str, Mime]]:
    yield part_id, mime
    for index, child in enumerate(_children(mime)):
        yield from _walk(child, _child_id(part_id, index))


def _decoded(part: Mime) -> str:
    try:
        return content(part).decode(part.get_content_charset() or "utf-8")
    except (LookupError, ValueError):
        return content(part).decode("utf-8", errors="replace")


def _readable(value: str) -> str:
    unfolded = re.sub(r"\r?\n[ \t]+", " ", value)
    try:
        return str(make_header(decode_header(unfolded)))
    except (LookupError, ValueError):
        return unfolded
