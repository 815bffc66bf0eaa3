"""Check that the greeting is the operator's own and greets the recipient."""

from collections.abc import Iterator

from shared.agents.quality_gate.findings import fail, warn
from shared.agents.quality_gate.material import Material
from shared.agents.quality_gate.words import words_of
from shared.domain.people import LONGEST_NAME, spelled_like_a_name
from shared.domain.verdict import Severity, Violation

_NOBODY = frozenset("there all team everyone both".split())
_TITLES = frozenset("mr mrs ms dr prof sir madam".split())


def greeting(material: Material) -> Iterator[Violation]:
    """The wrong person's name stops the draft; an unusual form of greeting is only mentioned."""
    text = material.opening
    habit = material.voice.greeting_formal if material.formal else material.voice.greeting_conversational
    opening, _, after = habit.partition("{first_name}")
    usual = {word.lower for word in words_of(opening)}
    names = [word for word in words_of(text) if word.capital and word.lower not in usual | _NOBODY | _TITLES]
    strangers = [word.text for word in names if word.lower in material.known_names - material.recipient_names]
    if strangers:
        yield fail("greeting", reason="The greeting names somebody else.", suggestion="Greet the recipient by name.", quote=text)
    elif not (text.startswith(opening.rstrip()) and text.rstrip().endswith(after.strip())):
        yield warn(
            "greeting",
            severity=Severity.LOW,
            reason=f"{material.operator.name} does not greet people like this.",
            suggestion=f"Start with “{habit.replace('{first_name}', _first_name(material) or 'there')}”.",
            quote=text,
        )


def _first_name(material: Material) -> str:
    """As the CRM has it, unless it is no name: what stands there came from outside, and a suggestion is ours."""
    told = material.context.identity.contact.first_name
    return told if spelled_like_a_name(told) and len(told) <= LONGEST_NAME else ""
