"""The task that suppressions owe: what waits for whom they name is taken back. Used by whoever hears of them, and by whoever does it."""

from collections.abc import Sequence

from shared.domain.ids import derived_id
from shared.domain.outbox import Outgoing, Queue, owed_work
from shared.domain.suppression import STOP, Suppression


def owed_stop(added: Sequence[Suppression]) -> Outgoing:
    """One for all of a commit, for whoever tends the sends. It names the first record, never an address.

    What was lifted and comes again, or is said for a stronger cause, owes another: queues do not take the same name twice.
    """
    first = added[0]
    id, workspace_id = f"{STOP}{first.id}", first.workspace_id
    trace_id, named = derived_id("stop", workspace_id, id), f"{workspace_id}-{id}-{first.cause}-{first.at:%Y%m%d%H%M%S%f}"
    return owed_work(Queue.TEND_SENDS, id, workspace_id=workspace_id, at=first.at, trace_id=trace_id, id=named)
