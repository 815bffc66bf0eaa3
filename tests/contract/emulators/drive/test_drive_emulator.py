"""The Drive emulator through Google's own client: search, lists, exports, downloads and who may see what."""

import io
from datetime import timedelta

import httpx
import pytest
from googleapiclient.http import MediaIoBaseDownload

from emulators.drive.routes import DriveEmulator
from emulators.drive.state import DOCUMENT, FOLDER
from tests.contract.emulators.drive.folders import EVERYWHERE, LEO, MARIA, names, refusal
from tests.contract.emulators.google_client import official_client


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("'proposals' in parents", {"Summit proposal", "Price list"}),
        ("'root' in parents", {"Proposals", "Pitch", "Brochure.pdf"}),
        ("name = 'Pitch'", {"Pitch"}),
        ("name != 'Pitch' and 'root' in parents", {"Proposals", "Brochure.pdf"}),
        ("name contains 'prop'", {"Proposals", "Summit proposal"}),
        ("name contains 'roposal'", set()),
        ("name contains 'Price li'", {"Price list"}),
        (f"mimeType = '{FOLDER}'", {"Proposals"}),
        ("mimeType contains 'application/pdf'", {"Brochure.pdf"}),
        ("fullText contains 'guests'", {"Summit proposal"}),
        ("fullText contains 'guests hundred'", {"Summit proposal"}),
        ("fullText contains '\"guests hundred\"'", set()),
        ("fullText contains '\"hundred guests\"'", {"Summit proposal"}),
        ("modifiedTime > '2026-11-20T00:00:00'", {"Proposals", "Summit proposal", "Price list", "Brochure.pdf", "Old", "Maria's notes"}),
        ("modifiedTime <= '2026-11-20T00:00:00Z'", {"Pitch"}),
        ("trashed = true", {"Old"}),
        ("trashed = false and not mimeType contains 'application/vnd.google-apps'", {"Brochure.pdf"}),
        ("(name = 'Pitch' or name = 'Price list') and 'proposals' in parents", {"Price list"}),
        ("name = 'Pitch' or name = 'Price list' and 'nowhere' in parents", {"Pitch"}),
        (r"name = 'Maria\'s notes'", {"Maria's notes"}),
        (f"'{LEO}' in owners", set()),
        (f"'{LEO}' in writers", {"Maria's notes"}),
        ("sharedWithMe = true", set()),
        (f"'{LEO}' in readers", {"Maria's notes"}),
        ("visibility = 'limited' and 'proposals' in parents", {"Summit proposal", "Price list"}),
        ("properties has { key='stage' and value='won' }", set()),
    ],
)
def test_search_understands_the_language(emulator, files, query, expected):
    emulator.file("Old", owner=MARIA, file_id="old", parent="bin")
    emulator.change("old", trashed=True)
    shared = [{"type": "user", "role": "writer", "emailAddress": LEO}]
    emulator.file("Maria's notes", owner=MARIA, parent="drawer", permissions=shared)
    assert set(names(files, query)) == expected


@pytest.mark.parametrize(
    "query",
    ["name =", "name ~ 'x'", "'x' in nowhere", "colour = 'red'", "name = 'x' and", "(name = 'x'", "name = x", "modifiedTime > 'soon'"],
)
def test_what_is_not_a_query_is_refused(files, query):
    assert refusal(files.list(q=query)) == (400, "invalid")


def test_default_fields_are_few_and_a_mask_asks_for_more(files):
    assert set(files.get(fileId="summit").execute()) == {"kind", "id", "name", "mimeType"}
    full = files.get(fileId="summit", fields="*").execute()
    assert (full["owners"][0]["emailAddress"], full["parents"], full["ownedByMe"]) == (MARIA, ["proposals"], True)
    assert full["webViewLink"] == "https://docs.google.com/document/d/summit/edit"
    assert [one["role"] for one in full["permissions"]] == ["owner"]
    listed = files.list(q="name = 'Brochure.pdf'", fields="files(name,size,md5Checksum)").execute()
    assert listed["files"][0]["size"] == "17"
    assert refusal(files.get(fileId="summit", fields="name(")) == (400, "invalidParameter")


def test_lists_are_ordered_and_paged(files):
    first = files.list(orderBy="folder,name", pageSize=2).execute()
    second = files.list(orderBy="folder,name", pageSize=9, pageToken=first["nextPageToken"]).execute()
    assert [one["name"] for one in first["files"] + second["files"]] == [
        "Proposals",
        "Brochure.pdf",
        "Pitch",
        "Price list",
        "Summit proposal",
    ]
    assert names(files, orderBy="modifiedTime")[0] == "Pitch"
    assert names(files, orderBy="name desc")[0] == "Summit proposal"
    assert refusal(files.list(orderBy="colour")) == (400, "invalid")
    assert refusal(files.list(pageSize=0)) == (400, "invalidParameter")


