"""Documents as files: chosen by a person, the bytes they saw, and only while they may be shared; at every place where mail is made."""

from collections.abc import Callable
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from shared.domain.approval import ApprovalState
from shared.domain.assets import ANYONE, Asset, AssetKind, AssetWork, FileEntry
from shared.domain.draft import Attachment, DraftState
from shared.domain.sends import SendState
from shared.ports.errors import NotFound, Rejected, Transient
from shared.ports.files import Unreadable
from shared.stages.deciding.approving import NotApproved, approve, fingerprint_shown
from shared.stages.deciding.edit import edit
from shared.stages.deciding.enclosing import NotEnclosed
from tests.builders import MONDAY, WORKSPACE, a_draft_text
from tests.fakes.files import MemoryFiles
from tests.unit.stages.desk import MARIA, DeskWorld
from tests.unit.stages.wire import SendingWorld
from tests.unit.stages.world import StageWorld

ENTRY = FileEntry(
    id="file-1",
    name="Case study: logistics summit",
    mime_type="application/vnd.google-apps.document",
    folder="Case Studies",
    root="root-1",
    modified_at=MONDAY,
    open_to=(ANYONE,),
    url="https://docs.google.com/document/d/file-1",
)
LINK = Attachment(file_id=ENTRY.id, name=ENTRY.name, url=ENTRY.url)
TEXT = a_draft_text(attachments=(LINK,))


def shelve(world: StageWorld, files: MemoryFiles, entry: FileEntry = ENTRY, text: str = "The bytes") -> None:
    files.put(entry, text)
    world.put(Asset(id=entry.id, workspace_id=WORKSPACE, entry=entry, kind=AssetKind.CASE_STUDY, shareable=True, share_reason=""))


@pytest.fixture
def world() -> DeskWorld:
    world = DeskWorld(text=TEXT)
    shelve(world, world.files)
    return world


def attach(world: Any, *ids: str, draft_id: str = "draft-1", desk: Any = None, gate: Any = None) -> Any:
    draft = world.draft(draft_id)
    return edit(
        WORKSPACE,
        draft_id,
        subject=draft.text.subject,
        body=draft.text.body,
        revision=draft.revision,
        files=ids,
        actor=MARIA,
        trace_id="trace",
        desk=desk or world.desk,
        quality_gate=gate or world.gate,
        stationery=world.stationery,
    )


def test_a_document_is_attached_as_the_bytes_it_has_now_and_its_link_goes(world: DeskWorld):
    draft = attach(world, "file-1")
    [file] = draft.text.files
    assert (file.name, file.mime_type, file.size) == ("Case study logistics summit.pdf", "application/pdf", 9)
    assert (ENTRY.url in draft.text.body, draft.revision) == (False, 2)
    world.write()
    assert world.in_gmail.text.files == (file,)
    assert ENTRY.url in attach(world).text.body


def test_editing_the_words_alone_asks_drive_for_nothing(world: DeskWorld):
    attach(world, "file-1")
    world.files.calls.clear()
    world.say("Thank you, Ana.")
    assert (len(world.draft().text.files), world.files.calls) == (1, [])


def test_who_names_nothing_to_change_is_told_what_there_is(world: DeskWorld):
    with pytest.raises(Rejected, match="say what to change: subject, body, files"):
        edit(
            WORKSPACE,
            "draft-1",
            revision=1,
            actor=MARIA,
            trace_id="trace",
            desk=world.desk,
            quality_gate=world.gate,
            stationery=world.stationery,
        )


def test_what_is_approved_is_written_with_its_file(world: DeskWorld):
    attach(world, "file-1")
    world.approve()
    assert world.approval.raw == ""
    world.write()
    assert (world.approval.state, world.in_gmail.text.files) == (ApprovalState.USED, world.draft().text.files)


def changed(world: StageWorld, files: MemoryFiles) -> None:
    files.put(ENTRY, "Other bytes")


def closed(world: StageWorld, files: MemoryFiles) -> None:
    files.put(ENTRY.model_copy(update={"open_to": ()}), "The bytes")


def deleted(world: StageWorld, files: MemoryFiles) -> None:
    files.drop(ENTRY.id)


def dropped(world: StageWorld, files: MemoryFiles) -> None:
    world.put(world.one(Asset).model_copy(update={"work": AssetWork.DROP}))


def moved(world: StageWorld, files: MemoryFiles) -> None:
    world.put(world.one(Asset).model_copy(update={"entry": ENTRY.model_copy(update={"folder": "Northwind Proposals"})}))


def renamed(world: StageWorld, files: MemoryFiles) -> None:
    files.put(ENTRY.model_copy(update={"name": "Closed deal"}), "The bytes")


Change = Callable[[StageWorld, MemoryFiles], None]
FORBIDDEN = [
    (closed, "may not be shared now: in Drive it is open to named people only"),
    (deleted, "is not in Drive any more: take it out"),
    (dropped, "is no longer among the documents of this workspace"),
    (moved, "may not be shared now: the folder “Northwind Proposals”"),
    (renamed, "is no longer among the documents of this workspace"),
]
CHANGES = [(changed, "was changed in Drive since it was attached: edit the mail and save it"), *FORBIDDEN]


