"""Index: what Drive allows is read once, what changed is read again, what left is gone, and no file stops another."""

from datetime import timedelta
from typing import Any

import pytest

from shared.domain.assets import INDEX_ID, Asset, AssetChunk, AssetWork, DriveIndex
from shared.domain.outbox import Queue
from shared.domain.workspace import DriveAccess
from shared.ports.errors import Busy, NotFound, ReconnectNeeded, Transient
from shared.ports.files import Unreadable
from shared.ports.model import NoVectors
from shared.ports.store import Put
from shared.stages.library import shelving
from shared.stages.library.index_drive import LIST_EVERY, index_drive
from tests.builders import WORKSPACE, a_file, a_workspace, at
from tests.fakes.embedder import WordEmbedder
from tests.fakes.files import MemoryFiles
from tests.fakes.outbox import RecordingOutbox
from tests.unit.stages.world import StageWorld, work

LONG = "\n\n".join(f"Section {number} speaks of chairs and tables and lamps in hall {number}." for number in range(100))


class Shelf(StageWorld):
    """A workspace whose Drive holds two documents."""

    def __init__(self) -> None:
        super().__init__()
        self.files = MemoryFiles({a_file(id="one", name="One"): "First text.", a_file(id="two", name="Two"): LONG})
        self.embedder = WordEmbedder()

    def task(self, id: str = "period-1") -> None:
        index_drive(work(id), store=self.store, outbox=self.outbox, clock=self.clock, files=self.files.of, embedder=self.embedder)

    def next_chore(self) -> None:
        """Ten minutes later, until no further task is owed."""
        self.later(minutes=10)
        self.files.calls.clear()
        self.files.read.clear()
        known = -1
        while known != len(self.outbox.flushed):
            known = len(self.outbox.flushed)
            self.task()

    def asset(self, id: str) -> Asset | None:
        seen = self.store.get(Asset, workspace_id=WORKSPACE, id=id)
        return seen.entity if seen else None

    @property
    def index(self) -> DriveIndex:
        return self.one(DriveIndex)

    def texts(self, id: str) -> list[str]:
        """The chunks in use, in their order. There are no others."""
        asset = self.asset(id)
        chunks = sorted((one for one in self.store.everything(AssetChunk) if one.asset_id == id), key=lambda one: one.position)
        assert {one.generation for one in chunks} <= {asset.generation if asset else 0}
        return [one.text for one in chunks]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def test_the_first_task_reads_every_allowed_file(shelf: Shelf):
    shelf.task()
    assert shelf.texts("one") == ["First text."]
    assert len(shelf.texts("two")) == shelf.asset("two").chunks > 3
    assert all(len(text) <= 1000 and text in LONG for text in shelf.texts("two"))
    assert (shelf.asset("one").indexed_at, shelf.index.complete_at, shelf.index.trouble) == (at(), at(), "")


def test_chunks_say_where_they_stand_and_who_embedded_them(shelf: Shelf):
    shelf.task()
    chunks = [one for one in shelf.store.everything(AssetChunk) if one.asset_id == "two"]
    assert all(LONG[one.start :].startswith(one.text) and one.embedder == "words/1" and one.vector for one in chunks)


def test_while_nothing_changes_drive_is_asked_for_changes_alone(shelf: Shelf):
    shelf.task()
    shelf.next_chore()
    assert shelf.files.calls == ["changes"]


def test_only_what_changed_is_read_again(shelf: Shelf):
    shelf.task()
    shelf.files.put(a_file(id="one", name="One", modified_at=at()), "Second text.")
    shelf.next_chore()
    assert (shelf.files.read, shelf.texts("one")) == (["one"], ["Second text."])


def test_a_new_name_or_folder_is_told_without_reading(shelf: Shelf):
    shelf.task()
    shelf.files.put(a_file(id="one", name="Offer", folder="Proposals"), "First text.")
    shelf.next_chore()
    asset = shelf.asset("one")
    assert (asset.entry.name, asset.shareable, shelf.files.read) == ("Offer", False, [])


def test_what_left_is_gone_with_all_its_chunks(shelf: Shelf):
    shelf.task()
    shelf.files.drop("two")
    shelf.next_chore()
    assert (shelf.asset("two"), shelf.texts("two")) == (None, [])


def test_what_left_and_came_back_is_read_anew(shelf: Shelf, monkeypatch: pytest.MonkeyPatch):
    shelf.task()
    shelf.files.drop("two")
    monkeypatch.setattr(shelving, "FILES_AT_ONCE", 0)
    shelf.later(minutes=10)
    shelf.task()
    assert (shelf.asset("two").work, shelf.asset("two").generation) == (AssetWork.DROP, 0)
    monkeypatch.undo()
    shelf.files.put(a_file(id="two", name="Two"), LONG)
    shelf.next_chore()
    assert len(shelf.texts("two")) > 3


def test_a_lost_cursor_leads_to_a_full_list(shelf: Shelf):
    shelf.task()
    shelf.files.drop("two")
    shelf.files.lost = True
    shelf.next_chore()
    assert shelf.files.calls == ["changes", "listing"]
    assert shelf.asset("two") is None


