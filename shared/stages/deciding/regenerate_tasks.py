"""The task a draft owes that is to be written anew. Used by whoever asks for that."""

from shared.domain.draft import Draft, Rewriting
from shared.domain.ids import TraceId
from shared.domain.outbox import Channel, Outgoing, Queue


def owed_rewriting(draft: Draft, wish: Rewriting, *, trace_id: str) -> Outgoing:
    """Its name is the draft and the number of the wish."""
    return Outgoing(
        id=f"{draft.id}-rewritten-{wish.number}",
        workspace_id=draft.workspace_id,
        channel=Channel.TASK,
        destination=Queue.REGENERATE.value,
        payload={"workspace_id": draft.workspace_id, "id": draft.id},
        trace_id=TraceId(trace_id),
        created_at=wish.at,
    )
