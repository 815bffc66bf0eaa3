"""The Files port over Drive, against the emulator; every call is held against the published description."""

from typing import Any

import pytest

from emulators.drive.pdf import of_text
from emulators.drive.routes import DriveEmulator
from emulators.drive.state import PRESENTATION, SPREADSHEET
from emulators.faults import Fault, Kind
from emulators.oauth2.routes import OAuth2Emulator
from shared.connectors.drive.adapter import LARGEST_FILE, DriveFiles
from shared.connectors.drive.client import DriveClient
from shared.domain.assets import FileEntry
from shared.domain.workspace import DriveAccess
from shared.ports.errors import NotFound, Permanent, Transient
from shared.ports.files import Unreadable
from tests.builders import a_file
from tests.contract.connectors.google_oauth.rig import MARIA, MONDAY, SuiteClock, connected

SHORTCUT = "application/vnd.google-apps.shortcut"
ALLOWED = ("Proposals", "Case Studies")


@pytest.fixture
def clock() -> SuiteClock:
    return SuiteClock(frozen_at=MONDAY)


@pytest.fixture
def drive(clock):
    emulator = DriveEmulator(clock, oauth2=OAuth2Emulator(clock))
    emulator.account(MARIA)
    emulator.folder("Sales", owner=MARIA, file_id="sales")
    return emulator


@pytest.fixture
def client(drive, clock):
    with connected(drive, source="drive", oauth2=drive.oauth2, clock=clock) as api:
        yield DriveClient(api)


def put(drive: DriveEmulator, path: str, **options: Any) -> str:
    """A document at a path below the folder Sales; folders are made as needed. Answers its id."""
    parent = "sales"
    *folders, name = path.split("/")
    for folder in folders:
        parent = drive.folder(folder, owner=MARIA, parent=parent).id
    return drive.file(name, owner=MARIA, parent=parent, **options).id


def allowed(client: DriveClient, **access: Any) -> dict[str, str]:
    """Name and place of everything that is admitted."""
    files = DriveFiles(access=DriveAccess(**{"roots": ("sales",), **access}), client=client)
    return {one.name: one.folder for one in files.listing().files}


def reader(client: DriveClient, **access: Any) -> DriveFiles:
    return DriveFiles(access=DriveAccess(**{"roots": ("sales",), **access}), client=client)


def only(files: DriveFiles) -> FileEntry:
    (entry,) = files.listing().files
    return entry


def test_a_file_too_large_for_memory_is_listed_and_not_read(drive, client):
    put(drive, "Export", mime_type="text/csv", content=b"x" * (LARGEST_FILE + 1))
    files = reader(client)
    with pytest.raises(Unreadable, match="larger than 10 MB"):
        files.text(entry=only(files))


def test_allowed_folders_open_themselves_and_all_below_them(drive, client):
    put(drive, "Proposals 2026/Summit")
    put(drive, "Proposals 2026/Spain/Madrid/Dinner")
    put(drive, "Archive/Proposals/Old")
    put(drive, "Private/Salaries")
    put(drive, "Loose")
    found = allowed(client, allowed_folders=ALLOWED)
    assert found == {"Summit": "Proposals 2026", "Dinner": "Proposals 2026/Spain/Madrid", "Old": "Proposals"}


def test_without_prefixes_the_whole_root_is_open(drive, client):
    put(drive, "Anything/Below/Deep")
    put(drive, "Loose")
    assert allowed(client) == {"Loose": "Sales", "Deep": "Anything/Below"}


def test_exclusions_win_at_every_level_in_any_letter_case(drive, client):
    put(drive, "Proposals/closed deals/Lost")
    put(drive, "Proposals/Closed - final")
    put(drive, "Proposals/Open")
    put(drive, "Closed Proposals/Gone")
    assert set(allowed(client, allowed_folders=ALLOWED, excluded=("Closed*",))) == {"Open"}


def test_a_prefix_is_a_prefix_and_an_empty_one_admits_nothing(drive, client):
    put(drive, "My Proposals/One")
    put(drive, "proposals/Two")
    assert allowed(client, allowed_folders=ALLOWED) == {}
    assert allowed(client, allowed_folders=("",)) == {}


def test_shortcuts_trash_and_other_peoples_files_are_not_there(drive, client):
    put(drive, "Proposals/Way out", mime_type=SHORTCUT)
    drive.change(put(drive, "Proposals/Thrown away"), trashed=True)
    drive.folder("Elsewhere", owner=MARIA, file_id="elsewhere")
    drive.file("Outside", owner=MARIA, parent="elsewhere")
    assert allowed(client) == {}


