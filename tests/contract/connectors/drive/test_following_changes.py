"""What the connector makes of Drive's changes feed, and of who may open a file, against the emulator."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from emulators.drive.routes import DriveEmulator
from emulators.faults import Fault, Kind
from emulators.oauth2.routes import OAuth2Emulator
from shared.connectors.drive import client as calls
from shared.connectors.drive.adapter import DriveFiles
from shared.connectors.drive.client import DriveClient
from shared.domain.assets import DriveChanges, DriveListing, FileEntry
from shared.domain.workspace import DriveAccess
from shared.ports.errors import ReconnectNeeded, Transient
from shared.ports.files import ListAgain
from tests.contract.connectors.google_oauth.rig import MARIA, MONDAY, SuiteClock, connected

LEO = "leo@northwind.example"
ACCESS = DriveAccess(roots=("sales",), allowed_folders=("Proposals",), excluded=("Closed*",))
LINK = {"type": "anyone", "role": "reader"}


class Desk:
    """The emulator, what the connector sees of it, and its last listing."""

    def __init__(self, drive: DriveEmulator, client: DriveClient) -> None:
        self.drive, self.files = drive, DriveFiles(access=ACCESS, client=client)
        self.listing: DriveListing = self.files.listing()

    def changes(self) -> DriveChanges:
        return self.files.changes(cursor=self.listing.cursor, folders=self.listing.folders)

    def listed(self) -> dict[str, FileEntry]:
        return {one.id: one for one in self.files.listing().files}


@pytest.fixture
def desk() -> Iterator[Desk]:
    clock = SuiteClock(frozen_at=MONDAY)
    drive = DriveEmulator(clock, oauth2=OAuth2Emulator(clock))
    drive.account(MARIA)
    drive.folder("Sales", owner=MARIA, file_id="sales")
    drive.folder("Proposals", owner=MARIA, parent="sales", file_id="proposals")
    drive.folder("Private", owner=MARIA, parent="sales", file_id="private")
    drive.folder("Elsewhere", owner=MARIA, file_id="elsewhere")
    for id, parent in (("offer", "proposals"), ("diary", "private"), ("other", "elsewhere")):
        drive.file(id.title(), owner=MARIA, parent=parent, file_id=id, text="Words.")
    with connected(drive, source="drive", oauth2=drive.oauth2, clock=clock) as api:
        yield Desk(drive, DriveClient(api))


def told(changes: DriveChanges) -> tuple[list[str], list[str]]:
    return [one.name for one in changes.files], sorted(changes.gone)


def test_nothing_happened_is_an_empty_page(desk: Desk):
    assert (told(desk.changes()), desk.changes().more) == (([], []), False)


@pytest.mark.parametrize(
    ("id", "change", "expected"),
    [
        ("offer", {"text": "New words."}, (["Offer"], [])),
        ("offer", {"name": "Closed offer"}, ([], ["offer"])),
        ("offer", {"trashed": True}, ([], ["offer"])),
        ("offer", {"parents": ["private"]}, ([], ["offer"])),
        ("offer", {"parents": ["elsewhere"]}, ([], ["offer"])),
        ("diary", {"parents": ["proposals"]}, (["Diary"], [])),
        ("other", {"name": "Nobody's business"}, ([], ["other"])),
    ],
)
def test_a_file_that_changed_is_allowed_or_gone(desk: Desk, id: str, change: dict[str, Any], expected: tuple[list[str], list[str]]):
    desk.drive.change(id, **change)
    assert told(desk.changes()) == expected
    assert {one.id: one for one in desk.changes().files} == {one: entry for one, entry in desk.listed().items() if one == id}


def test_a_new_file_comes_as_the_list_would_show_it(desk: Desk):
    desk.drive.file("Brochure", owner=MARIA, parent="proposals", file_id="new", content=b"abc", mime_type="text/plain", permissions=[LINK])
    [entry] = desk.changes().files
    assert entry == desk.listed()["new"]
    assert (entry.open_to, entry.size, len(entry.fingerprint), entry.root, entry.folder) == (("anyone",), 3, 32, "sales", "Proposals")


def test_a_deleted_file_is_gone(desk: Desk):
    desk.drive.remove("offer")
    assert told(desk.changes()) == ([], ["offer"])


@pytest.mark.parametrize(
    ("id", "change"),
    [
        ("proposals", {"name": "Private too"}),
        ("proposals", {"trashed": True}),
        ("proposals", {"parents": ["elsewhere"]}),
        ("private", {"name": "Proposals 2026"}),
        ("elsewhere", {"parents": ["sales"]}),
        ("sales", {"name": "Sold"}),
        ("proposals", {"permissions": [LINK]}),
    ],
)
def test_a_folder_that_changed_means_listing_again(desk: Desk, id: str, change: dict[str, Any]):
    desk.drive.change(id, **change)
    with pytest.raises(ListAgain, match="folders"):
        desk.changes()


def test_a_root_that_comes_back_from_the_trash_means_listing_again(desk: Desk):
    desk.drive.change("sales", trashed=True)
    desk.listing = desk.files.listing()
    assert desk.listing.folders == ()
    desk.drive.change("sales", trashed=False)
    with pytest.raises(ListAgain, match="folders"):
        desk.changes()


def test_a_folder_that_is_none_of_ours_means_nothing(desk: Desk):
    desk.drive.change("elsewhere", name="Far away")
    assert desk.changes().files == ()


@pytest.mark.parametrize("status", [400, 404, 410])
def test_a_token_drive_no_longer_knows_means_listing_again(desk: Desk, status: int):
    desk.drive.faults.add(Fault("drive.changes.list", Kind.STATUS, status))
    with pytest.raises(ListAgain, match="what has changed"):
        desk.changes()


@pytest.mark.parametrize(("status", "error"), [(503, Transient), (401, ReconnectNeeded)])
def test_an_outage_and_revoked_consent_stay_what_they_are(desk: Desk, status: int, error: type[Exception]):
    desk.drive.faults.add(Fault("drive.changes.list", Kind.STATUS, status))
    with pytest.raises(error):
        desk.changes()


def test_changes_are_followed_from_page_to_page(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(calls, "LARGEST_PAGE", 2)
    for number in range(5):
        desk.drive.file(f"File {number}", owner=MARIA, parent="proposals", file_id=f"f{number}")
    names, cursor, more = list[str](), desk.listing.cursor, True
    while more:
        page = desk.files.changes(cursor=cursor, folders=desk.listing.folders)
        names, cursor, more = [*names, *(one.name for one in page.files)], page.cursor, page.more
    assert names == [f"File {number}" for number in range(5)]
    assert desk.files.changes(cursor=cursor, folders=desk.listing.folders).files == ()


def test_what_happens_during_the_first_look_is_told_afterwards(desk: Desk):
    """The cursor was taken before it."""
    children, seen = desk.files._client.children, list[str]()

    def slow(folder_ids: Sequence[str]) -> Any:
        found = list(children(folder_ids))
        if "proposals" in folder_ids:
            desk.drive.file("Late", owner=MARIA, parent="proposals", file_id="late")
        seen.extend(folder_ids)
        return iter(found)

    desk.files._client.children = slow  # type: ignore[method-assign]
    desk.listing = desk.files.listing()
    assert "late" not in {one.id for one in desk.listing.files}
    assert [one.id for one in desk.changes().files] == ["late"]


# Who may open it


@pytest.mark.parametrize(
    ("permissions", "expected"),
    [
        ([], ()),
        ([{"type": "user", "role": "reader", "emailAddress": LEO}], ()),
        ([LINK], ("anyone",)),
        ([{"type": "domain", "role": "reader", "domain": "Northwind.example"}, LINK], ("anyone", "northwind.example")),
    ],
)
def test_the_list_says_who_may_open_our_own_files(desk: Desk, permissions: list[dict[str, str]], expected: tuple[str, ...]):
    desk.drive.change("offer", permissions=permissions)
    assert desk.listed()["offer"].open_to == expected


def test_a_share_of_the_folder_counts_for_its_files(desk: Desk):
    desk.drive.change("proposals", permissions=[LINK])
    assert desk.listed()["offer"].open_to == ("anyone",)


def test_of_a_shared_drive_the_list_says_nothing_and_drive_is_asked(desk: Desk):
    desk.drive.drive("team", "Team", members={MARIA: "writer"})
    desk.drive.folder("Proposals", owner=LEO, parent="team", file_id="teams")
    desk.drive.file("Joint", owner=LEO, parent="teams", file_id="joint", permissions=[LINK])
    files = DriveFiles(access=DriveAccess(roots=("teams",)), client=desk.files._client)
    [entry] = files.listing().files
    assert (entry.open_to, files.open_to(entry=entry)) == (None, ("anyone",))


def test_a_change_in_a_shared_drive_is_told(desk: Desk):
    desk.drive.drive("team", "Team", members={MARIA: "writer"})
    desk.drive.folder("Proposals", owner=LEO, parent="team", file_id="teams")
    desk.files = DriveFiles(access=DriveAccess(roots=("teams",)), client=desk.files._client)
    desk.listing = desk.files.listing()
    desk.drive.file("Joint", owner=LEO, parent="teams", file_id="joint")
    assert told(desk.changes()) == (["Joint"], [])


def test_who_may_only_read_a_file_is_not_told_who_else_may(desk: Desk):
    desk.drive.account(LEO)
    grant = {"type": "user", "role": "reader", "emailAddress": MARIA}
    desk.drive.folder("Leo's", owner=LEO, file_id="leos", permissions=[grant])
    desk.drive.file("Lent", owner=LEO, parent="leos", file_id="lent")
    files = DriveFiles(access=DriveAccess(roots=("leos",)), client=desk.files._client)
    [entry] = files.listing().files
    assert (entry.open_to, files.open_to(entry=entry)) == (None, ())