@pytest.mark.parametrize(("change", "told"), FORBIDDEN)
def test_what_may_not_be_shared_at_this_moment_is_not_attached(world: DeskWorld, change: Change, told: str):
    change(world, world.files)
    with pytest.raises(NotEnclosed) as refused:
        attach(world, "file-1")
    assert told in refused.value.detail
    assert world.draft().revision == 1


@pytest.mark.parametrize(("change", "told"), CHANGES)
def test_a_file_that_is_no_longer_what_was_seen_is_not_approved(world: DeskWorld, change: Change, told: str):
    attach(world, "file-1")
    change(world, world.files)
    with pytest.raises(NotApproved) as refused:
        world.approve()
    assert told in refused.value.detail


@pytest.mark.parametrize(("change", "told"), CHANGES)
def test_an_approved_mail_is_not_written_with_another_file(world: DeskWorld, change: Change, told: str):
    attach(world, "file-1")
    world.approve()
    change(world, world.files)
    world.write()
    assert (world.draft().state, world.approval.state) == (DraftState.PENDING, ApprovalState.WITHDRAWN)
    assert told in world.draft().state_reason
    assert "replace_draft" not in world.mailbox.calls


def test_saving_it_again_takes_the_file_of_now(world: DeskWorld):
    attach(world, "file-1")
    changed(world, world.files)
    attach(world, "file-1")
    assert (world.draft().revision, world.draft().text.files[0].size) == (3, 11)
    world.approve()


@pytest.mark.parametrize(
    ("entry", "text", "told"),
    [
        (ENTRY.model_copy(update={"mime_type": "application/x-msdownload"}), "MZ", "of a kind that is not sent as a file"),
        (ENTRY, "x" * 10_000_001, "the files have 10.0 MB together, and a mail takes 10"),
    ],
)
def test_strange_kinds_and_too_much_are_refused(world: DeskWorld, entry: FileEntry, text: str, told: str):
    shelve(world, world.files, entry, text)
    with pytest.raises(NotEnclosed, match=told):
        attach(world, "file-1")


def test_nothing_but_documents_found_for_this_mail_is_attached(world: DeskWorld):
    shelve(world, world.files, ENTRY.model_copy(update={"id": "file-9"}))
    with pytest.raises(NotEnclosed, match="documents found for this mail"):
        attach(world, "file-9")


def test_what_drive_will_not_give_stays_a_link_and_drive_being_away_is_said(world: DeskWorld):
    world.files.failures["file-1"] = Unreadable("the file is larger than 10 MB")
    with pytest.raises(NotEnclosed, match=r"cannot be attached \(the file is larger than 10 MB\): leave it a link"):
        attach(world, "file-1")
    world.files.away = Transient("Drive is away")
    with pytest.raises(Transient):
        attach(world, "file-1")


@pytest.fixture
def wire() -> SendingWorld:
    at = SendingWorld()
    at.placed(1, text=a_draft_text(subject="Draft 1", attachments=(LINK,)))
    shelve(at.world, at.files)
    at.sync()
    gate = DeskWorld().gate
    draft = at.draft(1)
    edit(
        WORKSPACE,
        draft.id,
        subject="Draft 1",
        body=draft.text.body,
        revision=1,
        files=["file-1"],
        actor=MARIA,
        trace_id="t",
        desk=at.desk(),
        quality_gate=gate,
        stationery=at.world.stationery,
    )
    shown = fingerprint_shown(at.draft(1), "Maria Costa")
    approve(WORKSPACE, draft.id, fingerprint=shown, actor=MARIA, trace_id="t", desk=at.desk())
    return at


def test_at_the_wire_the_file_leaves_as_it_was_approved(wire: SendingWorld):
    wire.left_by_itself(1)
    [left] = wire.mailbox.left
    [file] = message_from_bytes(left.raw, policy=default).iter_attachments()  # type: ignore[attr-defined]
    assert (file.get_filename(), file.get_content()) == ("Case study logistics summit.pdf", b"The bytes")
    assert wire.state(1) is SendState.SETTLED


@pytest.mark.parametrize(("change", "told"), CHANGES)
def test_at_the_wire_a_file_that_is_no_longer_what_was_approved_stops_it(wire: SendingWorld, change: Change, told: str):
    change(wire.world, wire.files)
    wire.left_by_itself(1)
    assert (wire.mailbox.left, wire.state(1), wire.draft(1).state) == ([], SendState.VOIDED, DraftState.PENDING)
    assert told in wire.send(1).reason


def test_at_the_wire_drive_being_away_is_waited_for(wire: SendingWorld):
    wire.files.away = Transient("Drive is away")
    wire.left_by_itself(1)
    assert (wire.mailbox.left, wire.state(1)) == ([], SendState.APPROVED)
    wire.files.away = None
    wire.later(minutes=30)
    wire.sync()
    wire.deliver(1)
    assert len(wire.mailbox.left) == 1


def test_another_composition_than_the_approved_one_never_leaves(wire: SendingWorld):
    wire.mailbox.sender_name = "Maria Costa-Lima"
    wire.left_by_itself(1)
    assert (wire.mailbox.left, wire.state(1)) == ([], SendState.VOIDED)


def test_a_missing_document_is_no_error_of_ours(world: DeskWorld):
    attach(world, "file-1")
    world.files.failures["file-1"] = NotFound("gone")
    with pytest.raises(NotApproved, match="is not in Drive any more"):
        world.approve()
