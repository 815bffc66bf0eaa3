"""HTML mail as the text a reader sees; used where a message has no plain part, and for signatures."""

import re
from html.parser import HTMLParser

INVISIBLE = frozenset({"head", "style", "script", "title", "template"})
BLOCKS = frozenset({"p", "div", "tr", "table", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "section", "pre"})
QUOTING = frozenset(
    "gmail_attr moz-cite-prefix yahoo_quoted yahoo_quoted_begin OutlookMessageHeader protonmail_quote tutanota_quote zmail_extra"
    " ms-outlook-mobile-reference-message front-blockquote hs_reply".split()
)
"""Gmail's own container is none of them: whoever answers between the lines writes inside it, beside its quotations."""
QUOTING_IDS = frozenset(
    "divRplyFwdMsg appendonsend mail-editor-reference-message-container isForwardContent isReplyContent yahoo_quoted".split()
)
QUOTING_BLOCKQUOTES = frozenset("gmail_quote protonmail_quote tutanota_quote front-blockquote mori clean_bq yahoo_quoted".split())
VOID = frozenset({"br", "img", "hr", "meta", "link", "input", "col", "area", "base", "source", "wbr"})
DECLARATION = re.compile(r"(?<!<)<+[!?][^<>]*>?")
"""With every `<` before it: what is left must not become a declaration by losing one."""
STRAY = re.compile(r"<(?![^<>]*>)")
DEEPEST = 200
MOST_CHARACTERS = 500_000
"""Mail is written by strangers: neither depth nor length may cost us more than a moment."""


class _Reader(HTMLParser):
    """Collects visible text; what a client has marked as quotation is set off with `>`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self._open: list[tuple[str, bool]] = []  # element, does it begin a quotation
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._new_line()
        if tag == "hr":
            self._end_line()
        if tag in VOID:
            return
        if tag in BLOCKS:
            self._end_line()
        if len(self._open) >= DEEPEST:
            return
        self._hidden += tag in INVISIBLE
        self._open.append((tag, _quotes(tag, {name: value or "" for name, value in attrs})))

    def handle_endtag(self, tag: str) -> None:
        if tag not in [name for name, _ in self._open]:
            return
        while self._open:
            name, _ = self._open.pop()
            self._hidden -= name in INVISIBLE
            if name in BLOCKS:
                self._end_line()
            if name == tag:
                return

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        words = " ".join(data.replace("\xa0", " ").split())
        if not words:
            self.lines[-1] += " " if self.lines[-1] and data else ""
            return
        before = " " if data[:1].isspace() and self.lines[-1] else ""
        after = " " if data[-1:].isspace() else ""
        self.lines[-1] = (self.lines[-1] or self._mark()) + before + words + after

    def _mark(self) -> str:
        return "> " * sum(quoting for _, quoting in self._open)

    def _new_line(self) -> None:
        self.lines.append("")

    def _end_line(self) -> None:
        if self.lines[-1]:
            self._new_line()


def text_of(html: str) -> str:
    """The visible text, a line per block, without runs of empty lines."""
    reader = _Reader()
    reader.feed(tame(html[:MOST_CHARACTERS]))
    reader.close()
    kept: list[str] = []
    for line in (one.strip() for one in reader.lines):
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip()


def tame(html: str) -> str:
    """Without comments, declarations and unclosed tags: on those html.parser raises AssertionError or takes quadratic time."""
    first, *rest = html.split("<!--")
    uncommented = first + "".join(piece.partition("-->")[2] for piece in rest)
    return STRAY.sub("&lt;", DECLARATION.sub("", uncommented))


def _quotes(tag: str, attributes: dict[str, str]) -> bool:
    """Outlook puts `x_` before the names it finds in a mail it quotes."""
    classes = {one.removeprefix("x_") for one in attributes.get("class", "").split()}
    if attributes.get("id", "").removeprefix("x_") in QUOTING_IDS:
        return True
    if tag != "blockquote":
        return bool(classes & QUOTING)
    ruled = "border-left" in attributes.get("style", "").replace(" ", "").lower()
    return attributes.get("type") == "cite" or attributes.get("cite", "") != "" or ruled or bool(classes & QUOTING_BLOCKQUOTES)
