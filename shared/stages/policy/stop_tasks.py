"""The task that a wish to hear no more owes: what waits for them is taken back. Used by whoever hears it, and by whoever does it."""

from shared.domain.ids import derived_id
from shared.domain.outbox import Outgoing, Queue, owed_work
from shared.domain.suppression import STOP, Suppression


def owed_stop(standing: Suppression) -> Outgoing:
    """One per suppression, for whoever tends the sends. The task names the record, never the address."""
    id = f"{STOP}{standing.id}"
    workspace_id = standing.workspace_id
    return owed_work(Queue.TEND_SENDS, id, workspace_id=workspace_id, at=standing.at, trace_id=derived_id("stop", workspace_id, id))
