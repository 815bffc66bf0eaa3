"""An approval: who let which exact mail leave. It is bound to a fingerprint of everything the recipient would see."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from shared.domain.audit import Actor
from shared.domain.draft import Draft
from shared.domain.entity import Entity
from shared.domain.ids import ApprovalId, DraftId, derived_id


class ApprovalState(StrEnum):
    GIVEN = "given"
    WITHDRAWN = "withdrawn"  # undone, or what was approved no longer holds: the draft asks again
    USED = "used"  # the mail has left, or the operator has it in Gmail to send


class Approval(Entity):
    """`approvals/{id}`. `raw` is the whole RFC 5322 message, base64url: these bytes leave, or nothing.

    With files a message is larger than a document may be: `raw` is empty then, and the same bytes are made anew, which `raw_digest` proves.
    """

    collection: ClassVar[str] = "approvals"

    draft_id: DraftId
    revision: int
    actor: Actor
    fingerprint: str
    raw: str
    raw_digest: str  # SHA-256 of the bytes, hex
    thread_head: str  # newest message of the thread when it was approved; empty for a new thread
    heard: str = ""  # Gmail's id of what they had last written to us, as far as we knew
    policy_version: int
    state: ApprovalState = ApprovalState.GIVEN
    at: datetime


def approval_id_for(draft: Draft, *, number: int) -> ApprovalId:
    """The number-th approval of a draft: the next one only after the one before was withdrawn."""
    return ApprovalId(f"approval_{draft.id.removeprefix('draft_')}-{number}")


def fingerprint_of(draft: Draft, *, sender_name: str, thread_head: str) -> str:
    """Of everything the recipient would see and of where it would stand. Any change asks again."""
    text = draft.text
    return derived_id(
        "fingerprint",
        text.subject,
        text.body,
        draft.recipient.strip().lower(),
        draft.recipient_name,
        *draft.cc,
        sender_name,
        draft.mailbox,
        *(("sender", *draft.sender.told) if draft.sender else ()),
        *(("footer", *draft.footer.told) if draft.footer else ()),
        *(("tracked", *draft.tracked.told) if draft.tracked else ()),
        "attachments",
        *(f"{one.file_id} {one.url}" for one in text.attachments),
        *(part for one in text.files for part in ("file", one.name, one.mime_type, one.sha256)),
        "thread",
        draft.thread_id,
        draft.reply_to_message_id,
        thread_head,
    )
