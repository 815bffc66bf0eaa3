"""The draft as an RFC 5322 message: UTF-8 headers, threading, our own header; used by the adapter."""

import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from shared.domain.draft import Draft
from shared.ports.errors import Rejected

OWN_HEADER = "X-Sales-Agent-Draft"
MESSAGE_ID = re.compile(r"<[!-;=?-~]+>")  # printable ASCII between the brackets, no blank: anything else would break the header
CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
MOST_REFERENCES = 20


def composed(draft: Draft, *, sender: str, sender_name: str) -> bytes:
    """The message of a draft. Rejected, naming the field, when one of them cannot stand in a header."""
    message = EmailMessage(policy=SMTP)
    message["From"] = _address("mailbox", sender, sender_name)
    message["To"] = _address("recipient", draft.recipient, draft.recipient_name)
    message["Subject"] = _plain("subject", draft.text.subject)
    message[OWN_HEADER] = _plain("id", draft.id)
    message.set_content(_encodable("body", draft.text.body))
    return _threading(draft) + message.as_bytes()


def _threading(draft: Draft) -> bytes:
    """Written by hand: the email package would encode a Message-ID longer than a line, as Outlook's are, and break the thread."""
    answered = MESSAGE_ID.findall(draft.reply_to_message_id)[:1]
    known = [one for text in draft.references for one in MESSAGE_ID.findall(text)]
    references = list(dict.fromkeys([*(one for one in known if one not in answered), *answered]))
    if len(references) > MOST_REFERENCES:  # RFC 5322 lets the middle go: the first and the newest keep the thread together
        references = [references[0], *references[1 - MOST_REFERENCES :]]
    lines = [f"In-Reply-To: {answered[0]}"] if answered else []
    if references:
        lines.append("References: " + "\r\n ".join(references))
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def _address(field: str, address: str, name: str) -> Address:
    local, at, domain = _plain(field, address).rpartition("@")
    if not at or not local or not domain or " " in address:
        raise Rejected(f"{field} is not an e-mail address", field=field)
    try:
        return Address(display_name=_plain(f"{field}_name", name), username=local, domain=domain)
    except (ValueError, IndexError):
        raise Rejected(f"{field} is not an e-mail address", field=field) from None


def _plain(field: str, value: str) -> str:
    if CONTROL.search(value):
        raise Rejected(f"{field} contains a line break or control character", field=field)
    return _encodable(field, value)


def _encodable(field: str, value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Rejected(f"{field} contains half a character", field=field) from None
    return value
