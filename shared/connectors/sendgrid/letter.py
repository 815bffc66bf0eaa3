"""An approved message as SendGrid's Mail Send wants it: taken apart into JSON, nothing added and nothing lost. Used by the adapter.

https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send
"""

import base64
from collections.abc import Iterable, Iterator
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from typing import Any

from shared.ports.errors import Permanent
from shared.ports.ways_out import Parcel

SOURCE = "sendgrid"
TOLD_ELSEWHERE = frozenset({"from", "to", "cc", "reply-to", "subject", "date", "mime-version"})
"""Headers SendGrid writes itself, from fields of their own; those of the content go with it."""
UNCHANGED = {
    "click_tracking": {"enable": False, "enable_text": False},
    "open_tracking": {"enable": False},
    "subscription_tracking": {"enable": False},
}
"""Whatever the account's settings say: what leaves is what was approved, without other links, pixels or footers."""


def letter_of(parcel: Parcel) -> dict[str, Any]:
    """The body of the call. Our ids travel as custom arguments, which every event repeats."""
    read = message_from_bytes(parcel.raw, policy=default)
    content = list(_texts(read))
    files = [_attachment(one) for one in _leaves(read) if not _is_text(one)]
    people: dict[str, Any] = {"to": _people(read["To"])} | ({"cc": _people(read["Cc"])} if read["Cc"] else {})
    return {
        "personalizations": [{**people, "custom_args": {"send_id": parcel.send_id, "workspace_id": parcel.workspace_id}}],
        "from": _people(read["From"])[0],
        **({"reply_to": _people(read["Reply-To"])[0]} if read["Reply-To"] else {}),
        "subject": str(read["Subject"]),
        "headers": {name: str(value) for name, value in read.items() if _is_extra(name)},
        "content": content,
        **({"attachments": files} if files else {}),
        "tracking_settings": UNCHANGED,
        "mail_settings": {"footer": {"enable": False}},
    }


def _is_extra(name: str) -> bool:
    return name.lower() not in TOLD_ELSEWHERE and not name.lower().startswith("content-")


def _people(header: Any) -> list[dict[str, str]]:
    found: Iterable[Address] = header.addresses
    return [{"email": one.addr_spec} | ({"name": one.display_name} if one.display_name else {}) for one in found]


def _texts(read: EmailMessage) -> Iterator[dict[str, str]]:
    """Plain text first, as SendGrid demands; one of each kind at most."""
    for kind in ("text/plain", "text/html"):
        texts = [one for one in _leaves(read) if _is_text(one) and one.get_content_type() == kind]
        if len(texts) > 1:
            raise Permanent("the mail has several texts, which SendGrid would not keep apart", source=SOURCE)
        yield from ({"type": kind, "value": one.get_content().replace("\r\n", "\n")} for one in texts)


def _leaves(read: EmailMessage) -> list[Any]:
    return [one for one in read.walk() if not one.is_multipart()]


def _is_text(part: EmailMessage) -> bool:
    return part.get_content_type() in ("text/plain", "text/html") and not part.get_filename() and not part.is_attachment()


def _attachment(part: EmailMessage) -> dict[str, str]:
    content: Any = part.get_payload(decode=True)
    told = {
        "content": base64.b64encode(content or b"").decode(),
        "type": part.get_content_type(),
        "filename": part.get_filename() or "part",
        "disposition": part.get_content_disposition() or "attachment",
    }
    inside = str(part["Content-ID"] or "").strip().strip("<>")
    return told | ({"content_id": inside} if inside else {})
