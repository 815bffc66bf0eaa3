"""What every page carries, and what a change must prove: that our own site asks for it. Used by the endpoint decorators."""

import gzip
from dataclasses import replace
from urllib.parse import urlsplit

from shared.ports.errors import Rejected
from shared.ports.requests import Incoming, Page

READING = frozenset({"GET", "HEAD", "OPTIONS"})
OURS = frozenset({"same-origin", "none"})
"""What a browser says of a request from our own pages, and of one the person made themselves: https://www.w3.org/TR/fetch-metadata/"""
WORTH_PACKING = 1400
"""Bytes: less fits into one packet anyway."""
POLICY = (
    "default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ALWAYS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def guarded(page: Page) -> dict[str, str]:
    """The headers of a page; its own win, but for the policy."""
    scripts = f"'nonce-{page.nonce}' 'strict-dynamic'" if page.nonce else "'none'"
    return {**ALWAYS, **page.headers, "Content-Security-Policy": POLICY.format(scripts=scripts)}


def packed(page: Page, incoming: Incoming) -> Page:
    """Compressed, when that is worth it and the browser takes it: a list of two hundred drafts becomes a tenth."""
    body = page.body.encode() if isinstance(page.body, str) else page.body
    kind = page.headers.get("Content-Type", ALWAYS["Content-Type"])
    if len(body) < WORTH_PACKING or not kind.startswith("text/") or "gzip" not in incoming.headers.get("accept-encoding", ""):
        return page
    vary = ", ".join(filter(None, (page.headers.get("Vary"), "Accept-Encoding")))
    return replace(page, body=gzip.compress(body, 6, mtime=0), headers={**page.headers, "Content-Encoding": "gzip", "Vary": vary})


def refuse_other_sites(incoming: Incoming, *, public_url: str) -> None:
    """Rejected with 403 for a change that another site asks for. Browsers too old for Sec-Fetch-Site name their Origin."""
    if incoming.method in READING:
        return
    site = incoming.headers.get("sec-fetch-site")
    ours = site in OURS if site is not None else incoming.headers.get("origin", "") == origin_of(public_url)
    if not ours:
        raise Rejected("this came from another site, so nothing was done", status=403)


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
