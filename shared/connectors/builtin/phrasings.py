"""Which of the operator's own phrasings fit a mail, and how they are set as sentences; called by the built-in writer."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.connectors.builtin.material import Material
from shared.domain.planning import Action
from shared.domain.voice import Phrasing

UNFIT = re.compile(r"[\d{}<>\[\]?\u2014]|https?:")
ASKS = re.compile(
    r"\b(?:let me know|feel free|please|reply|respond|get back to|book|schedule|call me|drop me|send me|tell me|pick|choose|confirm"
    r"|take a look|have a look|check out|reach out to (?:me|us))\b",
    re.IGNORECASE,
)
TELLS_HOW_TO_ANSWER = re.compile(r"(?:just )?reply here and (?:i|we)(?: will|['\u2019]ll) [\w ]+\.?", re.IGNORECASE)
"""Belongs to the question before it, as the gate sees it too: asks for nothing else."""
MEETS_A_STRANGER = re.compile(
    r"\b(?:writing|reaching out|getting in touch|contacting|your (?:interest|inquiry|enquiry)|introduc\w+|nice to (?:e-)?meet)\b",
    re.IGNORECASE,
)
REFERS_BACK = re.compile(r"\b(?:it|this|that|these|those)\b(?! (?:week|month|year|morning|afternoon|channel|address)\b)", re.IGNORECASE)
"""Points at what was said before."""
WANTED = 2


@dataclass(frozen=True)
class Phrases:
    """A sentence of the operator's per place, empty where none fits; `asset` announces a document."""

    opening: str = ""
    asset: str = ""
    body: str = ""
    aside: str = ""
    closing: str = ""


def chosen_phrasings(material: Material, *, linking: bool) -> Phrases:
    """At least two where that many fit. `linking`: the mail has a document to announce."""
    told = material.told or linking
    usable = [one for one in material.voice.phrasings if _usable(one, material) and (told or not REFERS_BACK.search(one.text))]
    calls = _ranked(usable, "call") if material.plan.action is Action.PROPOSE_CALL else []
    asset = _ranked(usable, "asset") if linking and material.plan.action is Action.SEND_ASSET else []
    welcome = [one for one in _ranked(usable, "opening") if not (material.in_thread and MEETS_A_STRANGER.search(one))]
    opening, closing = _first(welcome), _first(_ranked(usable, "closing"))
    body, spare = _first(calls), [*calls[1:], *_ranked(usable, "any")]
    found = sum(map(bool, (opening, closing, body, _first(asset))))
    aside = _first(spare) if found < WANTED else ""
    return Phrases(opening=opening, asset=_first(asset), body=body, aside=aside, closing=closing)


def _usable(phrasing: Phrasing, material: Material) -> bool:
    """It states nothing, asks for nothing, leaves nothing open, and the operator would still write it."""
    text = phrasing.text.strip()
    asks = ASKS.search(text) and not (phrasing.fits == "closing" and TELLS_HOW_TO_ANSWER.fullmatch(text))
    return len(text.split()) > 1 and not UNFIT.search(text) and not asks and not material.avoids(text)


def _ranked(phrasings: Iterable[Phrasing], fits: str) -> list[str]:
    """As sentences, the most used first."""
    fitting = sorted((one for one in phrasings if one.fits == fits), key=lambda one: (-one.frequency, one.text))
    return [as_sentence(one.text) for one in fitting]


def _first(sentences: Sequence[str]) -> str:
    return sentences[0] if sentences else ""


def as_sentence(text: str) -> str:
    """With a capital and an end."""
    plain = " ".join(text.split()).rstrip(",;:")
    return plain[:1].upper() + plain[1:] + ("" if plain.endswith((".", "!")) else ".")
