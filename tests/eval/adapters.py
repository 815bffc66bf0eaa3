"""The product's own code as the scoring scripts of the labelled data call it, one function a topic."""

import base64
from collections.abc import Mapping
from email import message_from_bytes
from email.message import Message

from shared.connectors.gmail.html_text import text_of
from shared.connectors.gmail.newest_text import newest_text
from shared.connectors.gmail.reading import visible_text
from shared.connectors.gmail.wire import Part


def reply_parsing(given: Mapping[str, str]) -> str:
    """`kind` is reply, forward or plain (text), html_reply (HTML) or reply_eml (a raw message)."""
    text = given["text"]
    if given["kind"] == "html_reply":
        return newest_text(text_of(text))
    if given["kind"] == "reply_eml":
        return newest_text(visible_text(_as_gmail_tells_it(message_from_bytes(text.encode("utf-8", "surrogateescape")))))
    return newest_text(text)


def html_text(given: Mapping[str, str]) -> str:
    return text_of(given["html"])


def _as_gmail_tells_it(message: Message) -> Part:
    """The tree Gmail makes of a message: decoded bodies in base64url."""
    children = message.get_payload() if message.is_multipart() else []
    body = b"" if message.is_multipart() else message.get_payload(decode=True)
    return Part.model_validate(
        {
            "mimeType": message.get_content_type(),
            "filename": message.get_filename() or "",
            "headers": [{"name": name, "value": str(value)} for name, value in message.items()],
            "body": {"data": base64.urlsafe_b64encode(body if isinstance(body, bytes) else b"").decode()},
            "parts": [_as_gmail_tells_it(one).model_dump(by_alias=True) for one in children if isinstance(one, Message)],
        }
    )
