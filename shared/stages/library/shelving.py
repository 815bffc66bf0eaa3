"""The assets and chunks of one workspace while index_drive works on them: compared with Drive, read, tidied, dropped."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from shared.domain.assets import Asset, AssetChunk, AssetWork, DriveChanges, DriveFolder, DriveListing, FileEntry
from shared.domain.chunks import chunks_of
from shared.domain.entity import Entity
from shared.domain.indexing import compared, labelled, left, reading_of
from shared.domain.workspace import Workspace
from shared.ports.clock import Clock
from shared.ports.errors import Busy, Conflict, NotFound, SalesAgentError
from shared.ports.files import Files, FilesOf, Unreadable
from shared.ports.model import Embedder
from shared.ports.store import Create, Put, Remove, Replace, Snapshot, Store, Write

E = TypeVar("E", bound=Entity)

FILES_AT_ONCE = 25
"""Files worked on in one portion."""
PAGE = 100
"""Documents per read and per commit: with their vectors a hundred chunks are over a megabyte, and ten is Firestore's most."""
MOST_ATTEMPTS = 3
"""Readings that never came to an end: such a file brings the function down, and must not do so for ever."""
FIRST_TO_LAST = (AssetWork.DROP, AssetWork.TIDY, AssetWork.CHECK)


