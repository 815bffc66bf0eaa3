"""The index behind the asset hunter: reads what changed, forgets what left, asks Drive rarely."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import ClassVar

import pytest

from shared.agents.asset_hunter.index import FRESH, LONGEST_ASSET, READ_AT_ONCE, DriveIndex
from shared.domain.assets import INDEX_ID, Asset, AssetIndex
from shared.domain.workspace import DriveAccess, Workspace
from shared.ports.errors import Permanent, ReconnectNeeded, Transient
from shared.ports.store import Put
from tests.builders import MONDAY, WORKSPACE, a_file, a_workspace, at
from tests.fakes.clock import FixedClock
from tests.fakes.embedder import WordEmbedder
from tests.fakes.files import MemoryFiles
from tests.fakes.store import MemoryStore


@dataclass
class Desk:
    """A workspace's Drive and its index, with the clock in hand."""

    files: MemoryFiles = field(default_factory=lambda: MemoryFiles({a_file(id="one"): "First text.", a_file(id="two"): "Second text."}))
    store: MemoryStore = field(default_factory=MemoryStore)
    clock: FixedClock = field(default_factory=lambda: FixedClock(MONDAY))
    embedder: WordEmbedder = field(default_factory=WordEmbedder)
    workspace: Workspace = field(default_factory=a_workspace)

    def index(self) -> DriveIndex:
        return DriveIndex(files=self.files.of, store=self.store, embedder=self.embedder, clock=self.clock)

    def look(self) -> set[str]:
        """As a process that has just started."""
        index = self.index()
        return {one.id for one in index.assets(workspace=self.workspace)}

    def look_later(self) -> set[str]:
        self.clock.advance(FRESH)
        self.files.read.clear()
        return self.look()

    def stored(self, file_id: str) -> Asset | None:
        found = self.store.get(Asset, workspace_id=WORKSPACE, id=file_id)
        return found.entity if found else None


def test_the_first_look_reads_every_allowed_file():
    desk = Desk()
    assert desk.look() == {"one", "two"}
    assert sorted(desk.files.read) == ["one", "two"]


def test_within_a_quarter_of_an_hour_drive_is_not_asked_again():
    desk = Desk()
    desk.look()
    desk.clock.advance(FRESH - timedelta(seconds=1))
    assert desk.look() == {"one", "two"}
    assert desk.files.listed == 1


def test_a_process_reads_the_assets_once_per_refresh():
    desk = Desk()
    desk.look()
    index = desk.index()
    index.assets(workspace=desk.workspace)
    desk.store.trips.clear()
    assert {one.id for one in index.assets(workspace=desk.workspace)} == {"one", "two"}
    assert desk.store.trips == ["get"]


class Interrupted(AssetIndex):
    """An index during whose comparison another thread gets its turn."""

    meanwhile: ClassVar[list[Callable[[], object]]] = []

    def __eq__(self, other: object) -> bool:
        while self.meanwhile:
            self.meanwhile.pop()()
        return super().__eq__(other)


def test_a_workspace_never_sees_what_another_thread_reads_for_another_one():
    desk, theirs = Desk(), Desk(workspace=a_workspace(id="theirs"))
    theirs.store = desk.store
    desk.look(), theirs.look()
    for made in desk.store.everything(AssetIndex):
        desk.store.commit(Put(Interrupted(**dict(made))))
    index = desk.index()
    index.assets(workspace=desk.workspace)
    Interrupted.meanwhile.append(lambda: index.assets(workspace=theirs.workspace))
    assert {one.workspace_id for one in index.assets(workspace=desk.workspace)} == {WORKSPACE}


def test_a_process_notices_that_another_one_refreshed():
    desk = Desk()
    desk.look()
    index = desk.index()
    index.assets(workspace=desk.workspace)
    desk.files.drop("two")
    desk.look_later()
    assert {one.id for one in index.assets(workspace=desk.workspace)} == {"one"}


def test_later_only_changed_and_new_files_are_read():
    desk = Desk()
    desk.look()
    desk.files.put(a_file(id="one", modified_at=at(minutes=1)), "First text, revised.")
    desk.files.put(a_file(id="three"), "Third text.")
    assert desk.look_later() == {"one", "two", "three"}
    assert sorted(desk.files.read) == ["one", "three"]
    revised = desk.stored("one")
    assert revised is not None
    assert revised.chunks[0].text == "First text, revised."


def test_what_left_the_allow_list_is_forgotten_and_deleted():
    desk = Desk()
    desk.look()
    desk.files.drop("two")
    assert desk.look_later() == {"one"}
    assert desk.stored("two") is None


