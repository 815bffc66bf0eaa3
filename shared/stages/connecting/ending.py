"""Disconnecting: the vendor forgets the consent, its credentials are destroyed, and then it is written down. Called by the console."""

from shared.domain.audit import Actor
from shared.domain.connections import Connection, Target
from shared.domain.workspace import Workspace
from shared.ports.errors import NotFound
from shared.ports.store import Replace
from shared.resilience.contest import until_undisputed
from shared.stages.audit.trail import Noted
from shared.stages.connecting.linking import Linking

EVERY = 2**31
"""Also a version that somebody stored and then died before writing it down."""


def disconnect(workspace: Workspace, target: Target, *, by: Actor, linking: Linking) -> Connection:
    """In this order, so that nothing is called disconnected that still opens something; done again, it ends what a dead process left."""
    seen = linking.seen(target, workspace.id)
    if seen is None:
        raise NotFound("this was not connected here: take its secret away where it was stored")
    linking.consents(target).ending(target)()
    linking.safe.retire(name=target.secret, below=EVERY)
    return until_undisputed(lambda: _ended(workspace, target, by=by, linking=linking))


def _ended(workspace: Workspace, target: Target, *, by: Actor, linking: Linking) -> Connection:
    seen = linking.seen(target, workspace.id)
    if seen is None:
        raise NotFound("this is not connected")
    if seen.entity.ended_at is not None:
        return seen.entity
    ended = seen.entity.model_copy(update={"ended_at": linking.clock.now(), "ended_by": by})
    told = Noted(action=f"{target.service}.disconnected", evidence=(target.id,))
    linking.store.commit(Replace(seen, ended), *linking.audit.writes(told, by=by, workspace_id=workspace.id))
    return ended
