"""Check for words the operator never uses."""

from collections.abc import Iterator

from shared.agents.quality_gate.findings import warn
from shared.agents.quality_gate.material import Material
from shared.agents.quality_gate.words import joined, words_of
from shared.domain.verdict import Severity, Violation


def forbidden_words(material: Material) -> Iterator[Violation]:
    """Each word or phrase of the voice's never-used list, once."""
    for phrase in dict.fromkeys(one.strip() for one in material.voice.never_used if one.strip()):
        if joined(words_of(phrase)) in material.joined:
            yield warn(
                "forbidden_word",
                severity=Severity.LOW,
                reason=f"{material.operator.name} never writes “{phrase}”.",
                suggestion=f"Say it without “{phrase}”.",
                quote=phrase,
            )
