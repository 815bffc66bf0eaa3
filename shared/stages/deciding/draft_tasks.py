"""The tasks a decided or rewritten draft owes. Used by whoever changes what a draft says."""

from datetime import datetime

from shared.domain.draft import Draft
from shared.domain.ids import TraceId
from shared.domain.outbox import Channel, Outgoing, Queue


def owed_writing(draft: Draft, *, trace_id: str, at: datetime) -> Outgoing:
    """The task that brings Gmail's draft to what ours says."""
    return Outgoing(
        id=writing_id(draft),
        workspace_id=draft.workspace_id,
        channel=Channel.TASK,
        destination=Queue.WRITE_DRAFT.value,
        payload={"workspace_id": draft.workspace_id, "id": draft.id},
        trace_id=TraceId(trace_id),
        created_at=at,
    )


def writing_id(draft: Draft) -> str:
    """One per text and per approval: names of finished tasks stay taken."""
    return f"{draft.id}-written-{draft.revision}-{draft.approvals}"