def test_a_changed_allow_list_does_not_wait_for_the_quarter_of_an_hour():
    desk = Desk()
    desk.look()
    desk.files.drop("two")
    desk.workspace = a_workspace(drive=DriveAccess(roots=("root-1",), allowed_folders=("Case Studies",)))
    assert desk.look() == {"one"}


def test_withdrawing_a_folder_from_sharing_withdraws_its_files_without_reading_them():
    desk = Desk()
    desk.look()
    desk.files.read.clear()
    desk.workspace = a_workspace(drive=DriveAccess(roots=("root-1",)))
    desk.look()
    withdrawn = desk.stored("one")
    assert withdrawn is not None
    assert not withdrawn.shareable
    assert desk.files.read == []


def test_another_embedder_reads_everything_again():
    desk = Desk()
    desk.look()
    desk.files.read.clear()
    desk.embedder = WordEmbedder("words/2")
    desk.look()
    assert sorted(desk.files.read) == ["one", "two"]


def test_vectors_of_another_embedder_are_left_alone_while_it_is_at_work():
    desk = Desk()
    desk.look()
    theirs = desk.stored("one")
    assert theirs is not None
    desk.store.commit(Put(theirs.model_copy(update={"embedder": "other/1"})))
    assert desk.look() == {"two"}


def test_a_file_without_text_is_not_read_again_and_again():
    desk = Desk(files=MemoryFiles({a_file(id="picture"): "", a_file(id="one"): "First text."}))
    assert desk.look() == {"one"}
    assert desk.look_later() == {"one"}
    assert desk.files.read == []


def test_a_file_that_lost_its_text_is_forgotten():
    desk = Desk()
    desk.look()
    desk.files.put(a_file(id="one", modified_at=at(minutes=1)), "")
    assert desk.look_later() == {"two"}
    assert desk.look() == {"two"}


def test_a_file_that_cannot_be_read_does_not_stop_the_others():
    desk = Desk()
    desk.files.failures["one"] = Permanent("too large to export")
    assert desk.look() == {"two"}


def test_dead_credentials_are_told():
    desk = Desk()
    desk.files.failures["one"] = ReconnectNeeded("consent was revoked")
    with pytest.raises(ReconnectNeeded):
        desk.look()


def test_while_drive_is_away_the_last_index_serves():
    desk = Desk()
    desk.look()
    desk.files.away = Transient("Drive is down")
    assert desk.look_later() == {"one", "two"}


def test_while_drive_is_away_an_index_made_under_other_terms_does_not_serve():
    desk = Desk()
    desk.look()
    desk.files.away = Transient("Drive is down")
    desk.workspace = a_workspace(drive=DriveAccess(roots=("root-2",)))
    with pytest.raises(Transient):
        desk.look()


def test_a_large_drive_is_read_in_portions_newest_first():
    texts = {a_file(id=f"f{number:02}", modified_at=at(days=-number)): f"Text {number}." for number in range(READ_AT_ONCE + 5)}
    desk = Desk(files=MemoryFiles(texts))
    assert len(desk.look()) == READ_AT_ONCE
    assert "f00" in desk.files.read
    desk.files.read.clear()
    assert len(desk.look()) == READ_AT_ONCE + 5
    assert sorted(desk.files.read) == [f"f{number:02}" for number in range(READ_AT_ONCE, READ_AT_ONCE + 5)]


def test_an_interrupted_first_look_goes_on_where_it_stopped():
    desk = Desk()
    desk.files.failures["one"] = Transient("Drive hiccup")  # read last: of equally old files the higher id comes first
    with pytest.raises(Transient):
        desk.look()
    desk.files.failures.clear()
    desk.files.read.clear()
    assert desk.look() == {"one", "two"}
    assert desk.files.read == ["one"]


def test_a_file_that_left_before_the_index_was_finished_leaves_nothing_behind():
    desk = Desk()
    desk.files.failures["one"] = Transient("Drive hiccup")
    with pytest.raises(Transient):
        desk.look()
    desk.files.failures.clear()
    desk.files.drop("two")
    desk.look()
    assert desk.stored("two") is None


def test_a_book_is_indexed_up_to_what_one_document_can_hold():
    desk = Desk(files=MemoryFiles({a_file(id="book"): "A sentence about events. " * 4000}))
    desk.look()
    book = desk.stored("book")
    assert book is not None
    assert len(book.chunks) == LONGEST_ASSET


def test_an_empty_drive_is_remembered_as_empty():
    desk = Desk(files=MemoryFiles())
    assert desk.look() == set()
    desk.look()
    assert desk.files.listed == 1
    assert desk.store.get(AssetIndex, workspace_id=WORKSPACE, id=INDEX_ID) is not None
