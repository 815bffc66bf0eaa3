"""Whom a mail is from, with the signature below it. Part of a draft; used wherever a mail is written, shown or approved."""

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
