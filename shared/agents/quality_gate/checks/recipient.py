"""Check that the mail goes to the person it was written for."""

from collections.abc import Iterator

from shared.agents.quality_gate.findings import fail
from shared.agents.quality_gate.material import Material
from shared.domain.verdict import Violation


def recipient(material: Material) -> Iterator[Violation]:
    """The recipient is who filled in the form; a thread that is answered is one they take part in."""
    if material.draft.recipient.strip().lower() not in material.people_addresses:
        yield fail(
            "recipient",
            reason=f"The mail is addressed to “{material.draft.recipient}”, who is not the person behind this form.",
            suggestion="Address it to the person who wrote to you.",
            quote=material.draft.recipient,
        )
    elif material.draft.thread_id and not _takes_part(material):
        yield fail(
            "recipient",
            reason="The thread this would answer is not a conversation with the recipient.",
            suggestion="Start a new thread, or answer in the right one.",
            quote=material.draft.recipient,
        )


def _takes_part(material: Material) -> bool:
    """Threads we have not read cannot be checked here; placing the draft reads them again."""
    reading = material.context.reading
    if reading is None or reading.thread.id != material.draft.thread_id or not reading.thread.messages:
        return True
    return any(not material.people_addresses.isdisjoint({one.sender, *one.recipients}) for one in reading.thread.messages)