@pytest.mark.parametrize(
    ("file_id", "mime_type", "content"),
    [
        ("summit", "text/plain", b"\xef\xbb\xbfFour hundred guests.\r\nTwo days."),
        ("summit", "text/markdown", b"Four hundred guests.\nTwo days."),
        ("prices", "text/csv", b"item,price\r\nhall,900\r\n"),
        ("pitch", "text/plain", b"Slide one"),
    ],
)
def test_google_documents_are_exported(files, file_id, mime_type, content):
    assert files.export(fileId=file_id, mimeType=mime_type).execute() == content


def test_what_cannot_be_exported_is_refused(emulator, files):
    emulator.file("Huge", owner=MARIA, file_id="huge", text="x" * (10 * 1024 * 1024 + 1))
    assert refusal(files.export(fileId="brochure", mimeType="text/plain")) == (403, "fileNotExportable")
    assert refusal(files.export(fileId="prices", mimeType="text/plain")) == (400, "badRequest")
    assert refusal(files.export(fileId="huge", mimeType="text/plain")) == (403, "exportSizeLimitExceeded")
    assert refusal(files.export(fileId="nothing", mimeType="text/plain")) == (404, "notFound")


def test_binary_files_are_downloaded_in_chunks_and_documents_are_not(files):
    target = io.BytesIO()
    download = MediaIoBaseDownload(target, files.get_media(fileId="brochure"), chunksize=5)
    done = False
    while not done:
        _, done = download.next_chunk()
    assert target.getvalue() == b"%PDF-1.7 brochure"
    assert refusal(files.get_media(fileId="summit")) == (403, "fileNotDownloadable")


def test_shared_drives_exist_only_for_requests_that_support_them(emulator, files):
    emulator.drive("team", "Team drive", members={MARIA: "reader"})
    emulator.folder("Reports", owner=LEO, parent="team", file_id="reports")
    emulator.file("Report", owner=LEO, parent="reports", file_id="report", text="Numbers")
    assert names(files, "'reports' in parents") == []
    assert names(files, "'reports' in parents", **EVERYWHERE) == ["Report"]
    assert set(names(files, corpora="drive", driveId="team", **EVERYWHERE)) == {"Reports", "Report"}
    assert refusal(files.get(fileId="report")) == (404, "notFound")
    shown = files.get(fileId="report", supportsAllDrives=True, fields="*").execute()
    assert (shown["driveId"], "owners" in shown, "permissions" in shown) == ("team", False, False)
    assert files.export(fileId="report", mimeType="text/markdown").execute() == b"Numbers"
    assert refusal(files.list(corpora="drive", **EVERYWHERE)) == (400, "invalid")
    assert refusal(files.list(corpora="allDrives")) == (403, "teamDrivesNotRequested")


def test_only_what_is_shared_is_visible_to_others(emulator, url):
    emulator.file("Secret", owner=LEO, file_id="secret")
    emulator.folder("Shared", owner=LEO, file_id="shared", permissions=[{"type": "user", "role": "reader", "emailAddress": MARIA}])
    emulator.file("Inside", owner=LEO, parent="shared", file_id="inside")
    emulator.file("Public", owner=LEO, file_id="public", permissions=[{"type": "anyone", "role": "reader"}])
    emulator.file(
        "Internal", owner=LEO, file_id="internal", permissions=[{"type": "domain", "role": "reader", "domain": "northwind.example"}]
    )
    files = official_client("drive", url, token=f"emulated:{MARIA}").files()
    assert set(names(files, f"'{LEO}' in owners")) == {"Shared", "Inside", "Public", "Internal"}
    assert set(names(files, "sharedWithMe = true")) == {"Shared", "Inside", "Public", "Internal"}
    assert refusal(files.get(fileId="secret")) == (404, "notFound")
    assert "permissions" not in files.get(fileId="inside", fields="*").execute()


def test_a_file_in_a_trashed_folder_is_trashed(emulator, files):
    emulator.change("proposals", trashed=True)
    assert set(names(files, "trashed = true")) == {"Proposals", "Summit proposal", "Price list"}


def test_a_change_moves_the_modification_time_and_the_version(emulator, files, clock):
    clock.advance(timedelta(hours=1))
    emulator.change("summit", text="Five hundred guests")
    shown = files.get(fileId="summit", fields="modifiedTime,version").execute()
    assert shown == {"modifiedTime": "2026-11-23T10:00:00.000Z", "version": "2"}


def test_state_is_seeded_dumped_and_loaded(url, emulator, clock):
    entry = {
        "name": "Logo.png",
        "owner": LEO,
        "mime_type": "image/png",
        "content_base64": "iVBORw0=",
        "modified_at": "2026-01-05T00:00:00Z",
    }
    assert httpx.put(f"{url}/_emulator/seed", json={"accounts": [LEO], "files": [entry]}).status_code == 204
    copy = DriveEmulator(clock)
    copy.load(httpx.get(f"{url}/_emulator/state").json())
    assert copy.state == emulator.state
    assert any(file.content == b"\x89PNG\r" for file in copy.state.files.values())
    assert DOCUMENT in {file.mime_type for file in copy.state.files.values()}
