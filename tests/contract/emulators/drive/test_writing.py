"""Drive over HTTP for those who change it: creating, uploading, moving, sharing, copying, trashing, deleting."""

import io
from datetime import timedelta

import httpx
import pypdfium2
import pytest
from googleapiclient.http import MediaInMemoryUpload, MediaIoBaseUpload

from emulators.drive.state import DOCUMENT, FOLDER, SHORTCUT, SPREADSHEET
from tests.contract.emulators.drive.folders import EVERYWHERE, LEO, MARIA, names, refusal

PDF = b"%PDF-1.7 offer"


def shared_with(kind="user", role="reader", **fields):
    return {"type": kind, "role": role, **({"emailAddress": LEO} if kind == "user" else {}), **fields}


def test_a_folder_and_a_file_in_it_are_created(files):
    folder = files.create(body={"name": "Contracts", "mimeType": FOLDER}).execute()
    media = MediaInMemoryUpload(PDF, mimetype="application/pdf")
    made = files.create(body={"name": "Offer.pdf", "parents": [folder["id"]]}, media_body=media, fields="*").execute()
    assert (made["mimeType"], made["size"], made["parents"], made["fileExtension"]) == ("application/pdf", "14", [folder["id"]], "pdf")
    assert files.get_media(fileId=made["id"]).execute() == PDF


@pytest.mark.parametrize("metadata", [{}, {"name": "Notes"}])
def test_content_alone_makes_a_file_too(files, metadata):
    media = MediaInMemoryUpload(b"Hello", mimetype="text/plain")
    made = files.create(**({"body": metadata} if metadata else {}), media_body=media).execute()
    assert (made["name"], made["mimeType"]) == (metadata.get("name", "Untitled"), "text/plain")


def test_a_large_file_is_uploaded_in_pieces(files):
    content = b"x" * 700_000
    media = MediaIoBaseUpload(io.BytesIO(content), mimetype="application/octet-stream", chunksize=256 * 1024, resumable=True)
    request, answer = files.create(body={"name": "Big"}, media_body=media), None
    while answer is None:
        _, answer = request.next_chunk()
    assert files.get_media(fileId=answer["id"]).execute() == content


@pytest.mark.parametrize(
    ("mime_type", "media", "kind", "wanted", "found"),
    [
        (DOCUMENT, b"Hello there", "text/plain", "text/markdown", b"Hello there"),
        (DOCUMENT, b"<p>Hello &amp; welcome</p>", "text/html", "text/markdown", b" Hello & welcome "),
        (SPREADSHEET, b"a,b\n1,2\n", "text/csv", "text/csv", b"a,b\r\n1,2\r\n"),
    ],
)
def test_text_uploaded_as_a_google_document_becomes_one(files, mime_type, media, kind, wanted, found):
    made = files.create(body={"name": "Imported", "mimeType": mime_type}, media_body=MediaInMemoryUpload(media, mimetype=kind)).execute()
    assert made["mimeType"] == mime_type
    assert files.export(fileId=made["id"], mimeType=wanted).execute() == found


def test_metadata_and_content_are_updated(files, clock):
    before = files.get(fileId="brochure", fields="version,modifiedTime").execute()
    clock.advance(timedelta(hours=1))
    changed = {"name": "Brochure 2.pdf", "properties": {"stage": "won"}, "starred": True}
    files.update(fileId="brochure", body=changed, media_body=MediaInMemoryUpload(PDF, mimetype="application/pdf")).execute()
    after = files.get(fileId="brochure", fields="*").execute()
    assert (after["name"], after["properties"], after["starred"], after["size"]) == ("Brochure 2.pdf", {"stage": "won"}, True, "14")
    assert (int(after["version"]) > int(before["version"]), after["modifiedTime"] > before["modifiedTime"]) == (True, True)
    assert names(files, "properties has { key='stage' and value='won' }") == ["Brochure 2.pdf"]
    files.update(fileId="brochure", body={"properties": {"stage": None}}).execute()
    assert "properties" not in files.get(fileId="brochure", fields="*").execute()


