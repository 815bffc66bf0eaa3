"""Which of the operator's own phrasings fit a mail, and how they are set as sentences; called by the built-in writer."""

import re
from collections.abc import Iterable

from shared.connectors.builtin.material import Material
from shared.domain.planning import Action
from shared.domain.voice import Phrasing

UNFIT = re.compile(r"[\d{}<>\[\]?\u2014]|https?:")
ASKS = re.compile(
    r"\b(?:let me know|feel free|please|reply|respond|get back to|book|schedule|call me|drop me|send me|tell me|pick|choose|confirm"
    r"|take a look|have a look|check out|reach out to (?:me|us))\b",
    re.IGNORECASE,
)
FIT_OF_ACTION = {Action.PROPOSE_CALL: "call", Action.SEND_ASSET: "asset"}
WANTED = 2


def chosen_phrasings(material: Material) -> dict[str, str]:
    """A sentence per place (opening, body, closing), at least two where that many fit."""
    usable = [one for one in material.voice.phrasings if _usable(one, material)]
    body = FIT_OF_ACTION.get(material.plan.action, "")
    found = {
        "body": _best(usable, {body} - {""}),
        "closing": _best(usable, {"closing"}),
    }
    places = {place: text for place, text in found.items() if text}
    opening = _best(usable, {"opening"})
    if opening and (not material.in_thread or len(places) < WANTED):
        places["opening"] = opening
    spare = _best(usable, {"any"})
    if spare and len(places) < WANTED:
        places["aside"] = spare
    return places


def _usable(phrasing: Phrasing, material: Material) -> bool:
    """It states nothing, asks for nothing, leaves nothing open, and the operator would still write it."""
    text = phrasing.text.strip()
    return len(text.split()) > 1 and not UNFIT.search(text) and not ASKS.search(text) and not material.avoids(text)


def _best(phrasings: Iterable[Phrasing], fits: set[str]) -> str:
    fitting = [one for one in phrasings if one.fits in fits]
    best = max(fitting, key=lambda one: (one.frequency, one.text), default=None)
    return as_sentence(best.text) if best else ""


def as_sentence(text: str) -> str:
    """With a capital and an end."""
    plain = " ".join(text.split()).rstrip(",;:")
    return plain[:1].upper() + plain[1:] + ("" if plain.endswith((".", "!")) else ".")
