"""What operators may read of their workspace; called by the API function. A foreign id and a missing one are the same."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from shared.domain.agent_run import AgentRun
from shared.domain.assets import INDEX_ID, Asset, DriveIndex
from shared.domain.canary_fate import Canary
from shared.domain.entity import Entity
from shared.domain.hints import Hint, HintState
from shared.domain.holds import Hold
from shared.domain.ids import WorkspaceId
from shared.domain.polling import FormPolls
from shared.domain.run import Progress, Run
from shared.ports.errors import NotFound, Rejected
from shared.ports.store import Snapshot, Store

E = TypeVar("E", bound=Entity)

LARGEST_PAGE = 100
RUN_LINE = (
    "id", "state", "recipient", "draft_id", "failed_stage", "failure_reason", "paused", "placement_note", "created_at", "updated_at",
)  # fmt: skip
ASSET_LINE = ("id", "kind", "shareable", "share_reason", "work", "chunks", "unreadable", "indexed_at")
FILE_LINE = ("name", "folder", "mime_type", "modified_at", "size", "url")
EVENT_LINE = ("id", "state", "run_id", "reason", "received_at")
INDEX_SHOWN = ("id", "listed_at", "complete_at", "embedder", "trouble", "trouble_at")
KEPT_INSIDE = ("workspace_id", "lease")
"""Fields of a document that nobody outside is shown."""


@dataclass(frozen=True)
class Page:
    """`next` is the cursor of the next page; empty on the last one."""

    items: Sequence[Mapping[str, object]]
    next: str


def runs(*, workspace_id: WorkspaceId, store: Store, limit: int = 20, after: str = "", canaries: bool = False) -> Page:
    """Newest first, without their evidence; those of canaries, or those of everybody else."""
    found = _listed(Run, workspace_id, store, limit=limit, after=after, canaries=canaries)
    return paged(found, page_size(limit), _run_line)


def run(*, workspace_id: WorkspaceId, id: str, store: Store) -> Mapping[str, object]:
    """By run id or by the handle an intake answer gave, with its model calls. Raises NotFound."""
    found = store.get(Run, workspace_id=workspace_id, id=id)
    if found is not None:
        calls = store.list(AgentRun, workspace_id=workspace_id, where={"run_id": id}, limit=LARGEST_PAGE)
        return _run_whole(found.entity, calls=[one.entity for one in calls])
    hint = store.get(Hint, workspace_id=workspace_id, id=id)
    if hint is None:
        raise NotFound(f"run {id} does not exist")
    if hint.entity.run_id:
        return run(workspace_id=workspace_id, id=hint.entity.run_id, store=store)
    return _announced(hint.entity)


def events(*, workspace_id: WorkspaceId, store: Store, limit: int = 20, after: str = "") -> Page:
    """Announcements, the newest first, without what they carry: the run each belongs to, or why there is none."""
    require_cursor(Hint, workspace_id, store, after)
    found = store.list(Hint, workspace_id=workspace_id, newest_by="received_at", limit=page_size(limit) + 1, after=after)
    return paged(found, page_size(limit), _event_line)


def event(*, workspace_id: WorkspaceId, id: str, store: Store) -> Mapping[str, object]:
    """With what it carries. Raises NotFound."""
    return _kept(Hint, workspace_id=workspace_id, id=id, store=store)


def holds(*, workspace_id: WorkspaceId, store: Store, limit: int = 20, after: str = "") -> Page:
    """Newest first, open ones and what became of the others."""
    require_cursor(Hold, workspace_id, store, after)
    found = store.list(Hold, workspace_id=workspace_id, newest_by="created_at", limit=page_size(limit) + 1, after=after)
    return paged(found, page_size(limit), dumped)


def canary(*, workspace_id: WorkspaceId, id: str, store: Store) -> Mapping[str, object]:
    """The one sent last, and what became of those before. Raises NotFound."""
    return _kept(Canary, workspace_id=workspace_id, id=id, store=store)


def poll(*, workspace_id: WorkspaceId, id: str, store: Store) -> Mapping[str, object]:
    """How it stands with polling: `forms`. Raises NotFound."""
    return _kept(FormPolls, workspace_id=workspace_id, id=id, store=store)


def _kept(kind: type[E], *, workspace_id: WorkspaceId, id: str, store: Store) -> Mapping[str, object]:
    found = store.get(kind, workspace_id=workspace_id, id=id)
    if found is None:
        raise NotFound(f"{kind.collection}/{id} does not exist")
    return dumped(found.entity)


def _listed(kind: type[E], workspace_id: WorkspaceId, store: Store, *, limit: int, after: str, canaries: bool) -> Sequence[Snapshot[E]]:
    """One more than the page holds."""
    require_cursor(kind, workspace_id, store, after)
    where = {"synthetic": canaries}
    return store.list(kind, workspace_id=workspace_id, where=where, newest_by="created_at", limit=page_size(limit) + 1, after=after)


def require_cursor(kind: type[E], workspace_id: WorkspaceId, store: Store, after: str) -> None:
    """Behind one that is gone the list would begin anew, and whoever pages through it would never end. Raises Rejected."""
    if after and store.get(kind, workspace_id=workspace_id, id=after) is None:
        raise Rejected("after: nothing has this id any more: begin again with the first page", field="after")


def assets(*, workspace_id: WorkspaceId, store: Store, limit: int = 20, after: str = "") -> Page:
    """Every document the agents may look at, by id, without its text: whether it may be shared, and why not; why it has no text."""
    require_cursor(Asset, workspace_id, store, after)
    found = store.list(Asset, workspace_id=workspace_id, limit=page_size(limit) + 1, after=after)
    return paged(found, page_size(limit), _asset_line)


def drive_index(*, workspace_id: WorkspaceId, id: str, store: Store) -> Mapping[str, object]:
    """How far the index follows Drive. Raises NotFound while there is none."""
    found = store.get(DriveIndex, workspace_id=workspace_id, id=id) if id == INDEX_ID else None
    if found is None:
        raise NotFound(f"index {id} does not exist")
    return only(INDEX_SHOWN, found.entity) | {"folders": len(found.entity.folders)}


def page_size(limit: int) -> int:
    return max(1, min(limit, LARGEST_PAGE))


def paged(found: Sequence[Snapshot[E]], limit: int, shown: Callable[[E], dict[str, Any]]) -> Page:
    """One more than the page was asked for: that there is one makes the cursor."""
    kept = [one.entity for one in found[:limit]]
    return Page(items=[shown(one) for one in kept], next=kept[-1].id if len(found) > limit else "")


def dumped(entity: Entity) -> dict[str, Any]:
    return entity.model_dump(mode="json", exclude=set(KEPT_INSIDE))


def _run_line(found: Run) -> dict[str, Any]:
    return only(RUN_LINE, found) | {
        "progress": found.progress,
        "refused": found.refused,
        "action": found.plan.action if found.plan else None,
    }


def _event_line(found: Hint) -> dict[str, Any]:
    return only(EVENT_LINE, found) | {"source": found.announced.source}


def only(shown: Sequence[str], entity: Entity) -> dict[str, Any]:
    """These fields of it, as JSON."""
    return entity.model_dump(mode="json", include=set(shown))


def _run_whole(found: Run, *, calls: Sequence[AgentRun]) -> dict[str, Any]:
    """With what it asked of models, the earliest first."""
    return dumped(found) | {
        "progress": found.progress,
        "refused": found.refused,
        "step": found.history[-1].state if found.history else found.state,
        "model_calls": [dumped(call) for call in sorted(calls, key=lambda one: one.at)],
    }


def _announced(hint: Hint) -> dict[str, Any]:
    """A hint that has led to no run: still waiting, or the end of the story."""
    progress = {HintState.IGNORED: Progress.SUCCESS, HintState.FAILED: Progress.FAILURE}.get(hint.state, Progress.PENDING)
    return {
        "id": hint.id,
        "progress": progress,
        "step": f"announced, {hint.state}",
        "reason": hint.reason,
        "history": [],
        "created_at": hint.received_at.isoformat(),
    }


def _asset_line(found: Asset) -> dict[str, Any]:
    return only(ASSET_LINE, found) | found.entry.model_dump(mode="json", include=set(FILE_LINE))
