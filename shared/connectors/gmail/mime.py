"""The draft as an RFC 5322 message: UTF-8 headers, threading, our own header; used by the adapter.

Headers are written here, bodies by the email package: its header folding loses blanks in long UTF-8 subjects and encodes
Message-IDs longer than a line, as Outlook's are, which breaks threads.
"""

import re
from email import message_from_bytes
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import formataddr

from shared.domain.draft import Draft, content_hash, draft_hash
from shared.ports.errors import Rejected

OWN_HEADER = "X-Sales-Agent-Draft"
MESSAGE_ID = re.compile(r"<[!-;=?-~]+>")  # printable ASCII between the brackets, no blank: anything else would break the header
ADDRESS = re.compile(r"[!#-'*+\-./0-9=?A-Z^_`a-z{|}~]+@[0-9A-Za-z.\-]+")
CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
MOST_REFERENCES = 20
LONGEST_PLAIN = 200


def composed(draft: Draft, *, sender: str, sender_name: str) -> bytes:
    """The message of a draft. Rejected, naming the field, when one of them cannot stand in a header."""
    headers = {
        "From": _person("mailbox", sender, sender_name),
        "To": _person("recipient", draft.recipient, draft.recipient_name),
        **({"Cc": ",\r\n ".join(_person("cc", one, "") for one in draft.cc)} if draft.cc else {}),
        "Subject": _words("subject", draft.text.subject),
        OWN_HEADER: _words("id", draft.id),
        **_threading(draft),
    }
    content = EmailMessage(policy=SMTP)
    content.set_content(_encodable("body", draft.text.body))
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode("ascii") + content.as_bytes()


def check_readable(raw: bytes, draft: Draft) -> None:
    """Reads the message as a recipient's client does. Rejected, naming the field, when it says anything else than the draft."""
    read = message_from_bytes(raw, policy=default)
    to, cc = ([one.addr_spec for one in read[name].addresses] if read[name] else [] for name in ("To", "Cc"))
    body = read.get_content() if isinstance(read, EmailMessage) else ""
    if to != [draft.recipient] or cc != list(draft.cc):
        raise Rejected("the recipients cannot be written as they are", field="recipient")
    if str(read[OWN_HEADER]) != draft.id:
        raise Rejected("the draft's id cannot be written as it is", field="id")
    if content_hash(subject=read["Subject"], body=body, recipient=draft.recipient) != draft_hash(draft):
        raise Rejected("subject or body cannot be written as they are", field="text")


def _threading(draft: Draft) -> dict[str, str]:
    answered = MESSAGE_ID.findall(draft.reply_to_message_id)[:1]
    known = [one for text in draft.references for one in MESSAGE_ID.findall(text)]
    references = list(dict.fromkeys([*(one for one in known if one not in answered), *answered]))
    if len(references) > MOST_REFERENCES:  # RFC 5322 lets the middle go: the first and the newest keep the thread together
        references = [references[0], *references[1 - MOST_REFERENCES :]]
    headers = {"In-Reply-To": answered[0]} if answered else {}
    return headers | ({"References": "\r\n ".join(references)} if references else {})


def _person(field: str, address: str, name: str) -> str:
    if not ADDRESS.fullmatch(_plain(field, address)):
        raise Rejected(f"{field} is not an e-mail address", field=field)
    told = _words(f"{field}_name", name)
    return formataddr((name, address)) if told == name else f"{told} <{address}>"


def _words(field: str, value: str) -> str:
    """As it is when it is short ASCII, else as encoded words (RFC 2047)."""
    if _plain(field, value).isascii() and "=?" not in value and len(value) <= LONGEST_PLAIN:
        return value
    return Header(_encodable(field, value), charset="utf-8", maxlinelen=75, header_name=field).encode(linesep="\r\n")


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
