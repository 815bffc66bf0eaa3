"""Check that nothing in the header fields can start another header."""

import unicodedata
from collections.abc import Iterator

from shared.agents.quality_gate.findings import fail
from shared.agents.quality_gate.material import Material
from shared.domain.verdict import Violation

_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")


def header_injection(material: Material) -> Iterator[Violation]:
    """No line breaks, control characters or text-direction tricks in subject, recipient, names and thread references."""
    draft = material.draft
    fields = {
        "subject": draft.text.subject,
        "recipient": draft.recipient,
        "recipient's name": draft.recipient_name,
        "thread reference": "".join((draft.reply_to_message_id, *draft.references)),
        "attachment's name": "".join(one.name + one.url for one in draft.text.attachments),
    }
    for name, value in fields.items():
        if any(unicodedata.category(char) == "Cc" or char in _DIRECTIONS for char in value):
            yield fail(
                "header_injection",
                reason=f"The {name} contains a hidden line break or control character.",
                suggestion=f"Retype the {name} on one line.",
                quote=value,
            )
