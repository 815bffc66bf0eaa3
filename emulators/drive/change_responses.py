"""Answers about what changed, about shared drives, and about the account."""

from typing import Any

from werkzeug.wrappers import Response

from emulators.drive import errors, search
from emulators.drive.changes import Entry
from emulators.drive.resources import drive_resource, file_resource, user
from emulators.drive.state import SharedDrive, StoredFile, root_id
from emulators.drive.visit import Visit
from emulators.google_api.requests import count, flag, next_page, page

DEFAULT_FIELDS = "kind,nextPageToken,newStartPageToken,changes(kind,changeType,fileId,driveId,removed,time,file(kind,id,name,mimeType))"


def start_page_token(visit: Visit) -> Response:
    _check_drive(visit)
    return visit.answer({"kind": "drive#startPageToken", "startPageToken": str(visit.state.log.latest)})


def list_changes(visit: Visit) -> Response:
    """Tokens are positions in the feed and never expire; only the last page says where the next listing starts."""
    args = visit.request.args
    _check_drive(visit)
    if not args.get("pageToken", "").isdigit():
        raise errors.invalid_value("pageToken")
    entries = visit.state.log.after(int(args["pageToken"]))
    told = [(entry.number, change) for entry in entries if (change := _change(visit, entry)) is not None]
    size = count(visit.request, "pageSize", default=100, most=1000)
    more = len(told) > size
    tail = {"nextPageToken": str(told[size - 1][0])} if more else {"newStartPageToken": str(visit.state.log.latest)}
    body = {"kind": "drive#changeList", "changes": [change for _, change in told[:size]], **tail}
    return visit.answer(body, fields=DEFAULT_FIELDS)


def list_drives(visit: Visit) -> Response:
    test = search.compiled(visit.request.args.get("q", ""), root=root_id(visit.account))
    mine = [_shown(visit, one) for one in visit.state.drives.values() if visit.account in one.members]
    found = [one for one in mine if test({"mimeType": "", "modifiedTime": one["createdTime"], **one})]
    shown, more = page(found, visit.request, size=count(visit.request, "pageSize", default=10, most=100))
    body = {"kind": "drive#driveList", "drives": list(shown)} | next_page(more)
    return visit.answer(body, fields="kind,nextPageToken,drives(kind,id,name)")


def get_drive(visit: Visit, drive_id: str) -> Response:
    return visit.answer(_shown(visit, _drive(visit, drive_id)), fields="kind,id,name")


def about(visit: Visit) -> Response:
    """Unlike everything else, it insists on being told which fields are wanted."""
    if not visit.request.args.get("fields"):
        raise errors.fields_required()
    used = sum(len(one.content) for one in visit.state.files.values() if one.owner == visit.account)
    quota = {"limit": str(15 << 30), "usage": str(used), "usageInDrive": str(used), "usageInDriveTrash": "0"}
    return visit.answer({"kind": "drive#about", "user": user(visit, visit.account), "storageQuota": quota})


def _change(visit: Visit, entry: Entry) -> dict[str, Any] | None:
    """The change as the caller is told of it; None when it is none of their business or not asked for."""
    head = {"kind": "drive#change", "time": entry.at, "changeType": "drive" if entry.of_drive else "file"}
    if not _in_scope(visit, entry):
        return None
    if entry.of_drive:
        drive = visit.state.drives.get(entry.id)
        known = drive is not None and visit.account in drive.members
        return {**head, "driveId": entry.id, "removed": False, "drive": _shown(visit, drive)} if known and drive else None
    file = visit.state.files.get(entry.id)
    if file is not None and visit.role(file) is not None:
        return {**head, "fileId": entry.id, "removed": False, "file": file_resource(visit, file)} if _wanted(visit, file) else None
    removed = visit.account in entry.lost and visit.request.args.get("includeRemoved", "true") == "true"
    return {**head, "fileId": entry.id, "removed": True} if removed else None


def _in_scope(visit: Visit, entry: Entry) -> bool:
    """Of one shared drive alone; or the caller's own files, and those of shared drives only with both flags."""
    wanted = visit.request.args.get("driveId")
    if wanted:
        return entry.drive_id == wanted
    return entry.drive_id is None or (flag(visit.request, "includeItemsFromAllDrives") and flag(visit.request, "supportsAllDrives"))


def _wanted(visit: Visit, file: StoredFile) -> bool:
    spaces = visit.request.args.get("spaces", "drive").split(",")
    mine_only = flag(visit.request, "restrictToMyDrive")
    return "drive" in spaces and (not mine_only or (file.drive_id is None and file.owner == visit.account))


def _check_drive(visit: Visit) -> None:
    drive_id = visit.request.args.get("driveId")
    if drive_id:
        if not flag(visit.request, "supportsAllDrives"):
            raise errors.shared_drives_not_requested()
        _drive(visit, drive_id)


def _drive(visit: Visit, drive_id: str) -> SharedDrive:
    found = visit.state.drives.get(drive_id)
    if found is None or visit.account not in found.members:
        raise errors.drive_not_found(drive_id)
    return found


def _shown(visit: Visit, drive: SharedDrive) -> dict[str, Any]:
    return drive_resource(drive, drive.members[visit.account])
