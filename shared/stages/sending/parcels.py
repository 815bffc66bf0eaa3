"""The bytes of a send as they leave, and what is known of a mail that has left another way than through Gmail. Used by send and settle."""

import base64
import hashlib
from collections.abc import Sequence

from shared.domain.approval import Approval
from shared.domain.draft import Draft
from shared.domain.sends import Departure, Send
from shared.domain.stamping import envelope_of, message_id_of, stamped
from shared.ports.mailbox import Mailbox
from shared.ports.ways_out import Parcel
from shared.stages.deciding.desk import placed_as
from shared.stages.sending.leaving import Leaving


def approved_bytes(approval: Approval, draft: Draft, mailbox: Mailbox, files: Sequence[bytes]) -> bytes:
    """With files they are made anew, because no document of the store holds them; empty when others than those approved are made."""
    if approval.raw:
        return base64.urlsafe_b64decode(approval.raw)
    made = mailbox.composed(draft=draft, files=files)
    return made if hashlib.sha256(made).hexdigest() == approval.raw_digest else b""


def parcel_of(leaving: Leaving, approved: bytes) -> Parcel:
    """For the attempt under way."""
    entry, draft = leaving.send.entity, leaving.case.draft.entity
    return Parcel(
        workspace_id=entry.workspace_id,
        send_id=entry.id,
        draft_id=draft.id,
        gmail_draft_id=placed_as(draft).gmail_draft_id,
        thread_id=draft.thread_id,
        message_id="" if entry.way.has_fence else message_id_of(entry.id, envelope_of(approved).sender),
        raw=as_it_leaves(entry, approved),
    )


def as_it_leaves(entry: Send, approved: bytes) -> bytes:
    """What was approved; below its own Message-ID and the moment of the last attempt where no mailbox adds them. Never anything else."""
    return approved if entry.way.has_fence else stamped(approved, send_id=entry.id, at=entry.attempts[-1].at)


def left_as(entry: Send, draft: Draft) -> Departure:
    """How a mail has left of which a person or its carrier says that it did."""
    sender = draft.sent_as("").address
    return Departure(thread_id=draft.thread_id, message_id=message_id_of(entry.id, sender), at=entry.attempts[-1].at)
