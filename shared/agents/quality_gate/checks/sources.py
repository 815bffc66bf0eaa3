"""Check that every documented sentence names sources that exist."""

from collections.abc import Iterator

from shared.agents.quality_gate.findings import fail
from shared.agents.quality_gate.material import Material
from shared.domain.draft import SentenceClass
from shared.domain.verdict import Violation


def sources(material: Material) -> Iterator[Violation]:
    """A documented sentence has a source, and no sentence names one we do not have."""
    for sentence in material.sentences:
        if sentence.kind is SentenceClass.DOCUMENTED and not sentence.sources:
            yield fail(
                "missing_source",
                reason="A statement of fact says nowhere where it comes from.",
                suggestion="Name the message, record or document behind it, or take it out.",
                quote=sentence.text,
            )
        for source in dict.fromkeys(sentence.sources):
            if source not in material.evidence:
                yield fail(
                    "unknown_source",
                    reason=f"A sentence leans on “{source[:80]}”, which nobody has seen.",
                    suggestion="Regenerate the draft, or rest the sentence on what is really there.",
                    quote=sentence.text,
                )
