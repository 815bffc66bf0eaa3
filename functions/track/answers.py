"""What is answered: a picture of one dot that nobody sees, the way on, or words for whoever has a link that is none of ours."""

import base64

from shared.domain.web_links import leads_on
from shared.ports.errors import NotFound
from shared.ports.requests import Failed, Incoming, Page

DOT = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}
"""The address is the key: neither a search engine nor where it leads gets to know it."""
PLAIN = {**PRIVATE, "Content-Type": "text/plain; charset=utf-8"}
PICTURE = Page(DOT, headers={**PRIVATE, "Content-Type": "image/gif", "Cross-Origin-Resource-Policy": "cross-origin"})
SEEN = Page(status=204, headers=PRIVATE)
FAILED = "this link was not made here"
WORDS = {
    404: "This link does not work. It may be cut off: open it from the mail once more.\n",
    405: "This address can only be opened.\n",
    413: "This address can only be opened.\n",
}
SOON_S = 60
NOT_NOW = "This link does not work just now. Open it from the mail again in a minute.\n"


def way_on(url: str) -> Page:
    """Only where a mail of ours led, as sealed; NotFound should that ever not be a page."""
    if not leads_on(url):
        raise NotFound(FAILED)
    return Page(status=302, headers={**PLAIN, "Location": url})


def failure_page(failed: Failed) -> Page:
    """Whoever wants a picture gets one, so that no mail shows a broken one."""
    if failed.status == 404 and failed.incoming is not None and _wants_a_picture(failed.incoming):
        return PICTURE
    if failed.status in WORDS:
        return Page(WORDS[failed.status], status=failed.status, headers=PLAIN)
    return Page(NOT_NOW, status=503, headers={**PLAIN, "Retry-After": str(SOON_S)})


def _wants_a_picture(incoming: Incoming) -> bool:
    """https://www.w3.org/TR/fetch-metadata/#sec-fetch-dest-header; those too old for it accept pictures first."""
    headers = incoming.headers
    return headers.get("sec-fetch-dest", "") == "image" or headers.get("accept", "").lower().startswith("image/")
