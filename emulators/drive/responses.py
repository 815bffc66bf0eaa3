"""Answers about files: metadata, lists, downloads and exports."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request, Response

from emulators.drive import errors, search
from emulators.drive.export import exported
from emulators.drive.state import FOLDER, SHARERS, DriveState, StoredFile, root_id
from emulators.oauth2.google_api import count, flag, masked, page
from emulators.service import json_response

DEFAULT_FILE_FIELDS = "kind,id,name,mimeType"
DEFAULT_LIST_FIELDS = f"kind,incompleteSearch,nextPageToken,files({DEFAULT_FILE_FIELDS})"
CORPORA = ("user", "drive", "allDrives", "domain")
ORDERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "name": lambda file: file["name"].lower(),
    "name_natural": lambda file: file["name"].lower(),
    "modifiedTime": lambda file: file["modifiedTime"],
    "createdTime": lambda file: file["createdTime"],
    "folder": lambda file: file["mimeType"] != FOLDER,
    "starred": lambda file: not file["starred"],
}


@dataclass(frozen=True)
class Visit:
    """One authenticated request."""

    state: DriveState
    account: str
    request: Request

    def opened(self, file_id: str) -> StoredFile:
        return self.state.opened(file_id, account=self.account, shared_drives=flag(self.request, "supportsAllDrives"))


def list_files(visit: Visit) -> Response:
    test = search.compiled(visit.request.args.get("q", ""), root=root_id(visit.account))
    corpus = _corpus(visit)
    found = [_searchable(visit, file) for file in visit.state.files.values() if corpus(file)]
    matching = _ordered([file for file in found if test(file)], visit.request.args.get("orderBy", ""))
    shown, more = page(matching, visit.request, size=count(visit.request, "pageSize", default=100, most=1000))
    files = [{key: value for key, value in file.items() if key not in search.HIDDEN} for file in shown]
    body = {"kind": "drive#fileList", "incompleteSearch": False, "files": files} | ({"nextPageToken": more} if more else {})
    return json_response(masked(body, visit.request.args.get("fields") or DEFAULT_LIST_FIELDS))


def get_file(visit: Visit, file_id: str) -> Response:
    file = visit.opened(file_id)
    if visit.request.args.get("alt") == "media":
        return _download(visit, file)
    return json_response(masked(resource(visit, file), visit.request.args.get("fields") or DEFAULT_FILE_FIELDS))


def export_file(visit: Visit, file_id: str) -> Response:
    wanted = visit.request.args.get("mimeType", "")
    file = visit.state.opened(file_id, account=visit.account, shared_drives=True)  # export has no supportsAllDrives
    return Response(exported(file, wanted), content_type=wanted)


def resource(visit: Visit, file: StoredFile) -> dict[str, Any]:
    """The whole File resource; permissions only for those who may share, and not on shared drives."""
    role = visit.state.role_of(visit.account, file)
    body = _about(visit, file)
    if file.drive_id:
        body |= {"driveId": file.drive_id, "shared": True}
    else:
        body |= _ownership(visit, file, may_share=role in SHARERS)
    if not file.native:
        digest = hashlib.md5(file.content, usedforsecurity=False).hexdigest()
        body |= {"size": str(len(file.content)), "md5Checksum": digest, "headRevisionId": digest[:20], "originalFilename": file.name}
    return body


def _about(visit: Visit, file: StoredFile) -> dict[str, Any]:
    folder = file.mime_type == FOLDER
    return {
        "kind": "drive#file",
        "id": file.id,
        "name": file.name,
        "mimeType": file.mime_type,
        "description": file.description,
        "parents": file.parents,
        "trashed": visit.state.in_trash(file),
        "starred": file.starred,
        "version": str(file.version),
        "createdTime": file.created_at,
        "modifiedTime": file.modified_at,
        "webViewLink": _link(file),
        "spaces": ["drive"],
        "capabilities": {"canDownload": not folder, "canListChildren": folder},
    }


def _ownership(visit: Visit, file: StoredFile, *, may_share: bool) -> dict[str, Any]:
    mine = file.owner == visit.account
    owner = {"kind": "drive#user", "emailAddress": file.owner, "displayName": file.owner, "me": mine}
    permissions = visit.state.permissions_of(file)
    body: dict[str, Any] = {"owners": [owner], "ownedByMe": mine, "shared": len(permissions) > 1}
    if not mine:
        body["sharedWithMeTime"] = file.created_at
    if may_share:
        body |= {"permissions": permissions, "permissionIds": [one["id"] for one in permissions]}
    return body


def _searchable(visit: Visit, file: StoredFile) -> dict[str, Any]:
    return resource(visit, file) | {"fullText": file.text, "people": visit.state.permissions_of(file)}


def _corpus(visit: Visit) -> Callable[[StoredFile], bool]:
    """Which files a list draws from: My Drive and what is shared, unless shared drives are asked for with both flags."""
    args = visit.request.args
    corpora, drive_id = args.get("corpora", "user"), args.get("driveId")
    with_drives = flag(visit.request, "includeItemsFromAllDrives") and flag(visit.request, "supportsAllDrives")
    if corpora not in CORPORA:
        raise errors.invalid_value("corpora")
    if (corpora == "drive") != (drive_id is not None):
        raise errors.drive_id_mismatch()
    if corpora in ("drive", "allDrives") and not with_drives:
        raise errors.shared_drives_not_requested()

    def belongs(file: StoredFile) -> bool:
        placed = file.drive_id == drive_id if drive_id else (with_drives or not file.drive_id)
        return bool(file.parents) and placed and visit.state.role_of(visit.account, file) is not None

    return belongs


def _ordered(files: list[dict[str, Any]], order_by: str) -> list[dict[str, Any]]:
    """Sorted by each key in turn, the first one leading."""
    for part in reversed([one.strip() for one in order_by.split(",") if one.strip()]):
        name, _, direction = part.partition(" ")
        if name not in ORDERS or direction not in ("", "desc"):
            raise errors.invalid_value("orderBy")
        files = sorted(files, key=ORDERS[name], reverse=direction == "desc")
    return files


def _download(visit: Visit, file: StoredFile) -> Response:
    if file.native:
        raise errors.not_downloadable()
    response = Response(file.content, content_type=file.mime_type)
    return response.make_conditional(visit.request, accept_ranges=True, complete_length=len(file.content))


def _link(file: StoredFile) -> str:
    if file.mime_type == FOLDER:
        return f"https://drive.google.com/drive/folders/{file.id}"
    kind = {"document": "document", "spreadsheet": "spreadsheets", "presentation": "presentation"}.get(file.mime_type.rpartition(".")[2])
    return f"https://docs.google.com/{kind}/d/{file.id}/edit" if kind else f"https://drive.google.com/file/d/{file.id}/view"