def test_many_changes_are_followed_page_by_page(shelf: Shelf):
    shelf.task()
    for number in range(10):
        shelf.files.put(a_file(id=f"new-{number}"), f"Text {number}.")
    shelf.next_chore()
    assert shelf.files.calls.count("changes") == 4
    assert shelf.texts("new-9") == ["Text 9."]


def test_everything_is_listed_again_once_a_day(shelf: Shelf):
    shelf.task()
    del shelf.files.entries["two"]  # without a change that tells of it
    shelf.later(seconds=(LIST_EVERY - timedelta(minutes=10)).total_seconds())
    shelf.next_chore()
    assert shelf.asset("two") is None


@pytest.mark.parametrize(
    ("changed", "read"),
    [({"excluded": ("nothing",)}, []), ({"shareable_folders": ()}, [])],
)
def test_other_terms_mean_a_full_list_and_nothing_is_read_again(shelf: Shelf, changed: dict[str, Any], read: list[str]):
    shelf.task()
    drive = shelf.workspace.drive.model_copy(update=changed)
    shelf.store.save_workspace(workspace=shelf.workspace.model_copy(update={"drive": drive}))
    shelf.next_chore()
    assert (shelf.files.calls, shelf.files.read) == (["listing"], read)


def test_another_embedder_reads_everything_again(shelf: Shelf):
    shelf.task()
    shelf.embedder = WordEmbedder("words/2")
    shelf.next_chore()
    assert sorted(shelf.files.read) == ["one", "two"]
    assert {one.embedder for one in shelf.store.everything(AssetChunk)} == {"words/2"}
    assert shelf.index.embedder == "words/2"


def test_a_workspace_without_roots_asks_drive_nothing_and_keeps_nothing(shelf: Shelf):
    shelf.task()
    shelf.store.save_workspace(workspace=a_workspace(drive=DriveAccess()))
    shelf.next_chore()
    assert (shelf.files.calls, shelf.store.everything(Asset), shelf.store.everything(AssetChunk)) == ([], [], [])
    assert shelf.index.complete_at == shelf.clock.now()


@pytest.mark.parametrize("error", [Unreadable("the PDF is damaged"), NotFound("it is gone")])
def test_a_file_that_cannot_be_read_says_why_and_stops_no_other(shelf: Shelf, error: Unreadable):
    shelf.files.failures["one"] = error
    shelf.task()
    assert (shelf.asset("one").unreadable, shelf.asset("one").generation) == (error.detail, 0)
    assert len(shelf.texts("two")) > 3
    shelf.next_chore()
    assert shelf.files.read == []


def test_a_file_that_became_unreadable_loses_its_old_text(shelf: Shelf):
    shelf.task()
    shelf.files.put(a_file(id="one", modified_at=at()), "")
    shelf.files.failures["one"] = Unreadable("the PDF is protected by a password")
    shelf.next_chore()
    assert shelf.texts("one") == []
    shelf.files.failures.clear()
    shelf.files.put(a_file(id="one", modified_at=at(hours=1)), "Third text.")
    shelf.next_chore()
    assert (shelf.texts("one"), shelf.asset("one").unreadable) == (["Third text."], "")


def test_a_file_that_brings_the_function_down_is_not_read_for_ever(shelf: Shelf):
    class Killed(BaseException):
        """The process ends here."""

    shelf.files.failures["one"] = Killed()  # type: ignore[assignment]
    for _ in range(shelving.MOST_ATTEMPTS):
        with pytest.raises(Killed):
            shelf.task()
        shelf.later(minutes=10)
    shelf.files.read.clear()
    shelf.task()
    assert "never came to an end" in shelf.asset("one").unreadable
    assert shelf.files.read == ["two"]


def test_an_outage_is_not_the_files_fault(shelf: Shelf):
    shelf.files.failures["one"] = Transient("Drive is away")
    for _ in range(shelving.MOST_ATTEMPTS + 1):
        with pytest.raises(Transient):
            shelf.task()
    shelf.files.failures.clear()
    shelf.task()
    assert shelf.texts("one") == ["First text."]


@pytest.mark.parametrize("error", [Transient("Drive is away"), NoVectors("no vectors")])
def test_an_outage_ends_the_lease_and_comes_again(shelf: Shelf, error: Transient):
    shelf.files.away = error
    with pytest.raises(Transient):
        shelf.task()
    shelf.files.away = None
    shelf.task()
    assert shelf.index.complete_at == at()


def test_revoked_consent_is_told_and_the_index_still_serves(shelf: Shelf):
    shelf.task()
    shelf.files.away = ReconnectNeeded("consent was revoked")
    shelf.next_chore()
    assert (shelf.index.trouble, shelf.texts("one")) == ("consent was revoked", ["First text."])
    shelf.files.away = None
    shelf.next_chore()
    assert (shelf.index.trouble, shelf.index.complete_at) == ("", shelf.clock.now())


def test_a_root_that_is_not_there_is_told_until_it_is(shelf: Shelf):
    shelf.files.missing = ("root-9",)
    shelf.task()
    shelf.next_chore()
    assert "root-9" in shelf.index.trouble
    assert shelf.texts("one") == ["First text."]


