"""Check that the mail asks for one thing."""

from collections.abc import Iterator

from shared.agents.quality_gate.findings import fail
from shared.agents.quality_gate.material import Material
from shared.agents.quality_gate.requests import requests_in
from shared.domain.verdict import Severity, Violation


def call_to_action(material: Material) -> Iterator[Violation]:
    """Exactly one request; offered times and alternatives to them belong to one. What others are quoted with is not ours."""
    found = requests_in(map(material.own_words, material.sentences))
    if not found:
        yield fail(
            "call_to_action",
            severity=Severity.MEDIUM,
            reason="The mail asks for nothing, so nothing will happen.",
            suggestion=f"End with one question, for example: “{material.plan.call_to_action[:120]}”",
        )
    if len(found) > 1:
        yield fail(
            "call_to_action",
            severity=Severity.MEDIUM,
            reason=f"The mail asks for {len(found)} things; people answer none of them.",
            suggestion="Keep the one that matters and drop the others.",
            quote=found[1],
        )