def test_a_shared_drive_is_a_root_like_any_other(drive, client):
    drive.drive("team", "Team", members={MARIA: "reader"})
    drive.folder("Case Studies", owner="leo@northwind.example", parent="team", file_id="cases")
    drive.file("Summit", owner="leo@northwind.example", parent="cases", file_id="summit", text="450 guests")
    files = DriveFiles(access=DriveAccess(roots=("cases",)), client=client)
    entry = only(files)
    assert (entry.name, entry.url, entry.modified_at) == ("Summit", "https://docs.google.com/document/d/summit/edit", MONDAY)
    assert files.text(entry=entry) == "450 guests"


def test_a_root_that_is_missing_is_told_and_keeps_us_from_no_other(drive, client):
    put(drive, "Loose")
    listing = reader(client, roots=("gone", "sales")).listing()
    assert ([one.name for one in listing.files], listing.missing) == (["Loose"], ("gone",))


def test_a_root_taken_whole_needs_no_prefix(drive, client):
    put(drive, "Notes/Not for us")
    drive.folder("Library", owner=MARIA, file_id="library")
    drive.folder("Anything", owner=MARIA, parent="library", file_id="any")
    drive.file("Book", owner=MARIA, parent="any")
    drive.file("CP Closed book", owner=MARIA, parent="any")
    assert allowed(client, whole_roots=("library",), allowed_folders=ALLOWED, excluded=("CP Closed*",)) == {"Book": "Anything"}


def test_many_folders_are_read_a_few_questions_at_a_time(drive, client):
    for number in range(45):
        put(drive, f"Proposals {number:02}/Offer {number:02}")
    assert len(allowed(client, allowed_folders=ALLOWED)) == 45
    assert len([call for call in drive.calls if call.route == "drive.files.list"]) == 1 + 3


def test_long_folders_are_read_page_by_page(drive, client):
    for number in range(1001):
        put(drive, f"Offer {number:04}")
    assert len(allowed(client)) == 1001


def test_an_incomplete_list_is_refused_for_what_it_lacks_would_be_dropped(drive, client):
    drive.faults.add(Fault("drive.files.list", Kind.STATUS, 200, body={"files": [], "incompleteSearch": True}))
    with pytest.raises(Transient, match="incomplete"):
        allowed(client)


def test_an_endless_list_is_given_up(drive, client):
    drive.faults.add(Fault("drive.files.list", Kind.STATUS, 200, body={"files": [], "nextPageToken": "again"}))
    with pytest.raises(Permanent, match="more than 20 pages of files"):
        allowed(client)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"text": "Line one\nLine two"}, "Line one\nLine two"),
        ({"text": "item,price\nhall,900\n", "mime_type": SPREADSHEET}, "item,price\nhall,900\n"),
        ({"text": "Slide", "mime_type": PRESENTATION}, "Slide"),
        ({"content": b"\xef\xbb\xbfPlain\r\nfile", "mime_type": "text/plain"}, "Plain\nfile"),
        ({"content": of_text("Badges for 450 guests."), "mime_type": "application/pdf"}, "Badges for 450 guests."),
    ],
)
def test_the_text_of_each_kind(drive, client, options, text):
    file_id = put(drive, "File", **options)
    entry = only(reader(client))
    assert (entry.id, reader(client).text(entry=entry).strip("\n")) == (file_id, text.strip("\n"))


def test_of_a_sheet_only_the_head_is_kept(drive, client):
    put(drive, "Sheet", mime_type=SPREADSHEET, text="".join(f"row {number}\n" for number in range(500)))
    text = reader(client).text(entry=only(reader(client)))
    assert (text.startswith("row 0\n"), text.endswith("row 199")) == (True, True)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"content": b"GIF89a", "mime_type": "image/gif"}, "image/gif are not read"),
        ({"content": b"%PDF-1.7", "mime_type": "application/pdf"}, "damaged"),
        ({"content": b" \n", "mime_type": "text/plain"}, "holds no text"),
        ({"text": "x" * (10 * 1024 * 1024 + 1)}, "exportSizeLimitExceeded"),
    ],
)
def test_what_has_no_text_says_why(drive, client, options, reason):
    put(drive, "File", **options)
    with pytest.raises(Unreadable, match=reason):
        reader(client).text(entry=only(reader(client)))


def test_what_is_gone_is_not_found(client):
    with pytest.raises(NotFound):
        reader(client).text(entry=a_file(id="gone"))
    with pytest.raises(Permanent, match="no Drive id"):
        reader(client).text(entry=a_file(id="../about"))


def test_an_outage_is_nobodys_fault(drive, client):
    put(drive, "File")
    entry = only(reader(client))
    drive.faults.add(Fault("drive.files.export", Kind.STATUS, 503))
    with pytest.raises(Transient):
        reader(client).text(entry=entry)
