"""The Store port on Firestore: one round trip a read, one atomic commit of preconditions a write."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol, TypeVar

from google.api_core import exceptions as google_errors
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter
from google.cloud.firestore_v1.base_vector_query import DistanceMeasure
from google.cloud.firestore_v1.vector import Vector

from shared.domain.entity import Entity, Route, Value
from shared.domain.ids import WorkspaceId
from shared.domain.outbox import Outgoing
from shared.domain.workspace import Workspace
from shared.gcp.documents import from_document, to_document
from shared.gcp.recent import RecentReadings
from shared.ports.clock import Clock, Ids
from shared.ports.errors import Conflict, NotFound, Permanent, Transient
from shared.ports.store import Add, Create, Key, Near, Put, Remove, Replace, ReplaceWorkspace, Snapshot, Write
from shared.resilience.backoff import REPEATS, repeated

E = TypeVar("E", bound=Entity)
V = TypeVar("V", bound=Value)
R = TypeVar("R", bound=Route)
T = TypeVar("T")

TIMEOUT_S = 10.0
DISTANCE = "vector_distance"
"""Where Firestore puts the distance of what it found; one name in no entity."""


class FirestoreSettings(Protocol):
    @property
    def google_cloud_project(self) -> str: ...
    @property
    def firestore_emulator_host(self) -> str: ...


class FirestoreStore:
    """Documents live at `workspaces/{workspace_id}/{collection}/{id}`, routes at `{collection}/{id}`."""

    def __init__(self, *, settings: FirestoreSettings, clock: Clock, ids: Ids) -> None:
        self._clock, self._ids, self._recent = clock, ids, RecentReadings(clock)
        # The client itself reads FIRESTORE_EMULATOR_HOST; without real credentials it must not look for any.
        credentials = AnonymousCredentials() if settings.firestore_emulator_host else None  # type: ignore[no-untyped-call]
        self._client = firestore.Client(project=settings.google_cloud_project, credentials=credentials)

    def get(self, kind: type[E], *, workspace_id: WorkspaceId, id: str) -> Snapshot[E] | None:
        reference = self._at(workspace_id, kind.collection, id)

        def read() -> Snapshot[E] | None:
            found = self._read(reference)
            return _snapshot(kind, found) if found.exists else None

        return self._recent.recall(reference.path, good_for=kind.good_for, read=read)

    def get_many(self, kind: type[E], *, workspace_id: WorkspaceId, ids: Sequence[str]) -> Mapping[str, Snapshot[E]]:
        references = [self._at(workspace_id, kind.collection, one) for one in dict.fromkeys(ids)]
        found = self._asked(lambda: list(self._client.get_all(references, retry=None, timeout=TIMEOUT_S))) if references else []
        return {one.id: _snapshot(kind, one) for one in found if one.exists}

    def read(self, *keys: Key) -> Sequence[Snapshot[Any] | None]:
        references = [self._named(key) for key in keys]
        found = self._asked(lambda: list(self._client.get_all(references, retry=None, timeout=TIMEOUT_S)))
        by_path = {one.reference.path: one for one in found if one.exists}
        read = [(key, by_path.get(reference.path)) for key, reference in zip(keys, references, strict=True)]
        return [_snapshot(key.kind, one) if one else None for key, one in read]

    def commit(self, *writes: Write) -> Sequence[object]:
        """A repeated commit that had its effect the first time ends as a Conflict; counters without a Create would count twice."""

        def once() -> Sequence[object]:
            batch = self._client.batch()
            for write in writes:
                self._add(batch, write)
            return [one.update_time for one in batch.commit(retry=None, timeout=TIMEOUT_S)]

        try:
            return self._asked(once, repeatable=_harmless_twice(writes))
        finally:
            for write in writes:
                if not isinstance(write, Add | ReplaceWorkspace):
                    self._recent.forget(self._at(write.entity.workspace_id, write.entity.collection, write.entity.id).path)

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
        query: Any = self._collection(workspace_id, kind.collection)
        for name, value in (where or {}).items():
            query = query.where(filter=FieldFilter(name, "==", value))
        if newest_by:
            query = _within(query, newest_by, since, until).order_by(newest_by, direction=firestore.Query.DESCENDING)
        cursor = self._read(self._at(workspace_id, kind.collection, after)) if after else None
        if cursor is not None and cursor.exists:
            query = (query if newest_by else query.order_by("__name__")).start_after(cursor)
        return [_snapshot(kind, one) for one in self._found(query.limit(limit))]

    def nearest(
        self, kind: type[E], *, workspace_id: WorkspaceId, field: str, vector: Sequence[float], limit: int, where: Mapping[str, object]
    ) -> Sequence[Near[E]]:
        """The vectors stay there: reading forty of them would take longer than the search."""
        query: Any = self._collection(workspace_id, kind.collection)
        for name, value in where.items():
            query = query.where(filter=FieldFilter(name, "==", value))
        shown = [name for name in kind.model_fields if name != field]
        found = query.select([*shown, DISTANCE]).find_nearest(
            vector_field=field,
            query_vector=Vector(vector),
            distance_measure=DistanceMeasure.COSINE,
            limit=limit,
            distance_result_field=DISTANCE,
        )
        return [_near(kind, one.to_dict() or {}) for one in self._found(found)]

    def overdue_outbox(self, *, before: datetime, limit: int = 100) -> Sequence[Snapshot[Outgoing]]:
        entries = self._client.collection_group(Outgoing.collection)
        query = entries.where(filter=FieldFilter("created_at", "<", before)).order_by("created_at").limit(limit)
        return [_snapshot(Outgoing, one) for one in self._found(query)]

    def counter(self, *, workspace_id: WorkspaceId, collection: str, id: str) -> Mapping[str, float]:
        found = self._read(self._at(workspace_id, collection, id))
        return dict(found.to_dict() or {}) if found.exists else {}

    def workspace(self, *, workspace_id: WorkspaceId) -> Workspace:
        found = self._read(self._client.collection(Workspace.collection).document(workspace_id))
        if not found.exists:
            raise NotFound(f"workspace {workspace_id} does not exist", source="firestore")
        return from_document(Workspace, found.to_dict() or {})

    def workspaces(self) -> Sequence[Workspace]:
        return [from_document(Workspace, one.to_dict() or {}) for one in self._found(self._client.collection(Workspace.collection))]

    def save_workspace(self, *, workspace: Workspace) -> None:
        reference = self._client.collection(Workspace.collection).document(workspace.id)
        self._asked(lambda: reference.set(to_document(workspace), retry=None, timeout=TIMEOUT_S))

    def route(self, kind: type[R], *, id: str) -> R | None:
        reference = self._client.collection(kind.collection).document(id)

        def read() -> R | None:
            found = self._read(reference)
            return from_document(kind, found.to_dict() or {}) if found.exists else None

        return self._recent.recall(reference.path, good_for=kind.good_for, read=read)

    def add_route(self, *, route: Route) -> None:
        reference = self._client.collection(route.collection).document(route.id)
        self._asked(lambda: reference.create(to_document(route), retry=None, timeout=TIMEOUT_S))

    def _read(self, reference: Any) -> Any:
        return self._asked(lambda: reference.get(retry=None, timeout=TIMEOUT_S))

    def _found(self, query: Any) -> Sequence[Any]:
        """A query that Firestore refuses lacks its index (infra/firestore.indexes.json): nobody lost a race."""

        def stream() -> list[Any]:
            try:
                return list(query.stream(retry=None, timeout=TIMEOUT_S))
            except google_errors.FailedPrecondition as error:
                raise Permanent("a query lacks its index", source="firestore", raw=str(error)) from None

        return self._asked(stream)

    def _asked(self, operation: Callable[[], T], *, repeatable: bool = True) -> T:
        """Google's own retries are off: they wait on the machine's clock, for minutes, inside one delivery."""

        def once() -> T:
            with _typed_errors():
                return operation()

        return repeated(once, clock=self._clock, ids=self._ids, repeats=REPEATS if repeatable else 0)

    def _add(self, batch: Any, write: Write) -> None:
        if isinstance(write, Add):
            amounts = {name: firestore.Increment(amount) for name, amount in write.amounts.items()}
            batch.set(self._at(write.workspace_id, write.collection, write.id), amounts, merge=True)
            return
        if isinstance(write, ReplaceWorkspace):
            unchanged = self._client.write_option(last_update_time=write.seen.version)
            batch.update(
                self._client.collection(Workspace.collection).document(write.workspace.id), to_document(write.workspace), unchanged
            )
            return
        entity = write.entity
        reference = self._at(entity.workspace_id, entity.collection, entity.id)
        if isinstance(write, Create):
            batch.create(reference, to_document(entity))
        elif isinstance(write, Replace):
            unchanged = self._client.write_option(last_update_time=write.seen.version)
            batch.update(reference, to_document(entity), option=unchanged)
        elif isinstance(write, Put):
            batch.set(reference, to_document(entity))
        elif isinstance(write, Remove):
            option = self._client.write_option(last_update_time=write.seen.version) if write.seen else None
            batch.delete(reference, option=option)

    def _named(self, key: Key) -> Any:
        if issubclass(key.kind, Workspace):
            return self._client.collection(Workspace.collection).document(key.id)
        return self._at(key.workspace_id, key.kind.collection, key.id)

    def _collection(self, workspace_id: WorkspaceId, collection: str) -> Any:
        return self._client.collection(Workspace.collection, workspace_id, collection)

    def _at(self, workspace_id: WorkspaceId, collection: str, id: str) -> Any:
        return self._collection(workspace_id, collection).document(id)


def _snapshot(kind: type[V], document: Any) -> Snapshot[V]:
    return Snapshot(from_document(kind, document.to_dict()), document.update_time)


def _within(query: Any, field: str, since: datetime | None, until: datetime | None) -> Any:
    for operator, moment in ((">=", since), ("<", until)):
        query = query.where(filter=FieldFilter(field, operator, moment)) if moment else query
    return query


def _near(kind: type[E], document: dict[str, Any]) -> Near[E]:
    return Near(from_document(kind, {name: value for name, value in document.items() if name != DISTANCE}), 1.0 - document[DISTANCE])


LOST_RACE = (google_errors.AlreadyExists, google_errors.FailedPrecondition, google_errors.NotFound)
COME_AGAIN = (
    google_errors.ServiceUnavailable,
    google_errors.DeadlineExceeded,
    google_errors.ResourceExhausted,
    google_errors.Aborted,
    google_errors.InternalServerError,
    google_errors.RetryError,
    google_errors.Unknown,
)


def _harmless_twice(writes: Sequence[Write]) -> bool:
    """A Create lets no second attempt through, and then nothing else of the commit either."""
    kinds = {type(write) for write in writes}
    return Add not in kinds or Create in kinds


@contextmanager
def _typed_errors() -> Iterator[None]:
    """A commit whose outcome is unknown is Transient: whoever repeats it finds its own writes as a Conflict."""
    try:
        yield
    except LOST_RACE as error:
        raise Conflict("the document has changed", source="firestore", raw=str(error)) from None
    except COME_AGAIN as error:
        raise Transient("Firestore is not available", source="firestore", raw=str(error)) from None
    except google_errors.GoogleAPICallError as error:
        raise Permanent(f"Firestore refuses: {type(error).__name__}", source="firestore", raw=str(error)) from None
