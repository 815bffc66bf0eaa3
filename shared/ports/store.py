"""The document store: typed entities, reads with a version, and one atomic commit of compare-and-sets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from shared.domain.entity import Entity, Route, Value
from shared.domain.ids import WorkspaceId
from shared.domain.outbox import Outgoing
from shared.domain.workspace import Workspace

E = TypeVar("E", bound=Entity)
V_co = TypeVar("V_co", bound=Value, covariant=True)
R = TypeVar("R", bound=Route)


@dataclass(frozen=True)
class Snapshot(Generic[V_co]):
    """An entity as it was read. `version` is opaque; a commit that replaces it fails when the document has changed since."""

    entity: V_co
    version: object


@dataclass(frozen=True)
class Key:
    """Names a document of any kind; a workspace's own document has the workspace's id."""

    kind: type[Entity] | type[Workspace]
    workspace_id: WorkspaceId
    id: str


@dataclass(frozen=True)
class Near(Generic[V_co]):
    """Found by its vector, and without it: no snapshot, for a commit would lose the vector. `similarity` is the cosine, 1 at most."""

    entity: V_co
    similarity: float


@dataclass(frozen=True)
class Create:
    """Write only if absent."""

    entity: Entity


@dataclass(frozen=True)
class Replace:
    """Write only if unchanged since `seen`."""

    seen: Snapshot[Entity]
    entity: Entity


@dataclass(frozen=True)
class Put:
    """Write whatever is there: for copies of other systems' records, and our own logs."""

    entity: Entity


@dataclass(frozen=True)
class Remove:
    """Delete; removing what is gone is fine. With `seen`, only if unchanged since."""

    entity: Entity
    seen: Snapshot[Entity] | None = None


@dataclass(frozen=True)
class Add:
    """Add numbers to a counter document `{collection}/{id}`, creating it at zero."""

    workspace_id: WorkspaceId
    collection: str
    id: str
    amounts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class ReplaceWorkspace:
    """Write the workspace's own document only if unchanged since `seen`."""

    seen: Snapshot[Workspace]
    workspace: Workspace


Write = Create | Replace | Put | Remove | Add | ReplaceWorkspace


class Store(Protocol):
    def get(self, kind: type[E], *, workspace_id: WorkspaceId, id: str) -> Snapshot[E] | None:
        """Fresh, unless the kind says that an older reading is good: then what this process has read lately may answer."""

    def get_many(self, kind: type[E], *, workspace_id: WorkspaceId, ids: Sequence[str]) -> Mapping[str, Snapshot[E]]:
        """Those that exist, by id, in one round trip."""

    def read(self, *keys: Key) -> Sequence[Snapshot[Any] | None]:
        """Documents of any kinds in one round trip, in the order asked; None for what does not exist."""

    def commit(self, *writes: Write) -> Sequence[object]:
        """All or nothing, one round trip, at most 500; the new versions in the order of the writes, for a Replace of what was written.

        Raises Conflict when any precondition fails: read again and decide anew.
        """

    def list(
        self,
        kind: type[E],
        *,
        workspace_id: WorkspaceId,
        where: Mapping[str, object] | None = None,
        newest_by: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 50,
        after: str = "",
    ) -> Sequence[Snapshot[E]]:
        """Equality filters (`actor.id` looks into a field); newest first by a time field, which lies in [since, until).

        Without `newest_by` in the order of ids. `after` is the id of the last one already seen.
        """

    def nearest(
        self, kind: type[E], *, workspace_id: WorkspaceId, field: str, vector: Sequence[float], limit: int, where: Mapping[str, object]
    ) -> Sequence[Near[E]]:
        """The most similar first, exactly, of those with a vector of as many dimensions; equality filters come before the search.

        Each set of filters needs its index in `infra/firestore.indexes.json`, once per number of dimensions.
        """

    def overdue_outbox(self, *, before: datetime, limit: int = 100) -> Sequence[Snapshot[Outgoing]]:
        """Outbox entries of every workspace created before that moment, oldest first."""

    def counter(self, *, workspace_id: WorkspaceId, collection: str, id: str) -> Mapping[str, float]: ...

    # The root of the database
    def workspace(self, *, workspace_id: WorkspaceId) -> Workspace:
        """Raises NotFound."""

    def workspaces(self) -> Sequence[Workspace]:
        """Every one of them, by id."""

    def save_workspace(self, *, workspace: Workspace) -> None: ...

    def route(self, kind: type[R], *, id: str) -> R | None:
        """Like `get`."""

    def add_route(self, *, route: Route) -> None:
        """Raises Conflict when the id is taken."""
