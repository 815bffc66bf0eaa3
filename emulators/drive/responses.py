"""Answers about files: metadata, lists, downloads and exports."""

from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Response

from emulators.drive import errors, search
from emulators.drive.export import exported
from emulators.drive.resources import file_resource
from emulators.drive.state import FOLDER, StoredFile, root_id
from emulators.drive.visit import Visit
from emulators.google_api.requests import count, flag, next_page, page

DEFAULT_FILE_FIELDS = "kind,id,name,mimeType"
DEFAULT_LIST_FIELDS = f"kind,incompleteSearch,nextPageToken,files({DEFAULT_FILE_FIELDS})"
CORPORA = ("user", "drive", "allDrives", "domain")
ORDERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "name": lambda file: file["name"].lower(),
    "name_natural": lambda file: file["name"].lower(),
    "modifiedTime": lambda file: file["modifiedTime"],
    "modifiedByMeTime": lambda file: file["modifiedTime"] if file["modifiedByMe"] else "",
    "createdTime": lambda file: file["createdTime"],
    "sharedWithMeTime": lambda file: file.get("sharedWithMeTime", ""),
    "recency": lambda file: file["modifiedTime"],
    "quotaBytesUsed": lambda file: int(file.get("quotaBytesUsed", 0)),
    "folder": lambda file: file["mimeType"] != FOLDER,
    "starred": lambda file: not file["starred"],
}


def list_files(visit: Visit) -> Response:
    test = search.compiled(visit.request.args.get("q", ""), root=root_id(visit.account))
    corpus = _corpus(visit)
    found = [_searchable(visit, file) for file in visit.state.files.values() if corpus(file)]
    matching = _ordered([file for file in found if test(file)], visit.request.args.get("orderBy", ""))
    shown, more = page(matching, visit.request, size=count(visit.request, "pageSize", default=100, most=1000))
    files = [{key: value for key, value in file.items() if key not in search.HIDDEN} for file in shown]
    body = {"kind": "drive#fileList", "incompleteSearch": False, "files": files} | next_page(more)
    return visit.answer(body, fields=DEFAULT_LIST_FIELDS)


def get_file(visit: Visit, file_id: str) -> Response:
    file = visit.opened(file_id)
    if visit.request.args.get("alt") == "media":
        return _download(visit, file)
    return visit.answer(file_resource(visit, file), fields=DEFAULT_FILE_FIELDS)


def export_file(visit: Visit, file_id: str) -> Response:
    wanted = visit.request.args.get("mimeType", "")
    file = visit.state.opened(file_id, account=visit.account, shared_drives=True)  # export has no supportsAllDrives
    return Response(exported(file, wanted), content_type=wanted)


def _searchable(visit: Visit, file: StoredFile) -> dict[str, Any]:
    return file_resource(visit, file) | {"fullText": file.text, "people": visit.state.permissions_of(file)}


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
    in_space = "drive" in args.get("spaces", "drive").split(",")

    def belongs(file: StoredFile) -> bool:
        placed = file.drive_id == drive_id if drive_id else (with_drives or not file.drive_id)
        return in_space and bool(file.parents) and placed and visit.role(file) is not None

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