def test_a_full_drive_is_worked_off_in_several_tasks(shelf: Shelf):
    for number in range(2 * shelving.FILES_AT_ONCE):
        shelf.files.put(a_file(id=f"new-{number:02}"), f"Text {number}.")
    shelf.task()
    assert len(shelf.files.read) == shelving.FILES_AT_ONCE
    [owed] = shelf.outbox.flushed
    assert (owed.destination, owed.payload) == (Queue.INDEX_DRIVE, {"workspace_id": WORKSPACE, "id": "period-1"})
    assert shelf.index.complete_at is None
    shelf.task()
    shelf.task()
    assert len({one.id for one in shelf.outbox.flushed}) == len(shelf.outbox.flushed) == 2
    assert (len(shelf.files.read), shelf.index.complete_at) == (2 * shelving.FILES_AT_ONCE + 2, at())


def test_a_task_that_takes_long_leaves_the_rest_to_the_next(shelf: Shelf):
    text, shelf.files.text = shelf.files.text, lambda *, entry: (shelf.later(seconds=30), text(entry=entry))[1]  # type: ignore[method-assign]
    for number in range(3):
        shelf.files.put(a_file(id=f"new-{number}"), f"Text {number}.")
    shelf.task()
    assert len(shelf.files.read) == 2
    assert shelf.outbox.destinations == [Queue.INDEX_DRIVE]


def test_two_tasks_never_work_at_once(shelf: Shelf):
    shelf.files.away = Transient("Drive is away")

    def meanwhile(**_: object) -> None:
        with pytest.raises(Busy):
            shelf.task("period-2")
        raise Transient("Drive is away")

    shelf.files.listing = meanwhile  # type: ignore[method-assign, assignment]
    with pytest.raises(Transient, match="away"):
        shelf.task()


def test_a_task_that_was_overtaken_writes_nothing_more(shelf: Shelf):
    """It was asleep for longer than its lease: another one has done the work meanwhile."""
    listing = shelf.files.listing

    def sleepy() -> Any:
        shelf.files.listing = listing  # type: ignore[method-assign]
        listed = listing()
        shelf.later(minutes=5)
        shelf.task("period-2")
        return listed

    shelf.files.listing = sleepy  # type: ignore[method-assign]
    with pytest.raises(Busy):
        shelf.task()
    assert shelf.index.lease.holder == "period-2"


def test_generations_grow_from_task_to_task(shelf: Shelf):
    shelf.task()
    first = shelf.asset("one").generation
    shelf.files.put(a_file(id="one", modified_at=at()), "Second text.")
    shelf.next_chore()
    assert shelf.asset("one").generation > first > 0


# Who may open it


def test_where_the_list_is_silent_drive_is_asked_who_may_open_the_file(shelf: Shelf):
    shelf.files.put(a_file(id="one", open_to=None), "First text.")
    shelf.files.told["one"] = ("anyone",)
    shelf.task()
    assert (shelf.asset("one").shareable, shelf.files.calls.count("open_to")) == (True, 1)


def test_only_files_of_shareable_folders_are_asked_about(shelf: Shelf):
    shelf.files.put(a_file(id="one", folder="Proposals", open_to=None), "First text.")
    shelf.task()
    assert "open_to" not in shelf.files.calls


def test_a_share_that_was_taken_back_counts_with_the_next_chore(shelf: Shelf):
    shelf.task()
    shelf.files.put(a_file(id="one", open_to=()), "First text.")
    shelf.next_chore()
    assert (shelf.asset("one").shareable, shelf.files.read) == (False, [])
    assert "named people only" in shelf.asset("one").share_reason


def test_a_silent_file_that_changed_is_asked_about_again_and_not_read(shelf: Shelf):
    shelf.files.put(a_file(id="one", open_to=None), "First text.")
    shelf.files.told["one"] = ("anyone",)
    shelf.task()
    shelf.files.told["one"] = ()
    shelf.files.put(a_file(id="one", open_to=None), "First text.")
    shelf.next_chore()
    assert (shelf.asset("one").shareable, shelf.files.read) == (False, [])


def test_an_index_left_by_a_dead_task_is_taken_over_when_its_lease_ends(shelf: Shelf):
    shelf.task()
    lease = shelf.index.lease.model_copy(update={"until": shelf.clock.now() + timedelta(seconds=60)})
    shelf.store.commit(Put(shelf.index.model_copy(update={"lease": lease})))
    with pytest.raises(Busy):
        shelf.task()
    shelf.later(seconds=60)
    shelf.task()
    assert shelf.index.id == INDEX_ID
    assert shelf.index.lease.fence == lease.fence + 1


def test_an_owed_task_that_could_not_be_published_stays_stored(shelf: Shelf):
    shelf.outbox = RecordingOutbox(shelf.store)
    shelf.outbox.dead = True
    for number in range(shelving.FILES_AT_ONCE):
        shelf.files.put(a_file(id=f"new-{number:02}"), f"Text {number}.")
    shelf.task()
    assert [one.destination for one in shelf.owed] == [Queue.INDEX_DRIVE]
