"""Web addresses in the text of a mail that can lead through us, and are safe to send somebody on to. For tracing, letters and track."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

LONGEST_URL = 2000
"""A longer one would not fit into an address of ours."""
MOST_LINKS = 20
# ASCII: else letters that only look like others in some case, as the Kelvin sign does, would take k and s out
_FOUND = re.compile(r"https?://[^\s<>\"'`\\^{|}\x00-\x20\x7f-\U0010ffff]+", re.IGNORECASE | re.ASCII)
_AFTER_A_SENTENCE = ".,;:!?*_~"
_GOES_ON = re.compile(r"[^\W\x00-\x7f]|[\u0300-\u036f]|(?:['`\\^{|}]|[^\s\x00-\x7f])+[\w/%&=#?@]")
"""What a reader takes for a part of the address, and we cannot send anybody to: https://de.wikipedia.org/wiki/München."""


def web_links(text: str) -> tuple[str, ...]:
    """Each once, in the order they stand there, without what ends the sentence or the bracket around them."""
    return tuple(dict.fromkeys(text[start:end] for start, end in places_of_links(text)))[:MOST_LINKS]


def places_of_links(text: str) -> Iterator[tuple[int, int]]:
    """Where each begins and ends. One of which only the beginning could be sent on to is none."""
    for found in _FOUND.finditer(text):
        url = _without_ending(found[0])
        if leads_on(url) and not _GOES_ON.match(text, found.end()):
            yield found.start(), found.start() + len(url)


def leads_on(url: str) -> bool:
    """Whether a browser may be sent there: http or https, a host, no user info that only deceives, and nothing that ends a header."""
    if len(url) > LONGEST_URL or not _FOUND.fullmatch(url):
        return False
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.username is None and (parts.port or 1) > 0
    except ValueError:
        return False


def _without_ending(url: str) -> str:
    while url and (url[-1] in _AFTER_A_SENTENCE or (url[-1] in ")]" and url.count("(["[url[-1] == "]"]) < url.count(url[-1]))):
        url = url[:-1]
    return url
