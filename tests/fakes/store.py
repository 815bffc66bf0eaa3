"""The document store in memory, with the same compare-and-set rules as Firestore; held to them by tests/contract/test_store.py."""

import itertools
import math
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

from shared.domain.entity import Entity, Route
from shared.domain.ids import WorkspaceId
from shared.domain.outbox import Outgoing
from shared.domain.workspace import Workspace
from shared.ports.errors import Conflict, NotFound
from shared.ports.store import Add, Create, Key, Near, Remove, Replace, ReplaceWorkspace, Snapshot, Write

E = TypeVar("E", bound=Entity)
R = TypeVar("R", bound=Route)
Place = tuple[str, str, str]
Stored = tuple[Entity, int]


class Question(NamedTuple):
    """What a call asked for, or wrote, in one workspace: `kind` is None for what lies at the root."""

    call: str
    workspace_id: str
    kind: type[Any] | None = None
    ids: tuple[object, ...] = ()


class MemoryStore:
    """Counts round trips by name in `trips`; `asked` says what each was about. A query's cost depends on its own collection alone."""

    def __init__(self) -> None:
        self._documents: dict[tuple[str, str], dict[str, Stored]] = defaultdict(dict)
        self._counters: dict[Place, dict[str, float]] = {}
        self._workspaces: dict[str, Workspace] = {}
        self._routes: dict[tuple[str, str], Route] = {}
        self._versions = itertools.count(1)
        self._lock = threading.RLock()
        self.trips: list[str] = []
        self.asked: list[Question] = []

    def get(self, kind: type[E], *, workspace_id: WorkspaceId, id: str) -> Snapshot[E] | None:
        return self.get_many(kind, workspace_id=workspace_id, ids=[id]).get(id)

    def get_many(self, kind: type[E], *, workspace_id: WorkspaceId, ids: Sequence[str]) -> Mapping[str, Snapshot[E]]:
        self._trip("get", workspace_id, kind, *ids)
        found: dict[str, Snapshot[E]] = {}
        for one in ids:
            document = self._at((workspace_id, kind.collection, one))
            if document is not None:
                found[one] = Snapshot(_typed(kind, document[0]), document[1])
        return found

    def read(self, *keys: Key) -> Sequence[Snapshot[Any] | None]:
        self.trips.append("read")
        self.asked += [Question("read", key.workspace_id, key.kind, (key.id,)) for key in keys]
        return [self._read(key) for key in keys]

    def _read(self, key: Key) -> Snapshot[Any] | None:
        if issubclass(key.kind, Workspace):
            known = self._workspaces.get(key.id)
            return Snapshot(known, known) if known else None
        document = self._at((key.workspace_id, key.kind.collection, key.id))
        return Snapshot(_typed(key.kind, document[0]), document[1]) if document else None

    def _at(self, place: Place) -> Stored | None:
        return self._documents.get(place[:2], {}).get(place[2])

    def commit(self, *writes: Write) -> Sequence[object]:
        self.trips.append("commit")
        self.asked += [_about(write) for write in writes]
        with self._lock:
            for write in writes:
                self._check(write)
            return [self._apply(write) for write in writes]

    def _check(self, write: Write) -> None:
        if isinstance(write, ReplaceWorkspace):
            if self._workspaces.get(write.workspace.id) != write.seen.version:
                raise Conflict(f"workspace {write.workspace.id} has changed")
            return
        if isinstance(write, Create) and self._at(_key(write.entity)):
            raise Conflict(f"{_key(write.entity)} exists")
        if isinstance(write, Replace) or (isinstance(write, Remove) and write.seen):
            current = self._at(_key(write.entity))
            if current is None or current[1] != (write.seen and write.seen.version):
                raise Conflict(f"{_key(write.entity)} has changed")

    def _apply(self, write: Write) -> object:
        if isinstance(write, ReplaceWorkspace):
            self._workspaces[write.workspace.id] = write.workspace
            return write.workspace
        if isinstance(write, Add):
            counter = self._counters.setdefault((write.workspace_id, write.collection, write.id), {})
            for name, amount in write.amounts.items():
                counter[name] = counter.get(name, 0) + amount
            return None
        documents, id = self._documents[_key(write.entity)[:2]], write.entity.id
        if isinstance(write, Remove):
            documents.pop(id, None)
            return None
        if documents.get(id, (None, 0))[0] != write.entity:
            documents[id] = (write.entity, next(self._versions))
        return documents[id][1]

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
        self._trip("list", workspace_id, kind, after, *(where or {}).values())
        rows = [Snapshot(_typed(kind, entity), version) for entity, version in self._collected(workspace_id, kind)]
        rows = [row for row in rows if all(attrgetter(name)(row.entity) == value for name, value in (where or {}).items())]
        if newest_by:
            rows = [row for row in rows if _within(getattr(row.entity, newest_by), since, until)]
        rows.sort(key=lambda row: _place(row.entity, newest_by), reverse=newest_by is not None)
        cursor = self._at((workspace_id, kind.collection, after))
        if cursor is not None:
            last = _place(cursor[0], newest_by)
            rows = [row for row in rows if (_place(row.entity, newest_by) < last if newest_by else _place(row.entity, None) > last)]
        return rows[:limit]

    def nearest(
        self, kind: type[E], *, workspace_id: WorkspaceId, field: str, vector: Sequence[float], limit: int, where: Mapping[str, object]
    ) -> Sequence[Near[E]]:
        self._trip("nearest", workspace_id, kind, *where.values())
        rows = [_typed(kind, entity) for entity, _ in self._collected(workspace_id, kind)]
        rows = [row for row in rows if all(getattr(row, name) == value for name, value in where.items())]
        near = [Near(row, _cosine(getattr(row, field), vector)) for row in rows if len(getattr(row, field)) == len(vector)]
        near.sort(key=lambda one: (-one.similarity, one.entity.id))
        return [Near(one.entity.model_copy(update={field: ()}), one.similarity) for one in near[:limit]]

    def overdue_outbox(self, *, before: datetime, limit: int = 100) -> Sequence[Snapshot[Outgoing]]:
        self._trip("query", "")
        rows = [
            Snapshot(entity, version)
            for documents in self._documents.values()
            for entity, version in documents.values()
            if isinstance(entity, Outgoing) and entity.created_at < before
        ]
        return sorted(rows, key=lambda row: row.entity.created_at)[:limit]

    def counter(self, *, workspace_id: WorkspaceId, collection: str, id: str) -> Mapping[str, float]:
        self._trip("get", workspace_id, None, collection, id)
        return dict(self._counters.get((workspace_id, collection, id), {}))

    def workspace(self, *, workspace_id: WorkspaceId) -> Workspace:
        self._trip("get", workspace_id)
        try:
            return self._workspaces[workspace_id]
        except KeyError:
            raise NotFound(f"workspace {workspace_id} does not exist") from None

    def workspaces(self) -> Sequence[Workspace]:
        self._trip("list", "")
        return [self._workspaces[id] for id in sorted(self._workspaces)]

    def save_workspace(self, *, workspace: Workspace) -> None:
        self._workspaces[workspace.id] = workspace

    def route(self, kind: type[R], *, id: str) -> R | None:
        self._trip("get", "", None, kind.collection, id)
        found = self._routes.get((kind.collection, id))
        return found if isinstance(found, kind) else None

    def add_route(self, *, route: Route) -> None:
        if (route.collection, route.id) in self._routes:
            raise Conflict(f"{route.collection}/{route.id} is taken")
        self._routes[(route.collection, route.id)] = route

    def everything(self, kind: type[E]) -> Sequence[E]:
        """All documents of a kind, for assertions."""
        found = [documents for (_, collection), documents in self._documents.items() if collection == kind.collection]
        return [_typed(kind, entity) for documents in found for entity, _ in documents.values()]

    def _trip(self, call: str, workspace_id: str, kind: type[Any] | None = None, *ids: object) -> None:
        self.trips.append(call)
        self.asked.append(Question(call, workspace_id, kind, ids))

    def _collected(self, workspace_id: WorkspaceId, kind: type[E]) -> Sequence[Stored]:
        return tuple(self._documents.get((workspace_id, kind.collection), {}).values())


def _about(write: Write) -> Question:
    call = type(write).__name__.lower()
    if isinstance(write, ReplaceWorkspace):
        return Question(call, write.workspace.id, Workspace, (write.workspace.id,))
    if isinstance(write, Add):
        return Question(call, write.workspace_id, None, (write.collection, write.id))
    return Question(call, write.entity.workspace_id, type(write.entity), (write.entity.id,))


def _key(entity: Entity) -> Place:
    return (entity.workspace_id, entity.collection, entity.id)


def _place(entity: Entity, newest_by: str | None) -> tuple[bool, Any, str]:
    """Where it stands in a list: by that field and then by id, or by id alone. Like Firestore's, null comes before everything."""
    found = getattr(entity, newest_by) if newest_by else ""
    return (found is not None, found or "", entity.id)


def _within(at: datetime, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or since <= at) and (until is None or at < until)


def _cosine(one: Sequence[float], other: Sequence[float]) -> float:
    lengths = math.hypot(*one) * math.hypot(*other)
    return math.fsum(left * right for left, right in zip(one, other, strict=True)) / lengths if lengths else 0.0


def _typed(kind: type[E], entity: Entity) -> E:
    assert isinstance(entity, kind)
    return entity
