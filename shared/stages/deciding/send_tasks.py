"""The task a send owes: its name is the send and its round, for names of finished tasks stay taken. Used by whoever moves a send."""

from shared.domain.outbox import Channel, Outgoing, Queue
from shared.domain.sends import Send


def owed_send(send: Send) -> Outgoing:
    """The task of a send's present round, when its time has come."""
    return Outgoing(
        id=f"{send.id}-{send.round}",
        workspace_id=send.workspace_id,
        channel=Channel.TASK,
        destination=Queue.SEND.value,
        payload={"workspace_id": send.workspace_id, "id": send.id},
        trace_id=send.trace_id,
        created_at=send.updated_at,
        not_before=send.due_at,
    )
