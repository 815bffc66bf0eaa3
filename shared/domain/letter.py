"""The whole mail as its recipient reads it: the text, the sender's signature, the footer, and what is tracked. Part of a draft."""

from collections.abc import Mapping
from html import escape

from shared.domain.footer import Footer
from shared.domain.sender import DELIMITER, Sender
from shared.domain.tracked import Tracked
from shared.domain.web_links import places_of_links


def letter_text(body: str, sender: Sender | None, footer: Footer | None) -> str:
    """As plain text."""
    signed = f"{body}\n{DELIMITER}\n{sender.signature}\n" if sender and sender.signature else body
    return f"{signed}\n{footer.text}\n" if footer and footer.text else signed


def letter_html(body: str, sender: Sender | None, footer: Footer | None, tracked: Tracked | None) -> str:
    """The same as HTML; empty where no signature and nothing that is tracked asks for it."""
    signature = sender.signature_html if sender else ""
    if not signature and tracked is None:
        return ""
    blocks = [f'<div dir="auto">{_lines(body, tracked)}</div>\n']
    if signature:
        blocks.append(f'<div>{DELIMITER}</div>\n<div class="gmail_signature">{signature}</div>\n')
    elif sender and sender.signature:
        blocks.append(f"<div>{DELIMITER}</div>\n<div>{_lines(sender.signature, None)}</div>\n")
    if footer and footer.text:
        blocks.append(footer.html + "\n")
    return "<br>\n".join(blocks) + _unseen(tracked)


def _lines(text: str, tracked: Tracked | None) -> str:
    """Readers of mail make links of addresses themselves, but for those that lead through us."""
    through = {one.url: one.through for one in tracked.links} if tracked else {}
    return "<br>\n".join(_line(line, through) for line in text.strip("\n").split("\n"))


def _line(text: str, through: Mapping[str, str]) -> str:
    """Whole links only: the beginning of a longer address is no link of its own."""
    html, written = [], 0
    for start, end in places_of_links(text) if through else ():
        url = text[start:end]
        if url in through:
            html += [escape(text[written:start]), f'<a href="{escape(through[url])}">{escape(url)}</a>']
            written = end
    return "".join([*html, escape(text[written:])])


def _unseen(tracked: Tracked | None) -> str:
    if tracked is None:
        return ""
    decoy = f'<a href="{escape(tracked.decoy)}" style="display:none" tabindex="-1" aria-hidden="true"></a>\n' if tracked.decoy else ""
    picture = f'<img src="{escape(tracked.picture)}" width="1" height="1" alt="">\n' if tracked.picture else ""
    return decoy + picture
