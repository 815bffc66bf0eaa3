"""The draft as an RFC 5322 message: UTF-8 headers, threading, our own header; used by the adapter.

Headers are written here, bodies by the email package: its header folding loses blanks in long UTF-8 subjects and encodes
Message-IDs longer than a line, as Outlook's are, which breaks threads.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from email import message_from_bytes
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import formataddr

from shared.domain.draft import Draft, content_hash, draft_hash
from shared.domain.ids import derived_id
from shared.domain.sender import Sender, headers_of
from shared.ports.errors import Rejected

OWN_HEADER = "X-Sales-Agent-Draft"
MESSAGE_ID = re.compile(r"<[!-;=?-~]+>")  # printable ASCII between the brackets, no blank: anything else would break the header
ADDRESS = re.compile(r"[!#-'*+\-./0-9=?A-Z^_`a-z{|}~]+@[0-9A-Za-z.\-]+")
CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
HTTPS = re.compile(r"https?://[!#-;=?-~]{1,900}")
"""An address as it may stand in a header: ASCII, on one line. (http is the local suite's.)"""
ONE_CLICK = "List-Unsubscribe=One-Click"
MOST_REFERENCES = 20
LONGEST_PLAIN = 200
SEVEN_BIT = SMTP.clone(cte_type="7bit")
"""Bytes that nobody on the way has a reason to change."""


def composed(draft: Draft, *, sender: Sender, files: Sequence[bytes] = ()) -> bytes:
    """The message of a draft. Rejected, naming the field, when one of them cannot stand in a header."""
    headers = {
        "From": _person("sender", sender.address, sender.name),
        **({"Reply-To": _person("reply_to", sender.reply_to, "")} if sender.reply_to else {}),
        "To": _person("recipient", draft.recipient, draft.recipient_name),
        **({"Cc": ",\r\n ".join(_person("cc", one, "") for one in draft.cc)} if draft.cc else {}),
        "Subject": _words("subject", draft.text.subject),
        OWN_HEADER: _words("id", draft.id),
        **_threading(draft),
        **_one_click(draft),
    }
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode("ascii") + _content(draft, files).as_bytes()


def mime_of(*, sender: tuple[str, str], recipient: str, subject: str, body: str, headers: Mapping[str, str]) -> bytes:
    """A plain message of our own to an operator; `sender` is an address and a name. Rejected like `composed`."""
    content = EmailMessage(policy=SEVEN_BIT)
    content.set_content(_encodable("body", body))
    people = {"From": _person("sender", *sender), "To": _person("recipient", recipient, "")}
    told = {**people, "Subject": _words("subject", subject), **headers}
    return "".join(f"{name}: {value}\r\n" for name, value in told.items()).encode("ascii") + content.as_bytes()


def _content(draft: Draft, files: Sequence[bytes]) -> EmailMessage:
    """The text, beside it the HTML where a signature asks for it, and the files. Boundaries follow from the content: always the same."""
    content = EmailMessage(policy=SEVEN_BIT)
    content.set_content(_encodable("body", draft.letter))
    if draft.letter_html:
        content.add_alternative(_encodable("signature", draft.letter_html), subtype="html")
    for file, data in zip(draft.text.files, files, strict=True):
        if hashlib.sha256(data).hexdigest() != file.sha256:
            raise Rejected(f"“{file.name}” is not the file that was attached", field="files")
        kind, _, subtype = file.mime_type.partition("/")
        content.add_attachment(data, maintype=kind, subtype=subtype, filename=_plain("file_name", file.name))
    for number, part in enumerate(one for one in content.walk() if one.is_multipart()):
        part.set_boundary(f"=_{derived_id('boundary', str(number), draft.id, draft_hash(draft))}")
    return content


def check_readable(raw: bytes, draft: Draft, *, sender: Sender) -> None:
    """Reads the message as a recipient's client does. Rejected, naming the field, when it says anything else than the draft."""
    read = message_from_bytes(raw, policy=default)
    to, cc, answers = ([one.addr_spec for one in read[name].addresses] if read[name] else [] for name in ("To", "Cc", "Reply-To"))
    if to != [draft.recipient] or cc != list(draft.cc):
        raise Rejected("the recipients cannot be written as they are", field="recipient")
    authors = [headers_of(one.addr_spec, one.display_name, "".join(answers)) for one in read["From"].addresses]
    if authors != [sender.headers] or len(answers) > 1:
        raise Rejected("the sender cannot be written as it is", field="sender")
    if str(read[OWN_HEADER]) != draft.id:
        raise Rejected("the draft's id cannot be written as it is", field="id")
    if any(str(read[name] or "") != _one_click(draft).get(name, "") for name in ("List-Unsubscribe", "List-Unsubscribe-Post")):
        raise Rejected("the way to unsubscribe cannot be written as it is", field="footer")
    if not isinstance(read, EmailMessage) or _read_hash(read, draft) != draft_hash(draft):
        raise Rejected("subject, body or signature cannot be written as they are", field="text")


def _read_hash(read: EmailMessage, draft: Draft) -> str:
    plain, html = (read.get_body((kind,)) for kind in ("plain", "html"))
    attached = [(one.get_content_type(), one.get_filename(), one.get_content()) for one in read.iter_attachments()]
    if [hashlib.sha256(data).hexdigest() for _, _, data in attached] != [one.sha256 for one in draft.text.files]:
        raise Rejected("the files cannot be written as they are", field="files")
    return content_hash(
        subject=read["Subject"],
        body=plain.get_content() if plain else "",
        recipient=draft.recipient,
        html=html.get_content() if html else "",
        files=[f"{kind} {name} {len(data)}" for kind, name, data in attached],
    )


def _one_click(draft: Draft) -> dict[str, str]:
    """RFC 8058: what a mail program shows as its own button, and follows by POST alone."""
    if draft.footer is None or not draft.footer.opt_out:
        return {}
    if not HTTPS.fullmatch(draft.footer.opt_out):
        raise Rejected("the way to unsubscribe should be an https address", field="footer")
    return {"List-Unsubscribe": f"<{draft.footer.opt_out}>", "List-Unsubscribe-Post": ONE_CLICK}


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
