"""The whole mail as its recipient reads it: the text, the sender's signature, the footer, and what is tracked. Part of a draft."""

from html import escape

from shared.domain.footer import Footer
from shared.domain.sender import DELIMITER, Sender
from shared.domain.tracked import Tracked


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
    html = "<br>\n".join(escape(line) for line in text.strip("\n").split("\n"))
    return _led_through_us(html, tracked) if tracked else html


def _led_through_us(html: str, tracked: Tracked) -> str:
    """The longest first, so that no link is found within another; each by a mark first, so that none is found within its own address."""
    links = sorted(tracked.links, key=lambda one: -len(one.url))
    for number, one in enumerate(links):
        html = html.replace(escape(one.url), f"\0{number}\0")
    for number, one in enumerate(links):
        html = html.replace(f"\0{number}\0", f'<a href="{escape(one.through)}">{escape(one.url)}</a>')
    return html


def _unseen(tracked: Tracked | None) -> str:
    if tracked is None:
        return ""
    decoy = f'<a href="{escape(tracked.decoy)}" style="display:none" tabindex="-1" aria-hidden="true"></a>\n' if tracked.decoy else ""
    picture = f'<img src="{escape(tracked.picture)}" width="1" height="1" alt="">\n' if tracked.picture else ""
    return decoy + picture
