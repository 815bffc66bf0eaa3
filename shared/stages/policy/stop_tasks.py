"""The task that a wish to hear no more owes: what waits for them is taken back. Used by whoever hears it, and by whoever does it."""

from shared.domain.ids import TraceId, derived_id
from shared.domain.outbox import Channel, Outgoing, Queue
from shared.domain.suppression import STOP, Suppression


def owed_stop(standing: Suppression) -> Outgoing:
    """One per suppression, for whoever tends the sends. The task names the record, never the address."""
    id = f"{STOP}{standing.id}"
    return Outgoing(
        id=f"{standing.workspace_id}-{id}",
        workspace_id=standing.workspace_id,
        channel=Channel.TASK,
        destination=Queue.TEND_SENDS.value,
        payload={"workspace_id": standing.workspace_id, "id": id},
        trace_id=TraceId(derived_id("stop", standing.workspace_id, id)),
        created_at=standing.at,
    )
