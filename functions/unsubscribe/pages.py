"""What a recipient sees: the question, that it is done, and why not. Stands alone: no script, no font, nothing of anybody else's."""

import hashlib
from functools import cache
from typing import Any

from functions.unsubscribe.asking import BUTTON
from functions.unsubscribe.templates.folder import FOLDER
from shared.domain.outbox import address_of
from shared.ports.requests import Failed, Page
from shared.runtime.templates import Templates

FOR_GOOD = "public, max-age=31536000, immutable"
SHEET = (FOLDER / "page.css").read_bytes()
STYLE = f"page-{hashlib.sha256(SHEET).hexdigest()[:16]}.css"
PRIVATE = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}
"""The address is the key: neither a search engine nor another site gets to know it."""
SOON_S = 60
UNDONE = {
    400: ("Nothing was done", "Open the link from the mail again and press the button."),
    404: ("This link does not work", "It may be cut off: open it from the mail once more. Or answer the mail and ask to be left alone."),
    405: ("Nothing was done", "Open the link from the mail again and press the button."),
    413: ("Nothing was done", "Open the link from the mail again and press the button."),
}
NOT_NOW = (
    "It could not be done just now",
    "Nothing was changed. Try again in a minute, or answer the mail and ask to be left alone.",
)


def question_page(sender: str, address: str) -> Page:
    return _page("question.html", sender=sender, address=masked(address), button=BUTTON)


def done_page(sender: str, address: str) -> Page:
    return _page("done.html", sender=sender, address=masked(address))


def failure_page(failed: Failed) -> Page:
    """The same for every link that is none of ours. Whatever is not the asker's mistake is to be asked again: nothing was done."""
    title, advice = UNDONE.get(failed.status, NOT_NOW)
    mine = failed.status not in UNDONE
    status, headers = (503, {"Retry-After": str(SOON_S)}) if mine else (failed.status, {})
    return _page("failed.html", status, headers, title=title, advice=advice)


def style_sheet() -> Page:
    return Page(SHEET, headers={"Content-Type": "text/css; charset=utf-8", "Cache-Control": FOR_GOOD})


def masked(address: str) -> str:
    """Enough to know one's own address again, and too little to write to it."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain}"


def _page(template: str, status: int = 200, headers: dict[str, str] | None = None, **given: Any) -> Page:
    return Page(_templates().rendered(template, given), status=status, headers={**PRIVATE, **(headers or {})})


@cache
def _templates() -> Templates:
    return Templates(FOLDER, filters={}, known={"style": f"{address_of('unsubscribe')}/{STYLE}"})