class Shelves:
    """`generation` marks the chunks written now; no other portion of work has the same."""

    def __init__(self, workspace: Workspace, *, store: Store, files: FilesOf, embedder: Embedder, generation: int) -> None:
        self.workspace, self.embedder = workspace, embedder.version
        self._store, self._files, self._embed, self._generation = store, files, embedder, generation

    @property
    def _drive(self) -> Files:
        return self._files(self.workspace)

    def list_everything(self) -> DriveListing:
        """Drive is not even opened for a workspace that allows nothing of it."""
        nothing = DriveListing(cursor="", folders=(), files=())
        listing = self._drive.listing() if self.workspace.drive.all_roots else nothing
        entries = {one.id: one for one in listing.files}
        stored = {one.entity.id: one for one in self._all(Asset)}
        self._commit(self._compared(stored.get(id), entry) for id, entry in entries.items())
        self._commit(self._left(one) for id, one in stored.items() if id not in entries)
        return listing

    def follow(self, *, cursor: str, folders: Sequence[DriveFolder]) -> DriveChanges:
        """One page of changes. Raises ListAgain."""
        changes = self._drive.changes(cursor=cursor, folders=folders)
        touched = [*(one.id for one in changes.files), *changes.gone]
        stored = self._stored(touched)
        self._commit(self._compared(stored.get(one.id), one) for one in changes.files)
        self._commit(self._left(stored[id]) for id in changes.gone if id in stored)
        return changes

    def work_off(self, *, until: datetime, clock: Clock) -> bool:
        """Whether all is done. What left goes first."""
        room = FILES_AT_ONCE
        for kind in FIRST_TO_LAST:
            for seen in self._store.list(Asset, workspace_id=self.workspace.id, where={"work": kind.value}, limit=room + 1):
                if room == 0 or clock.now() >= until:
                    return False
                room -= 1
                self._do(kind, seen, at=clock.now())
        return True

    def _do(self, kind: AssetWork, seen: Snapshot[Asset], *, at: datetime) -> None:
        if kind is AssetWork.CHECK:
            seen = self._checked(seen, at=at)
        if seen.entity.work is AssetWork.TIDY:
            self._drop_chunks(seen.entity, but=seen.entity.generation)
            self._replace(seen, seen.entity.model_copy(update={"work": AssetWork.NONE}))
        elif seen.entity.work is AssetWork.DROP:
            self._drop_chunks(seen.entity, but=0)
            self._commit([Remove(seen.entity, seen)])

    def _checked(self, seen: Snapshot[Asset], *, at: datetime) -> Snapshot[Asset]:
        """Asked about and read, as far as either is needed."""
        asset = self._asked(seen.entity) if seen.entity.ask else seen.entity
        if asset.read_as == reading_of(asset.entry, embedder=self.embedder):
            return self._replace(seen, asset.model_copy(update={"work": AssetWork.TIDY}))
        begun = self._replace(seen, asset.model_copy(update={"attempts": asset.attempts + 1}))
        try:
            return self._replace(begun, self._read(begun.entity, at=at))
        except SalesAgentError:
            self._replace(begun, asset)  # we are alive: whatever failed, it was not this file that brought us down
            raise

    def _asked(self, asset: Asset) -> Asset:
        entry = asset.entry.model_copy(update={"open_to": self._drive.open_to(entry=asset.entry)})
        return labelled(asset, entry, self.workspace.drive).model_copy(update={"ask": False})

    def _read(self, asset: Asset, *, at: datetime) -> Asset:
        """All chunks of the new generation are stored before the asset, which the caller writes, points at them."""
        read_as = reading_of(asset.entry, embedder=self.embedder)
        text, reason = self._text(asset)
        chunks = chunks_of(text)
        vectors = self._embed.embed(texts=[one.text for one in chunks]) if chunks else ()
        self._commit(
            Put(_chunk(asset, number, self._generation, start=one.start, text=one.text, embedder=self.embedder, vector=tuple(vector)))
            for number, (one, vector) in enumerate(zip(chunks, vectors, strict=True))
        )
        told = {"read_as": read_as, "unreadable": reason, "chunks": len(chunks), "generation": self._generation if chunks else 0}
        return asset.model_copy(update={"work": AssetWork.TIDY, "attempts": 0, "indexed_at": at, **told})

    def _text(self, asset: Asset) -> tuple[str, str]:
        """The text, or why there is none: a file that cannot be read must not stop the others."""
        if asset.attempts > MOST_ATTEMPTS:
            return "", f"reading it was begun {MOST_ATTEMPTS} times and never came to an end"
        try:
            return self._drive.text(entry=asset.entry), ""
        except (Unreadable, NotFound) as error:
            return "", error.detail

    def _drop_chunks(self, asset: Asset, *, but: int) -> None:
        """Every generation except that one."""
        chunks = self._all(AssetChunk, where={"asset_id": asset.id})
        self._commit(Remove(one.entity) for one in chunks if one.entity.generation != but)

    def _compared(self, known: Snapshot[Asset] | None, entry: FileEntry) -> Write | None:
        asset = compared(known.entity if known else None, entry, workspace=self.workspace, embedder=self.embedder)
        if known is None:
            return Create(asset)
        return Replace(known, asset) if asset != known.entity else None

    def _left(self, known: Snapshot[Asset]) -> Write | None:
        return Replace(known, left(known.entity)) if known.entity.work is not AssetWork.DROP else None

    def _stored(self, ids: Sequence[str]) -> dict[str, Snapshot[Asset]]:
        portions = (ids[start : start + PAGE] for start in range(0, len(ids), PAGE))
        found = (self._store.get_many(Asset, workspace_id=self.workspace.id, ids=some) for some in portions)
        return {id: one for some in found for id, one in some.items()}

    def _all(self, kind: type[E], *, where: Mapping[str, object] | None = None) -> Iterator[Snapshot[E]]:
        last = ""
        while page := self._store.list(kind, workspace_id=self.workspace.id, where=where, limit=PAGE, after=last):
            yield from page
            last = page[-1].entity.id

    def _commit(self, writes: Iterable[Write | None]) -> None:
        """A portion at a time: a crash in between leaves work to do, never a wrong answer."""
        wanted = [one for one in writes if one is not None]
        for start in range(0, len(wanted), PAGE):
            try:
                self._store.commit(*wanted[start : start + PAGE])
            except Conflict:
                raise Busy("another delivery is working on the same assets") from None

    def _replace(self, seen: Snapshot[Asset], asset: Asset) -> Snapshot[Asset]:
        if asset == seen.entity:
            return seen
        self._commit([Replace(seen, asset)])
        written = self._store.get(Asset, workspace_id=asset.workspace_id, id=asset.id)
        if written is None or written.entity != asset:
            raise Busy("another delivery is working on the same assets")
        return written


def _chunk(asset: Asset, position: int, generation: int, **written: Any) -> AssetChunk:
    id = f"{asset.id}.{generation}.{position}"
    return AssetChunk(id=id, workspace_id=asset.workspace_id, asset_id=asset.id, generation=generation, position=position, **written)