def test_a_file_is_moved_between_folders_and_has_one_parent(files):
    files.update(fileId="pitch", addParents="proposals", removeParents=files.get(fileId="root").execute()["id"]).execute()
    assert files.get(fileId="pitch", fields="parents").execute()["parents"] == ["proposals"]
    assert refusal(files.update(fileId="pitch", addParents="root")) == (403, "cannotAddParent")
    assert refusal(files.create(body={"name": "Two", "parents": ["root", "proposals"]})) == (403, "cannotAddParent")
    assert refusal(files.create(body={"name": "Lost", "parents": ["nowhere"]})) == (404, "notFound")
    assert refusal(files.create(body={"name": "Odd", "parents": ["summit"]})) == (403, "parentNotAFolder")


def test_ids_are_generated_and_used_once(files):
    ids = files.generateIds(count=2).execute()["ids"]
    assert files.create(body={"id": ids[0], "name": "Mine"}).execute()["id"] == ids[0]
    assert refusal(files.create(body={"id": ids[0], "name": "Again"})) == (409, "fileIdInUse")


def test_a_shortcut_points_at_its_target(files):
    made = files.create(body={"name": "Link", "mimeType": SHORTCUT, "shortcutDetails": {"targetId": "summit"}}).execute()
    details = files.get(fileId=made["id"], fields="shortcutDetails").execute()["shortcutDetails"]
    assert details == {"targetId": "summit", "targetMimeType": DOCUMENT}
    assert names(files, "shortcutDetails.targetId = 'summit'") == ["Link"]
    assert refusal(files.export(fileId=made["id"], mimeType="text/plain")) == (403, "fileNotExportable")
    assert refusal(files.create(body={"name": "Link", "mimeType": SHORTCUT, "shortcutDetails": {"targetId": "no"}})) == (404, "notFound")


def test_copies_are_files_of_their_own(files):
    copy = files.copy(fileId="summit", body={"name": "Mine"}).execute()
    files.update(fileId="summit", body={"name": "Theirs"}).execute()
    assert files.export(fileId=copy["id"], mimeType="text/markdown").execute().startswith(b"Four hundred")
    assert refusal(files.copy(fileId="proposals", body={})) == (403, "cannotCopyFile")


def test_the_trash_is_filled_and_emptied(files):
    files.update(fileId="proposals", body={"trashed": True}).execute()
    assert set(names(files, "trashed = true")) == {"Proposals", "Summit proposal", "Price list"}
    explicit = files.get(fileId="summit", fields="trashed,explicitlyTrashed").execute()
    assert explicit == {"trashed": True, "explicitlyTrashed": False}
    files.emptyTrash().execute()
    assert refusal(files.get(fileId="summit")) == (404, "notFound")
    files.delete(fileId="brochure").execute()
    assert refusal(files.delete(fileId="brochure")) == (404, "notFound")


def test_sharing_opens_a_file_and_ends_again(service, files, leos):
    permissions = service.permissions()
    assert refusal(leos.files().get(fileId="summit")) == (404, "notFound")
    given = permissions.create(fileId="proposals", body=shared_with()).execute()
    shown = leos.files().get(fileId="summit", fields="*").execute()
    assert (shown["ownedByMe"], shown["capabilities"]["canEdit"], "permissions" in shown) == (False, False, False)
    listed = permissions.list(fileId="summit", fields="permissions(id,role,emailAddress)").execute()["permissions"]
    assert [(one["role"], one["emailAddress"]) for one in listed] == [("owner", MARIA), ("reader", LEO)]
    assert files.get(fileId="summit", fields="permissionIds,shared").execute() == {
        "permissionIds": [one["id"] for one in listed],
        "shared": True,
    }
    assert permissions.get(fileId="summit", permissionId=given["id"]).execute()["role"] == "reader"
    assert refusal(permissions.delete(fileId="summit", permissionId=given["id"])) == (403, "cannotModifyInheritedPermission")
    permissions.delete(fileId="proposals", permissionId=given["id"]).execute()
    assert refusal(leos.files().get(fileId="summit")) == (404, "notFound")


