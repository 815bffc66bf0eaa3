"""Whom a mail is from, and how its signature stands below it. Part of a draft; used wherever a mail is written, shown or approved."""

from html import escape

from shared.domain.entity import Value

DELIMITER = "-- "
"""The line above a signature, by which readers of mail know it (RFC 3676, section 4.3)."""


class Sender(Value):
    """An identity that Gmail lets the operator send as, as it was told when the mail was written."""

    address: str  # ASCII, lower case
    name: str
    reply_to: str = ""
    signature: str = ""  # plain text
    signature_html: str = ""  # the same, without anything that could act

    @property
    def headers(self) -> tuple[str, str, str]:
        """What From and Reply-To say: address, name and where answers go, as `headers_of` reads them back."""
        return headers_of(self.address, self.name, self.reply_to)

    @property
    def told(self) -> tuple[str, ...]:
        """Everything a recipient sees of it."""
        return (self.address, self.name, self.reply_to, self.signature, self.signature_html)


def headers_of(address: str, name: str, reply_to: str) -> tuple[str, str, str]:
    """For comparison: without white space in the name, which parsers of encoded words do not agree about."""
    return address.lower(), "".join(name.split()), reply_to.lower()


def signed_text(body: str, sender: Sender | None) -> str:
    """The whole plain text, with the signature below it."""
    return f"{body}\n{DELIMITER}\n{sender.signature}\n" if sender and sender.signature else body


def signed_html(body: str, sender: Sender | None) -> str:
    """The same as HTML; empty where no signature asks for it. Readers of mail make links of addresses themselves."""
    if sender is None or not sender.signature_html:
        return ""
    lines = "<br>\n".join(escape(line) for line in body.strip("\n").split("\n"))
    return f'<div dir="auto">{lines}</div>\n<br>\n<div>{DELIMITER}</div>\n<div class="gmail_signature">{sender.signature_html}</div>\n'
