"""Checks that this person may be written to at all: nobody has asked not to be, and the workspace's guardrails let them through."""

from collections.abc import Iterator

from shared.agents.quality_gate.findings import fail
from shared.agents.quality_gate.material import Material
from shared.domain.guardrails import refusals, relationship_of
from shared.domain.lawfulness import Letter, unlawful
from shared.domain.verdict import Violation


def suppressed(material: Material) -> Iterator[Violation]:
    if material.suppressed:
        why = material.suppressed.removeprefix("suppressed: ")
        yield fail("suppressed", reason=f"They must not be written to: {why}.", suggestion="Leave them in peace.")


def guardrails(material: Material) -> Iterator[Violation]:
    relationship = relationship_of(material.context)
    for one in refusals(material.policy.rules.guardrails, relationship, operator=material.operator):
        yield fail(one.rule, reason=one.reason, suggestion="Hand them to whoever may write to them, or change the guardrail in the policy.")


def lawful(material: Material) -> Iterator[Violation]:
    """By the law of where they are: a basis for writing to them, and a footer that says what it asks for."""
    footing = relationship_of(material.context).footing
    for one in unlawful(material.policy.rules.compliance, footing, letter=Letter.of(material.draft), now=material.now):
        yield fail(one.rule, reason=one.reason, suggestion=one.fix)
