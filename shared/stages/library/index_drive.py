"""Index: follows Drive and keeps the searchable text of what is allowed. A chore of every workspace, called by the index-drive queue.

A file is out of use as soon as Drive no longer allows it, and in use only once all its chunks are there.
"""

from datetime import datetime, timedelta

from shared.domain.assets import INDEX_ID, DriveIndex
from shared.domain.ids import TraceId, WorkspaceId, derived_id
from shared.domain.indexing import terms_of
from shared.domain.lease import claimed
from shared.domain.outbox import Channel, Outgoing, Queue
from shared.domain.work import Work
from shared.ports.bus import Outbox
from shared.ports.clock import Clock
from shared.ports.errors import Busy, Conflict, Permanent, SalesAgentError
from shared.ports.files import FilesOf, ListAgain
from shared.ports.model import Embedder
from shared.ports.store import Create, Replace, Snapshot, Store, Write
from shared.stages.library.shelving import Shelves

LIST_EVERY = timedelta(hours=24)
"""Changes do not tell everything (what somebody else's folder does above ours): a full list repairs what they left out."""
WORK_FOR = timedelta(seconds=40)
"""Shorter than the function may run; a lease is longer."""
MOST_PAGES = 20


def index_drive(work: Work, *, store: Store, outbox: Outbox, clock: Clock, files: FilesOf, embedder: Embedder) -> None:
    """One portion of the work; what is left is owed as the next task. Two never work on one workspace at a time."""
    workspace = store.workspace(workspace_id=work.workspace_id)
    held = _HeldIndex(_claim(work, store=store, clock=clock), store=store)
    shelves = Shelves(workspace, store=store, files=files, embedder=embedder, generation=held.fence)
    trouble, finished = "", True
    try:
        _follow(held, shelves, clock=clock)
        finished = shelves.work_off(until=clock.now() + WORK_FOR, clock=clock)
    except Permanent as error:  # consent or the allow-list must be mended first: the next chore looks again
        trouble = error.detail
    except SalesAgentError:
        held.give_back(clock.now())
        raise
    owed = [] if finished else [_next_task(work, held.fence, at=clock.now())]
    held.close(at=clock.now(), trouble=trouble, owed=owed)
    outbox.flush(entries=owed)


class _HeldIndex:
    """The index document while it is ours; every change is a compare-and-set."""

    def __init__(self, seen: Snapshot[DriveIndex], *, store: Store) -> None:
        self._seen, self._store = seen, store

    @property
    def now(self) -> DriveIndex:
        return self._seen.entity

    @property
    def fence(self) -> int:
        return self.now.lease.fence if self.now.lease else 0

    def change(self, *others: Write, **changes: object) -> None:
        changed = self.now.model_copy(update=changes)
        try:
            self._store.commit(Replace(self._seen, changed), *others)
        except Conflict:
            raise Busy("another delivery has taken over the index of this Drive") from None
        self._seen = _written(changed, store=self._store)

    def close(self, *, at: datetime, trouble: str, owed: list[Outgoing]) -> None:
        done = {} if owed or trouble else {"complete_at": at}
        told = trouble or _missing(self.now)
        self.change(*(Create(one) for one in owed), lease=self._ended(at), trouble=told, trouble_at=at if told else None, **done)

    def give_back(self, at: datetime) -> None:
        try:
            self._store.commit(Replace(self._seen, self.now.model_copy(update={"lease": self._ended(at)})))
        except SalesAgentError:
            return  # the lease ends by itself

    def _ended(self, at: datetime) -> object:
        """Not forgotten: its fence numbers the generations of chunks."""
        return self.now.lease.model_copy(update={"until": at}) if self.now.lease else None


def _claim(work: Work, *, store: Store, clock: Clock) -> Snapshot[DriveIndex]:
    seen = store.get(DriveIndex, workspace_id=work.workspace_id, id=INDEX_ID)
    lease = claimed(seen.entity.lease if seen else None, holder=work.id, now=clock.now())
    if lease is None:
        raise Busy("another delivery is indexing this Drive")
    index = seen.entity if seen else DriveIndex(id=INDEX_ID, workspace_id=work.workspace_id)
    index = index.model_copy(update={"lease": lease})
    try:
        store.commit(Replace(seen, index) if seen else Create(index))
    except Conflict:
        raise Busy("another delivery has just begun to index this Drive") from None
    return _written(index, store=store)


def _written(index: DriveIndex, *, store: Store) -> Snapshot[DriveIndex]:
    seen = store.get(DriveIndex, workspace_id=index.workspace_id, id=index.id)
    if seen is None or seen.entity != index:
        raise Busy("another delivery has taken over the index of this Drive")
    return seen


def _follow(held: _HeldIndex, shelves: Shelves, *, clock: Clock) -> None:
    """Every asset is told what became of its file; the cursor moves only after that."""
    index, now = held.now, clock.now()
    terms = terms_of(shelves.workspace.drive, embedder=shelves.embedder)
    listed = index.cursor and index.listed_at is not None and now - index.listed_at < LIST_EVERY
    if not listed or index.terms != terms or not _followed(held, shelves):
        listing = shelves.list_everything()
        found = {"cursor": listing.cursor, "folders": listing.folders, "missing": listing.missing}
        held.change(terms=terms, embedder=shelves.embedder, listed_at=now, **found)


def _followed(held: _HeldIndex, shelves: Shelves) -> bool:
    """False when changes alone cannot tell."""
    for _ in range(MOST_PAGES):
        try:
            changes = shelves.follow(cursor=held.now.cursor, folders=held.now.folders)
        except ListAgain:
            return False
        if changes.cursor != held.now.cursor:
            held.change(cursor=changes.cursor)
        if not changes.more:
            return True
    return False


def _missing(index: DriveIndex) -> str:
    return f"Drive has no folder {', '.join(index.missing)} for us: was it removed, or never shared?" if index.missing else ""


def _next_task(work: Work, fence: int, *, at: datetime) -> Outgoing:
    workspace_id: WorkspaceId = work.workspace_id
    return Outgoing(
        id=f"{workspace_id}-{Queue.INDEX_DRIVE.value}-after-{fence}",
        workspace_id=workspace_id,
        channel=Channel.TASK,
        destination=Queue.INDEX_DRIVE.value,
        payload={"workspace_id": workspace_id, "id": work.id},
        trace_id=TraceId(derived_id("chore", workspace_id, Queue.INDEX_DRIVE.value, work.id)),
        created_at=at,
    )
