"""Check that the mail speaks to the stage the relationship is at."""

from collections.abc import Iterator

from shared.agents.quality_gate.findings import warn
from shared.agents.quality_gate.material import Material
from shared.agents.quality_gate.words import phrases
from shared.domain.verdict import Severity, Violation

_CUSTOMERS = frozenset({"customer", "evangelist"})
_STRANGERS = frozenset({"subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", ""})
_TO_CUSTOMERS = phrases(
    "as a customer | as our customer | as an existing customer | your renewal | renewing your | your contract with us | your subscription "
    "| your account with us | your current plan with us | thank you for your business | upgrade your"
)
_TO_STRANGERS = phrases(
    "let me introduce | introduce ourselves | introduce myself | you may not know us | in case you have not heard of us | "
    "become a customer | working with us for the first time | if you decide to work with us | new to us"
)


def stage_mismatch(material: Material) -> Iterator[Violation]:
    """Strangers addressed as customers, customers introduced to us anew."""
    company = material.context.identity.company
    stages = {material.context.identity.contact.lifecycle_stage.lower(), company.lifecycle_stage.lower() if company else ""}
    if not stages.isdisjoint(_CUSTOMERS):
        phrases, reason = _TO_STRANGERS, "They are a customer already, and the mail speaks as if they had never heard of us."
    elif stages <= _STRANGERS:
        phrases, reason = _TO_CUSTOMERS, "They are not a customer yet, and the mail speaks as if they were."
    else:
        return
    for quote in [phrase.strip() for phrase in phrases if phrase in material.joined][:1]:
        yield warn("stage_mismatch", severity=Severity.HIGH, reason=reason, suggestion="Speak to where they are in the CRM.", quote=quote)