def test_a_writer_edits_but_neither_trashes_nor_always_shares(emulator, service, leos):
    permissions = service.permissions()
    given = permissions.create(fileId="summit", body=shared_with(role="reader")).execute()
    assert refusal(leos.files().update(fileId="summit", body={"name": "Mine"})) == (403, "insufficientFilePermissions")
    permissions.update(fileId="summit", permissionId=given["id"], body={"role": "writer"}).execute()
    leos.files().update(fileId="summit", body={"name": "Ours"}).execute()
    assert leos.files().get(fileId="summit", fields="lastModifyingUser(me),capabilities(canTrash,canShare)").execute() == {
        "lastModifyingUser": {"me": True},
        "capabilities": {"canTrash": False, "canShare": True},
    }
    assert refusal(leos.files().update(fileId="summit", body={"trashed": True}))[0] == 403
    assert refusal(leos.files().delete(fileId="summit"))[0] == 403
    emulator.change("summit", writers_can_share=False)
    assert refusal(leos.permissions().create(fileId="summit", body=shared_with("anyone")))[0] == 403


@pytest.mark.parametrize("permission", [shared_with("anyone"), shared_with("domain", domain="northwind.example")])
def test_a_file_is_opened_to_everybody_or_to_a_domain(service, leos, permission):
    service.permissions().create(fileId="summit", body=permission).execute()
    assert leos.files().get(fileId="summit").execute()["name"] == "Summit proposal"


@pytest.mark.parametrize(
    "permission", [{"role": "reader"}, {"type": "user", "role": "reader"}, shared_with(role="king"), shared_with("domain")]
)
def test_incomplete_permissions_are_refused(service, permission):
    assert refusal(service.permissions().create(fileId="summit", body=permission))[0] == 400


def test_ownership_is_handed_over_only_when_that_is_said(service, leos):
    create = service.permissions().create
    assert refusal(create(fileId="summit", body=shared_with(role="owner"))) == (403, "forbidden")
    create(fileId="summit", body=shared_with(role="owner"), transferOwnership=True).execute()
    shown = leos.files().get(fileId="summit", fields="ownedByMe,permissions(role,emailAddress)").execute()
    assert (shown["ownedByMe"], shown["permissions"][1]) == (True, {"role": "writer", "emailAddress": MARIA})


def test_documents_are_exported_as_html_and_pdf(emulator, files):
    emulator.file("Long", owner=MARIA, file_id="long", text="\n".join(f"Line {number} (of many)" for number in range(120)))
    page = files.export(fileId="summit", mimeType="text/html").execute()
    assert b"<p>Two days.</p>" in page
    document = pypdfium2.PdfDocument(files.export(fileId="long", mimeType="application/pdf").execute())
    words = "".join(page.get_textpage().get_text_bounded() for page in document)
    assert (len(document), "Line 0 (of many)" in words, "Line 119 (of many)" in words) == (3, True, True)
    document.close()


def test_a_shared_drive_lets_its_members_write_by_their_roles(emulator, files, leos):
    emulator.drive("team", "Team drive", members={MARIA: "organizer", LEO: "reader"})
    made = files.create(body={"name": "Plan", "parents": ["team"]}, supportsAllDrives=True, fields="*").execute()
    assert (made["driveId"], "owners" in made) == ("team", False)
    assert refusal(leos.files().create(body={"name": "Mine", "parents": ["team"]}, supportsAllDrives=True))[0] == 403
    assert leos.files().get(fileId=made["id"], supportsAllDrives=True).execute()["name"] == "Plan"
    files.delete(fileId=made["id"], supportsAllDrives=True).execute()
    assert names(files, corpora="drive", driveId="team", **EVERYWHERE) == []


def test_writing_works_without_googles_client(url):
    headers = {"Authorization": f"Bearer emulated:{MARIA}"}
    made = httpx.post(f"{url}/drive/v3/files", json={"name": "Raw"}, headers=headers, trust_env=False).json()
    sent = httpx.patch(
        f"{url}/upload/drive/v3/files/{made['id']}?uploadType=media",
        content=b"Hello",
        headers={**headers, "Content-Type": "text/plain"},
        trust_env=False,
    )
    assert (sent.status_code, sent.json()["id"]) == (200, made["id"])
    assert httpx.get(f"{url}/drive/v3/files/{made['id']}?alt=media", headers=headers, trust_env=False).content == b"Hello"
