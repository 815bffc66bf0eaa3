"""The index against a Drive in which anything happens and tasks die anywhere: once it has settled, it is what a new index would be."""

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from shared.connectors.drive.adapter import DriveFiles
from shared.connectors.drive.client import DriveClient
from shared.domain.assets import Asset, AssetChunk, AssetWork, DriveIndex
from shared.domain.workspace import DriveAccess
from shared.ports.files import Files
from shared.ports.store import Write
from shared.stages.library import shelving
from shared.stages.library.index_drive import index_drive
from tests.builders import WORKSPACE, a_workspace
from tests.fakes.clock import FixedClock
from tests.fakes.drive import MemoryDrive
from tests.fakes.embedder import WordEmbedder
from tests.fakes.outbox import RecordingOutbox
from tests.fakes.store import MemoryStore
from tests.unit.stages.world import work

ACCESS = DriveAccess(
    roots=("root",),
    allowed_folders=("CP Proposals", "Manifest"),
    excluded=("CP Closed*", "*secret*"),
    shareable_folders=("Manifest",),
    shareable_domains=("northwind.example",),
)
NAMES = st.sampled_from(["CP Proposals", "CP Closed 2025", "Manifest 2026", "Notes", "A secret", "Plan"])
TEXTS = st.sampled_from(["", "Badges for guests.", "Coffee. " * 200, "Chairs and tables. " * 80])
READERS = st.sets(st.sampled_from(["anyone", "northwind.example", "other.example"]), max_size=2)


class Died(BaseException):
    """The process ends here: no code of ours runs any more."""


class MortalStore(MemoryStore):
    """Commits `left` more times; then the process dies, before or after the commit that was too much."""

    def __init__(self) -> None:
        super().__init__()
        self.left: int | None = None
        self.after = False

    def commit(self, *writes: Write) -> None:
        if self.left == 0:
            if self.after:
                super().commit(*writes)
            raise Died
        self.left = None if self.left is None else self.left - 1
        super().commit(*writes)


def settled(store: MemoryStore, files: Files, embedder: WordEmbedder) -> None:
    """Tasks until none is owed, each long after the one before it."""
    clock, outbox = FixedClock(), RecordingOutbox(store)
    seen = store.get(DriveIndex, workspace_id=WORKSPACE, id="drive")
    if seen and seen.entity.lease:
        clock.at = max(clock.at, seen.entity.lease.until)
    known = -1
    while known != len(outbox.flushed):
        known = len(outbox.flushed)
        index_drive(work("chore"), store=store, outbox=outbox, clock=clock, files=lambda _: files, embedder=embedder)


def told(store: MemoryStore) -> dict[str, Any]:
    """All that can be found or shown of the index."""
    return {
        one.id: (
            one.entry.name,
            one.entry.folder,
            one.shareable,
            one.share_reason,
            one.unreadable,
            one.work,
            sorted((chunk.position, chunk.text, chunk.vector) for chunk in store.everything(AssetChunk) if chunk.asset_id == one.id),
        )
        for one in store.everything(Asset)
    }


class IndexMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.drive, self.store, self.embedder, self.count = MemoryDrive(), MortalStore(), WordEmbedder(), 0
        self.access = ACCESS
        for name in ("Manifest 2026", "CP Proposals", "Notes"):
            self.drive.add(name[:2], name, "root", folder=True)
        for id, parent in (("one", "Ma"), ("two", "CP"), ("three", "No")):
            self.drive.add(id, "Plan", parent, text="Badges for guests.", silent=id == "one", open={"anyone"})
        self._save()

    def _save(self) -> None:
        self.store.save_workspace(workspace=a_workspace(drive=self.access))

    @property
    def files(self) -> Files:
        client: DriveClient = self.drive  # type: ignore[assignment]
        return DriveFiles(access=self.access, client=client)

    def _any(self, data: st.DataObject, *, folder: bool) -> str:
        return data.draw(st.sampled_from(sorted(one.id for one in self.drive.items.values() if one.folder == folder)))

    @property
    def has_files(self) -> bool:
        return any(not one.folder for one in self.drive.items.values())

    @rule(data=st.data(), name=NAMES, text=TEXTS, silent=st.booleans(), readers=READERS)
    def create(self, data: st.DataObject, name: str, text: str, silent: bool, readers: set[str]) -> None:
        self.count += 1
        self.drive.add(f"d{self.count}", name, self._any(data, folder=True), text=text, silent=silent, open=set(readers))

    @rule(data=st.data(), name=NAMES, readers=READERS)
    def create_folder(self, data: st.DataObject, name: str, readers: set[str]) -> None:
        self.count += 1
        self.drive.add(f"f{self.count}", name, self._any(data, folder=True), folder=True, open=set(readers))

    @precondition(lambda self: self.has_files)
    @rule(data=st.data(), text=TEXTS)
    def edit(self, data: st.DataObject, text: str) -> None:
        self.drive.change(self._any(data, folder=False), text=text)

    @initialize()
    def first_chore(self) -> None:
        """Changes from here on are followed, not listed."""
        settled(self.store, self.files, self.embedder)

    @rule()
    def next_chore(self) -> None:
        settled(self.store, self.files, self.embedder)

    @rule(
        data=st.data(),
        folder=st.booleans(),
        change=st.sampled_from(["name", "open", "trashed", "parent", "gone"]),
        name=NAMES,
        to=READERS,
        alone=st.booleans(),
    )
    def happen(self, data: st.DataObject, folder: bool, change: str, name: str, to: set[str], alone: bool) -> None:
        """Renamed, shared or not, trashed or brought back, moved, deleted: a file, or a folder with all below it.

        `alone`: between two chores nothing else happens.
        """
        if alone:
            self.next_chore()
        if not folder and not self.has_files:
            return
        id = self._any(data, folder=folder)
        if change == "parent":
            places = [one.id for one in self.drive.items.values() if one.folder and one.id not in self.drive.below(id)]
            value: object = data.draw(st.sampled_from(sorted(places))) if places and id != "root" else self.drive.items[id].parent
        else:
            value = {"name": name, "open": set(to), "trashed": not self.drive.items[id].trashed, "gone": None}[change]
        if change == "gone":
            if id != "root":
                self.drive.delete(id)
        else:
            self.drive.change(id, **{change: value})
        if alone:
            self.settle()

    @rule(disturbance=st.sampled_from(["expired token", "other terms", "usual terms", "words/1", "words/2"]))
    def disturb(self, disturbance: str) -> None:
        """Each of these means that everything is listed, or read, anew."""
        if disturbance == "expired token":
            self.drive.expire()
        elif disturbance.endswith("terms"):
            self.access = ACCESS.model_copy(update={"excluded": (*ACCESS.excluded, "Plan")} if disturbance == "other terms" else {})
            self._save()
        else:
            self.embedder = WordEmbedder(disturbance)

    @rule(left=st.integers(0, 12), after=st.booleans())
    def die(self, left: int, after: bool) -> None:
        """A task whose process ends at any of its writes."""
        self.store.left, self.store.after = left, after
        try:
            settled(self.store, self.files, self.embedder)
        except Died:
            pass
        finally:
            self.store.left = None

    @rule()
    def settle(self) -> None:
        settled(self.store, self.files, self.embedder)
        fresh = MemoryStore()
        fresh.save_workspace(workspace=a_workspace(drive=self.access))
        settled(fresh, self.files, self.embedder)
        assert told(self.store) == told(fresh)
        assert {one.asset_id for one in self.store.everything(AssetChunk)} <= {one.id for one in self.store.everything(Asset)}
        assert all(one.work is AssetWork.NONE for one in self.store.everything(Asset))

    @invariant()
    def what_is_in_use_is_whole(self) -> None:
        """At no moment can a search find half a document, or a mixture of two readings of it."""
        for asset in self.store.everything(Asset):
            inside = [one for one in self.store.everything(AssetChunk) if (one.asset_id, one.generation) == (asset.id, asset.generation)]
            assert sorted(one.position for one in inside) == list(range(asset.chunks))
            assert len({one.embedder for one in inside}) <= 1

    def teardown(self) -> None:
        self.settle()


def test_whatever_happens_the_index_ends_as_a_new_one_would(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelving, "MOST_ATTEMPTS", 1000)  # here it is never the file that kills
    run_state_machine_as_test(IndexMachine, settings=settings(max_examples=150, stateful_step_count=30, deadline=None))
