"""Somebody is not written to any more: suppressed at once, and what waits for them is owed to be taken back.

Used by unsubscribe, carried, forgetting, and for what people here say, one by one or by a list.
"""

from collections.abc import Sequence

from shared.domain.audit import Actor
from shared.domain.ids import WorkspaceId
from shared.ports.bus import Outbox
from shared.stages.policy.stop_tasks import owed_stop
from shared.stages.policy.suppressions import Added, Suppressions, Wish


def heard_wish(wish: Wish, *, workspace_id: WorkspaceId, by: Actor, suppressions: Suppressions, outbox: Outbox) -> Added:
    """When this returns nothing may leave to them any more; hearing it again changes nothing. Rejected when nobody has that address.

    The workspace itself is not asked for: a wish holds although nobody is there at present.
    """
    [added] = heard_wishes([wish], workspace_id=workspace_id, by=by, suppressions=suppressions, outbox=outbox)
    return added


def heard_wishes(
    wishes: Sequence[Wish], *, workspace_id: WorkspaceId, by: Actor, suppressions: Suppressions, outbox: Outbox
) -> Sequence[Added]:
    """As many as one commit takes. What they owe stands in that commit: whoever dies here has the sweep publish it."""
    added = suppressions.add_all(wishes, workspace_id=workspace_id, by=by, owing=owed_stop)
    new = [one.standing for one in added if one.new]
    if new:
        outbox.flush(entries=[owed_stop(new)])
    return added
