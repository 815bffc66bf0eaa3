"""Checks of the text's outer shape: not empty, not too long, no em dash."""

import re
from collections.abc import Iterator

from shared.agents.quality_gate.findings import fail
from shared.agents.quality_gate.material import Material
from shared.domain.verdict import Severity, Violation

LONGEST_BODY = 200
"""Words of the body as the recipient reads it."""
_DASH = re.compile(
    r"[\u2014\u2015\u2e3a\u2e3b]|(?<!\S)\u2013(?!\S)|(?<=[^\W\d])\u2013(?=\s)"
    r"|(?<=\s)\u2013(?=[^\W\d])|(?<!\S)--(?!\S)|(?<=\w)--(?=\w)"
)


def emptiness(material: Material) -> Iterator[Violation]:
    """A subject and at least one sentence."""
    if not material.draft.text.subject.strip():
        yield fail("empty", reason="The subject is empty.", suggestion="Write a subject of three to seven words.")
    if not any(sentence.text.strip() for sentence in material.sentences):
        yield fail("empty", reason="The mail says nothing.", suggestion="Regenerate the draft.")


def over_length(material: Material) -> Iterator[Violation]:
    """At most 200 words."""
    count = len(material.draft.text.body.split())
    if material.cut or count > LONGEST_BODY:
        told = "far too many words" if material.cut else f"{count} words"
        yield fail(
            "over_length",
            severity=Severity.MEDIUM,
            reason=f"The mail has {told}; more than {LONGEST_BODY} go unread.",
            suggestion=f"Cut it to {LONGEST_BODY} words.",
        )


def em_dash(material: Material) -> Iterator[Violation]:
    """Long dashes, and en dashes or double hyphens standing in for them; ranges of numbers are fine."""
    found = _DASH.search(material.written)
    if found:
        yield fail(
            "em_dash",
            severity=Severity.LOW,
            reason="The mail uses a long dash, which reads as machine-written.",
            suggestion="Use a comma, a colon or two sentences.",
            quote=material.written[max(0, found.start() - 30) : found.end() + 30],
        )
