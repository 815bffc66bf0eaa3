"""Check for wording that spam filters punish."""

import re
from collections.abc import Iterator

from shared.agents.quality_gate.findings import warn
from shared.agents.quality_gate.material import Material
from shared.agents.quality_gate.words import phrases
from shared.domain.verdict import Violation

_PHRASES = phrases(
    "act now | limited time | click here | click below | risk free | risk-free | 100 free | cash bonus | buy now | order now | "
    "special promotion | exclusive deal | once in a lifetime | winner | you have been selected | earn extra | double your | make money | "
    "lowest price | best price | no strings attached | money back | satisfaction guaranteed | urgent response | don't delete | "
    "this is not spam | act immediately | offer expires | while supplies last | call now | cheap | miracle | dear friend | increase sales "
    "| apply now | instant access | last chance | don't miss | guaranteed results | no catch"
)
_SHOUTING = re.compile(r"!{2,9}|\${2,9}|(?<![A-Za-z])[A-Z]{2,20} [A-Z]{2,20} [A-Z]{3,20}(?![A-Za-z])|\?{2,9}")


def spam_wording(material: Material) -> Iterator[Violation]:
    """Stock phrases of bulk mail, rows of exclamation marks, shouting."""
    shouted = _SHOUTING.search(material.written)
    found = [phrase.strip() for phrase in _PHRASES if phrase in material.joined] + ([shouted[0]] if shouted else [])
    for quote in found[:3]:
        yield warn(
            "spam_wording",
            reason=f"“{quote}” is wording that spam filters look for.",
            suggestion="Say it the way you would to a colleague.",
            quote=quote,
        )
