"""Check that every link leads where the workspace allows, or to a document the draft cites."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from shared.agents.quality_gate.findings import fail
from shared.agents.quality_gate.material import Material
from shared.agents.quality_gate.words import plain
from shared.domain.verdict import Violation

_BREAKS = str.maketrans(dict.fromkeys("<>()[]{}\"'“”„|", " "))
_SCHEMES = re.compile(r"(?i)(?:https?|ftp|javascript|data|vbscript|file|tel|mailto|sms):")
# A host a mail program would turn into a link: labels and a top-level domain in use.
_BARE_HOST = re.compile(
    r"(?i)(?:[a-z0-9-]{1,40}\.){1,4}"
    r"(?:com|org|net|io|co|ai|app|dev|biz|info|me|ly|tv|eu|de|fr|es|it|nl|uk|us|ch|at|be|pt|pl|se|no|dk|fi|ie|ca|au|in|cn|ru|br|xyz|site|online"
    r"|shop|link|click|page|cloud|example|test|invalid)(?=$|[/:?#])"
)


def links(material: Material) -> Iterator[Violation]:
    """Web addresses in the text: allowed domains and subdomains, or exactly the address of cited evidence."""
    cited = {one.url for one in material.cited.values()} | {one.url for one in material.context.assets if one.evidence.id in material.cited}
    cited |= {one.url for one in material.context.assets if one.shareable and one.file_id in _attached(material)}
    for link in _links_in(material.written):
        if link not in cited and not _allowed(material, link):
            yield fail(
                "link",
                reason=f"The link “{link[:80]}” is not one this workspace may send.",
                suggestion="Remove the link, or add its domain to the workspace's allowed link domains.",
                quote=link,
            )


def _attached(material: Material) -> frozenset[str]:
    return frozenset(one.file_id for one in material.draft.text.attachments)


def _links_in(text: str) -> Iterator[str]:
    for raw in plain(text).translate(_BREAKS).split():
        token = raw.strip(".,;:!?*_~…»«")
        if _is_link(token):
            yield token


def _is_link(token: str) -> bool:
    if "://" in token or token.lower().startswith(("www.", "//")) or _SCHEMES.match(token):
        return True
    return "@" not in token and bool(_BARE_HOST.match(token))


def _allowed(material: Material, link: str) -> bool:
    """Hosts are compared as a browser would read them; user info and backslashes only serve to deceive."""
    scheme, host = _scheme_and_host(link)
    if scheme == "mailto":
        return material.is_ours_or_theirs(link[len("mailto:") :].partition("?")[0])
    if scheme not in ("http", "https", "") or not host:
        return False
    bare_name = scheme == "" and "/" not in link
    domains = set(material.workspace.link_domains) | (set(material.own_domains) if bare_name else set())
    return any(host == domain.lower() or host.endswith("." + domain.lower()) for domain in domains)


def _scheme_and_host(link: str) -> tuple[str, str]:
    scheme = _SCHEMES.match(link)
    if scheme and scheme[0].lower() == "mailto:":
        return "mailto", ""
    if "\\" in link or (scheme and "://" not in link):
        return "invalid", ""
    try:
        parts = urlsplit(link if "://" in link else f"//{link.lstrip('/')}")
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return "invalid", ""
    return (parts.scheme.lower(), host) if parts.username is None else ("invalid", "")
