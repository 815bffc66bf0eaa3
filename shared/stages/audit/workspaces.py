"""A workspace's own settings, changed by somebody and noted in the same commit. Used by the stages that create, connect and tell."""

from shared.domain.audit import Actor
from shared.domain.ids import WorkspaceId
from shared.domain.workspace import Workspace
from shared.ports.errors import Conflict, NotFound
from shared.ports.store import Key, ReplaceWorkspace, Snapshot, Store
from shared.stages.audit.trail import AuditTrail, Noted


def workspace_seen(workspace_id: WorkspaceId, *, store: Store) -> Snapshot[Workspace]:
    """Raises NotFound."""
    [found] = store.read(Key(Workspace, workspace_id, workspace_id))
    if found is None:
        raise NotFound(f"workspace {workspace_id} does not exist")
    return found


def change_workspace(seen: Snapshot[Workspace], changed: Workspace, noted: Noted, *, by: Actor, store: Store, audit: AuditTrail) -> None:
    """Conflict when somebody else has changed it since it was seen."""
    try:
        store.commit(ReplaceWorkspace(seen, changed), *audit.writes(noted, by=by, workspace_id=changed.id))
    except Conflict:
        raise Conflict("the workspace has just been changed: look again") from None
