"""Why an operator rejects a draft: one of a few reasons, so that they can be counted, and a note. For the reject stage."""

from enum import StrEnum

LONGEST_NOTE = 500


class RejectionReason(StrEnum):
    WRONG_FACTS = "wrong_facts"
    WRONG_TONE = "wrong_tone"
    NOT_RELEVANT = "not_relevant"
    WRONG_PERSON = "wrong_person"
    BAD_TIMING = "bad_timing"
    HANDLED = "handled"
    OTHER = "other"


TOLD = {
    RejectionReason.WRONG_FACTS: "something in it is not true",
    RejectionReason.WRONG_TONE: "it does not sound like us",
    RejectionReason.NOT_RELEVANT: "it does not answer what they want",
    RejectionReason.WRONG_PERSON: "this person should not get it",
    RejectionReason.BAD_TIMING: "this is not the moment",
    RejectionReason.HANDLED: "it was taken care of otherwise",
    RejectionReason.OTHER: "for another reason",
}
"""As an operator reads it."""


def rejected_because(reason: RejectionReason, note: str) -> str:
    return f"{TOLD[reason]}: {note}" if note else TOLD[reason]
