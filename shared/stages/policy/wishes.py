"""Somebody wants no more mails: suppressed at once, and what waits for them is owed to be taken back. Used by unsubscribe and carried."""

from shared.domain.audit import Actor
from shared.domain.ids import WorkspaceId
from shared.domain.suppression import NEVER_EXPIRE
from shared.ports.bus import Outbox
from shared.stages.policy.stop_tasks import owed_stop
from shared.stages.policy.suppressions import Added, Suppressions, Wish


def heard_wish(wish: Wish, *, workspace_id: WorkspaceId, by: Actor, suppressions: Suppressions, outbox: Outbox) -> Added:
    """When this returns nothing may leave to them any more; hearing it again changes nothing. Rejected when nobody has that address.

    The workspace itself is not asked for: a wish holds although nobody is there at present.
    """
    for_ever = wish.cause in NEVER_EXPIRE  # what may be lifted again ends no draft
    [added] = suppressions.add_all([wish], workspace_id=workspace_id, by=by, owing=owed_stop if for_ever else None)
    if added.new and for_ever:
        outbox.flush(entries=[owed_stop(added.standing)])
    return added
