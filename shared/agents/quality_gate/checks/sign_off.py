"""Check that the mail ends as the operator ends theirs."""

from collections.abc import Iterator

from shared.agents.quality_gate.findings import warn
from shared.agents.quality_gate.material import Material
from shared.domain.verdict import Severity, Violation


def sign_off(material: Material) -> Iterator[Violation]:
    """The sign-off of the planned tone, and the operator's signature or none."""
    text, voice = material.draft.text, material.voice
    habit = voice.sign_off_formal if material.formal else voice.sign_off_conversational
    if material.sign_off != habit.strip():
        yield warn(
            "sign_off",
            severity=Severity.LOW,
            reason=f"{material.operator.name} does not sign off like this.",
            suggestion=f"End with “{habit}”.",
            quote=material.sign_off,
        )
    if not material.own_signature:
        yield warn(
            "sign_off",
            severity=Severity.LOW,
            reason=f"The signature is not {material.operator.name}'s.",
            suggestion="Use the signature set for this mailbox.",
            quote=text.signature,
        )
