"""What a stage needs of the store before it decides anything, in one round trip. Used by the stages that carry on a run."""

from dataclasses import dataclass

from shared.domain.draft import Draft, draft_id_for
from shared.domain.run import Run
from shared.domain.work import Work
from shared.domain.workspace import Workspace
from shared.ports.errors import NotFound, Permanent
from shared.ports.store import Key, Snapshot, Store


@dataclass(frozen=True)
class Loaded:
    """A run, whose it is, and its draft if it has one."""

    run: Snapshot[Run]
    workspace: Workspace
    drafted: Snapshot[Draft] | None

    @property
    def draft(self) -> Snapshot[Draft]:
        """Permanent when a run claims to have one and has not."""
        if self.drafted is None:
            raise Permanent(f"run {self.run.entity.id} has no draft")
        return self.drafted


def load(work: Work, *, store: Store) -> Loaded:
    """`work.id` names a run. Raises NotFound for a run or a workspace that does not exist."""
    workspace_id = work.workspace_id
    run, workspace, draft = store.read(
        Key(Run, workspace_id, work.id), Key(Workspace, workspace_id, workspace_id), Key(Draft, workspace_id, draft_id_for(work.id))
    )
    if run is None or workspace is None:
        raise NotFound(f"run {work.id} does not exist" if workspace else f"workspace {workspace_id} does not exist")
    named = run.entity.draft_id
    if named is not None and named != draft_id_for(work.id):  # a draft that was not the run's first
        draft = store.get(Draft, workspace_id=workspace_id, id=named)
    return Loaded(run, workspace.entity, draft if named else None)
