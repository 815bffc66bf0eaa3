"""The small index of a workspace's Drive: reads what changed, forgets what left, at most every quarter of an hour."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from shared.agents.asset_hunter.chunks import chunks_of
from shared.agents.asset_hunter.kinds import kind_of, may_be_shared
from shared.domain.assets import INDEX_ID, Asset, AssetChunk, AssetIndex, FileEntry
from shared.domain.ids import WorkspaceId, derived_id
from shared.domain.workspace import DriveAccess, Workspace
from shared.ports.clock import Clock
from shared.ports.errors import Permanent, ReconnectNeeded, Transient
from shared.ports.files import Files, FilesOf
from shared.ports.model import Embedder
from shared.ports.store import Put, Remove, Store

FRESH = timedelta(minutes=15)
READ_AT_ONCE = 25
"""Files read in one refresh: the run that triggers it must not wait for a whole Drive."""
PAGE = 20
"""Assets per read: with their vectors they are large documents."""
LONGEST_ASSET = 40
"""Chunks per document: with 1536 dimensions a longer one would not fit into one Firestore document (1 MiB)."""


class DriveIndex:
    def __init__(self, *, files: FilesOf, store: Store, embedder: Embedder, clock: Clock) -> None:
        self._files, self._store, self._embedder, self._clock = files, store, embedder, clock
        self._held: tuple[AssetIndex, Sequence[Asset]] | None = None

    def assets(self, *, workspace: Workspace) -> Sequence[Asset]:
        """Everything indexed. While Drive is away, an index made under the same terms still serves."""
        seen = self._store.get(AssetIndex, workspace_id=workspace.id, id=INDEX_ID)
        index = seen.entity if seen and self._usable(seen.entity, workspace) else None
        if index and index.complete and self._clock.now() - index.refreshed_at < FRESH:
            return self._indexed(index)
        try:
            return self._refreshed(workspace, seen.entity if seen else None)
        except Transient:
            if index is None:
                raise
            return self._indexed(index)

    def _usable(self, index: AssetIndex, workspace: Workspace) -> bool:
        return index.scope == _scope(workspace.drive) and index.embedder == self._embedder.version

    def _indexed(self, index: AssetIndex) -> Sequence[Asset]:
        """Read once per refresh and process. Vectors of another embedder, just being written elsewhere, are left out."""
        held = self._held  # looked at once: another thread may put another workspace's there
        if held and held[0] == index:
            return held[1]
        found = self._store.get_many(Asset, workspace_id=index.workspace_id, ids=tuple(index.files)) if index.files else {}
        assets = tuple(one.entity for one in found.values() if one.entity.embedder == self._embedder.version)
        self._held = index, assets
        return assets

    def _refreshed(self, workspace: Workspace, last: AssetIndex | None) -> Sequence[Asset]:
        drive = self._files(workspace)
        listed = {one.id: one for one in drive.allowed()}
        stored = {one.id: one for one in self._all_stored(workspace.id)}
        waiting = [one for one in listed.values() if not self._read_already(one, stored.get(one.id), last)]
        waiting.sort(key=lambda one: (one.modified_at, one.id), reverse=True)
        read = {one.id: self._index_file(workspace, drive, one) for one in waiting[:READ_AT_ONCE]}
        later = {one.id for one in waiting[READ_AT_ONCE:]}
        kept = {
            one.id: self._relabelled(workspace, one, stored[one.id])
            for one in listed.values()
            if one.id in stored and one.id not in read and one.id not in later
        }
        files = {one.id: one.modified_at for one in listed.values() if one.id not in later}
        self._remember(workspace, files, gone=[asset for one, asset in stored.items() if one not in listed], complete=not later)
        return tuple(asset for asset in {**kept, **read}.values() if asset)

    def _all_stored(self, workspace_id: WorkspaceId) -> Iterator[Asset]:
        last = ""
        while page := self._store.list(Asset, workspace_id=workspace_id, limit=PAGE, after=last):
            yield from (snapshot.entity for snapshot in page)
            last = page[-1].entity.id

    def _read_already(self, entry: FileEntry, asset: Asset | None, last: AssetIndex | None) -> bool:
        if asset:
            return asset.modified_at == entry.modified_at and asset.embedder == self._embedder.version
        return last is not None and last.files.get(entry.id) == entry.modified_at  # it had no text

    def _index_file(self, workspace: Workspace, drive: Files, entry: FileEntry) -> Asset | None:
        """The file as an asset, stored at once so that an interrupted refresh goes on from here; None when it has no text."""
        texts = chunks_of(_text(drive, entry))[:LONGEST_ASSET]
        asset = _labelled(workspace, entry, embedder=self._embedder.version, chunks=())
        if not texts:
            self._store.commit(Remove(asset))
            return None
        vectors = self._embedder.embed(texts=texts)
        chunks = tuple(AssetChunk(text=text, vector=tuple(vector)) for text, vector in zip(texts, vectors, strict=True))
        asset = asset.model_copy(update={"chunks": chunks})
        self._store.commit(Put(asset))
        return asset

    def _relabelled(self, workspace: Workspace, entry: FileEntry, asset: Asset) -> Asset:
        """Renamed, moved, or now (not) shareable: stored anew without reading the file again."""
        now = _labelled(workspace, entry, embedder=asset.embedder, chunks=asset.chunks)
        if now != asset:
            self._store.commit(Put(now))
        return now

    def _remember(self, workspace: Workspace, files: dict[str, datetime], *, gone: Sequence[Asset], complete: bool) -> None:
        index = AssetIndex(
            id=INDEX_ID,
            workspace_id=workspace.id,
            refreshed_at=self._clock.now(),
            scope=_scope(workspace.drive),
            embedder=self._embedder.version,
            files=files,
            complete=complete,
        )
        for start in range(0, len(gone), PAGE):
            self._store.commit(*(Remove(asset) for asset in gone[start : start + PAGE]))
        self._store.commit(Put(index))


def _labelled(workspace: Workspace, entry: FileEntry, *, embedder: str, chunks: tuple[AssetChunk, ...]) -> Asset:
    return Asset(
        id=entry.id,
        workspace_id=workspace.id,
        name=entry.name,
        kind=kind_of(entry),
        url=entry.url,
        shareable=may_be_shared(entry, workspace.drive),
        modified_at=entry.modified_at,
        embedder=embedder,
        chunks=chunks,
    )


def _text(drive: Files, entry: FileEntry) -> str:
    """A file that cannot be read (any more) has no text; it must not stop the others."""
    try:
        return drive.text(entry=entry)
    except ReconnectNeeded:
        raise
    except Permanent:
        return ""


def _scope(drive: DriveAccess) -> str:
    return derived_id("drive", drive.model_dump_json())
