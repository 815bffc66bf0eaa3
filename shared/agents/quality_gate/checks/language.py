"""Check that the mail is in the language they wrote in."""

import re
import unicodedata
from collections.abc import Iterator

from shared.agents.quality_gate.findings import warn
from shared.agents.quality_gate.material import LONGEST_SPAN, Material
from shared.domain.verdict import Severity, Violation

_WORD = re.compile(r"[^\W\d_]{1,60}")
_FREQUENT = {
    "English": "the and of to is are we you for with in our your can could how what have do would that this it my on please thanks",
    "German": "der die das und ist wir sie ich nicht für mit ein eine einen wie können könnten auf zu den uns bitte haben von danke",
    "French": "le la les et est nous vous je pas pour avec un une des du sur pourriez avez votre bonjour merci de que",
    "Spanish": "el los las y es nosotros usted ustedes para con una por que cómo su hola gracias de podrían",
    "Italian": "il lo gli è noi per con una che come vostro vostra vorrei grazie buongiorno di potete",
    "Dutch": "de het een en wij u voor met niet van kunnen kunt hoe graag bedankt ik jullie",
    "Portuguese": "o os é nós você para com uma não como seu obrigado de que poderiam olá",
}
_LANGUAGES = {name: frozenset(words.split()) for name, words in _FREQUENT.items()}
_FEWEST, _CLEARLY = 3, 2
"""Frequent words that make a language, and how many times those of English they must be."""
_ENGLISH = "English"


def language(material: Material) -> Iterator[Violation]:
    """A word to whoever approves: an answer in another language reads as if nobody had read the message."""
    theirs, ours = _foreign(material.context.job.entry.message[:LONGEST_SPAN]), _foreign(material.written)
    if theirs and theirs != ours:
        yield warn(
            "language",
            severity=Severity.MEDIUM,
            reason=f"They wrote in {theirs}, and the mail is in {ours or _ENGLISH}.",
            suggestion="Write to them in their language, or say in one sentence why you answer in yours.",
        )


def _foreign(text: str) -> str:
    """The language, when it clearly is not English; empty for English and for what is too short to tell."""
    letters = [char for char in text if char.isalpha()]
    if len(letters) >= _FEWEST and 2 * sum(not unicodedata.name(char, "").startswith("LATIN") for char in letters) > len(letters):
        return "another script"
    words = _WORD.findall(text.lower())
    found = {name: sum(word in frequent for word in words) for name, frequent in _LANGUAGES.items()}
    best = max(found, key=lambda name: found[name])
    return best if found[best] >= _FEWEST and found[best] >= _CLEARLY * found[_ENGLISH] and best != _ENGLISH else ""
