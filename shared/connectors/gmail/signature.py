"""The identity Gmail keeps for an address: its name, where answers go, its signature without anything that could act; used by the adapter.

Gmail adds no signature to what the API sends, and sends under the primary address what claims to be from an identity it does not have.
"""

import re
from html import escape
from html.parser import HTMLParser

from shared.connectors.gmail.html_text import INVISIBLE, VOID, tame, text_of
from shared.connectors.gmail.wire import Identity
from shared.domain.sender import Sender
from shared.domain.workspace import Operator
from shared.ports.mailbox import SenderUnusable

ACCEPTED = "accepted"
LONGEST = 30_000
"""Characters of a signature; Gmail's own editor stops at 10,000."""
TAGS = frozenset("a b br div em font h1 h2 h3 h4 hr i img li ol p s small span strong sub sup table tbody td th tr u ul".split())
ATTRIBUTES = frozenset("align alt bgcolor border cellpadding cellspacing color colspan dir face height rowspan size valign width".split())
ADDRESSES = {
    "href": re.compile(r"(?:https?://|mailto:|tel:)[^\s<>\"]+", re.IGNORECASE),
    "src": re.compile(r"https://[^\s<>\"]+", re.IGNORECASE),
}
STYLE = re.compile(r"(?!.*(?:url|expression|position|behavior)\s*[(:])[\w\s:;#.,%()'!-]*", re.IGNORECASE)


def sender_of(found: Identity | None, *, address: str, operator: Operator) -> Sender:
    """Raises SenderUnusable for an identity that is none, or that Gmail would not send under."""
    if found is None:
        raise SenderUnusable(
            f"Gmail does not send as {address}: add it in Gmail's settings under Accounts, “Send mail as”, or name another one",
            source="gmail",
        )
    if not found.is_primary and found.verification_status != ACCEPTED:
        raise SenderUnusable(
            f"{address} is not confirmed yet: open the mail Gmail has sent there, or have it sent again under Accounts, “Send mail as”",
            source="gmail",
        )
    return Sender(
        address=_ascii(found.send_as_email),
        name=" ".join(found.display_name.split()) or operator.name,
        reply_to=_ascii(found.reply_to_address),
        signature=text_of(found.signature),
        signature_html=_harmless(found.signature),
    )


def _ascii(address: str) -> str:
    """An international domain as it travels; one that would become another domain on the way is refused."""
    local, at, domain = address.strip().lower().rpartition("@")
    if domain.isascii():
        return local + at + domain
    try:
        travelling = domain.encode("idna")
    except UnicodeError:
        travelling = b""
    if not travelling or travelling.decode("idna") != domain:
        raise SenderUnusable(f"{address} has a domain that cannot be written in a mail: name another address", source="gmail")
    return local + at + travelling.decode("ascii")


def _harmless(html: str) -> str:
    if len(html) > LONGEST:
        raise SenderUnusable(f"the signature is longer than {LONGEST} characters: shorten it in Gmail's settings", source="gmail")
    cleaner = _Cleaner()
    cleaner.feed(tame(html))
    cleaner.close()
    return cleaner.cleaned()


class _Cleaner(HTMLParser):
    """Keeps what a signature is made of: words, their looks, links and pictures from the web."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._written: list[str] = []
        self._open: list[str] = []
        self._hidden = 0

    def cleaned(self) -> str:
        return "".join([*self._written, *(f"</{tag}>" for tag in reversed(self._open))]).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in INVISIBLE
        if self._hidden or tag not in TAGS:
            return
        kept = "".join(f' {name}="{escape(value or "")}"' for name, value in attrs if _is_harmless(name, value or ""))
        self._written.append(f"<{tag}{kept}>")
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in INVISIBLE:
            self._hidden = max(0, self._hidden - 1)
        if self._hidden or tag not in self._open:
            return
        while self._open:
            closed = self._open.pop()
            self._written.append(f"</{closed}>")
            if closed == tag:
                return

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._written.append(escape(data, quote=False))


def _is_harmless(name: str, value: str) -> bool:
    if name in ADDRESSES:
        return ADDRESSES[name].fullmatch(value) is not None
    return name in ATTRIBUTES or (name == "style" and STYLE.fullmatch(value) is not None)
