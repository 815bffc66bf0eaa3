"""Web addresses in the text of a mail that can lead through us, and are safe to send somebody on to. For tracing and the track function."""

import re
from urllib.parse import urlsplit

LONGEST_URL = 2000
"""A longer one would not fit into an address of ours."""
MOST_LINKS = 20
# ASCII: else letters that only look like others in some case, as the Kelvin sign does, would take k and s out
_FOUND = re.compile(r"https?://[^\s<>\"'`\\^{|}\x00-\x20\x7f-\U0010ffff]+", re.IGNORECASE | re.ASCII)
_AFTER_A_SENTENCE = ".,;:!?*_~"


def web_links(text: str) -> tuple[str, ...]:
    """Each once, in the order they stand there, without what ends the sentence or the bracket around them."""
    found = (_without_ending(one) for one in _FOUND.findall(text))
    return tuple(dict.fromkeys(one for one in found if leads_on(one)))[:MOST_LINKS]


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
