"""Checks that this person may be written to at all: nobody has asked not to be, and the workspace's guardrails let them through."""

from collections.abc import Iterator

from shared.agents.quality_gate.findings import fail
from shared.agents.quality_gate.material import Material
from shared.domain.guardrails import refusals, relationship_of
from shared.domain.verdict import Violation


def suppressed(material: Material) -> Iterator[Violation]:
    if material.suppressed:
        why = material.suppressed.removeprefix("suppressed: ")
        yield fail("suppressed", reason=f"They must not be written to: {why}.", suggestion="Leave them in peace.")


def guardrails(material: Material) -> Iterator[Violation]:
    relationship = relationship_of(material.context.identity)
    for one in refusals(material.policy.rules.guardrails, relationship, operator=material.operator):
        yield fail(one.rule, reason=one.reason, suggestion="Hand them to whoever may write to them, or change the guardrail in the policy.")
