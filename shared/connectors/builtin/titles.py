"""How a document is called in a mail, and in its subject. Called by the built-in writer."""

import re

from shared.connectors.builtin.quoting import is_harmless
from shared.domain.assets import AssetKind, AssetMatch
from shared.domain.prose import terms

LONGEST = 60
KINDS = {AssetKind.CASE_STUDY: "case study", AssetKind.PROPOSAL: "document", AssetKind.REPORT: "document"}
"""What may be said of a document without a usable title: a folder makes many things a report."""

_EXTENSION = re.compile(r"\.\w{2,5}$")
_KIND = re.compile(
    r"^(?P<kind>case study|customer story|success story|report|guide|brochure|presentation|overview)\s*[-:|\u2013]\s*", re.IGNORECASE
)
_WHAT_IT_IS = re.compile(r"\b(?:guide|handbook|report|overview|checklist|case study|study|paper|brochure|presentation)\b", re.IGNORECASE)
_UNFIT = re.compile(
    r"\d|[\u2014\u201c\u201d\"?]|\b(?:draft|final|copy|v\d+|discount|free|trial|pilot|guarantee|bonus|voucher|offer)\b", re.IGNORECASE
)
"""In a title: leftovers of its making, marks that would end a quotation, and words that would promise something."""


def called(asset: AssetMatch) -> str:
    """ "case study “Online retail”", "“Forecasting guide”", or only what it is."""
    kind, title = _parts(asset)
    if not title:
        return kind
    return f"{kind} “{title}”" if kind and kind not in title.lower() else f"“{title}”"


def in_short(asset: AssetMatch) -> str:
    """ "the case study" or "the guide", for the second time."""
    kind, title = _parts(asset)
    named = _WHAT_IT_IS.search(title)
    return kind or (named[0].lower() if named else "document")


def headline(asset: AssetMatch) -> str:
    """ "Case study: online retail"; empty without a usable title."""
    kind, title = _parts(asset)
    if not title or not kind or kind in title.lower():
        return title
    return f"{kind.capitalize()}: {title[:1].lower()}{title[1:]}" if title[1:].islower() else f"{kind.capitalize()}: {title}"


def asked_for(asset: AssetMatch, request: str) -> str:
    """The words of the request that name this document and say that it is one: "forecasting guide"; else empty."""
    _, title = _parts(asset)
    named = terms(title)
    runs = re.split(r"[^\w' -]+|\b(?:a|an|the|your|our|my|for|of|to|on|with|and|or)\b", request)
    fitting = [one.strip() for one in runs if len(terms(one) & named) > 1]
    best = max(fitting, key=lambda one: len(terms(one) & named), default="")
    words = best.split()
    kept = [word for word in words if terms(word) & named]
    name = " ".join(kept)
    return name if len(kept) > 1 and name in best and _WHAT_IT_IS.search(name) else ""


def is_wanted(asset: AssetMatch, request: str) -> bool:
    """Whether they ask for a document of this sort on this subject: "your case study on chilled food"."""
    return in_short(asset) in request.lower() and bool(terms(_parts(asset)[1]) & terms(request))


def _parts(asset: AssetMatch) -> tuple[str, str]:
    """What it is, and its title with a capital; either may be empty, not both."""
    name = " ".join(_EXTENSION.sub("", asset.name).replace("_", " ").split())
    found = _KIND.match(name)
    kind = found["kind"].lower() if found else KINDS[asset.kind] if asset.kind is AssetKind.CASE_STUDY else ""
    title = name[found.end() :] if found else name
    if not is_harmless(title) or _UNFIT.search(title) or len(title) > LONGEST or len(title) < 3:
        return kind or KINDS[asset.kind], ""
    return kind, title[:1].upper() + title[1:]
