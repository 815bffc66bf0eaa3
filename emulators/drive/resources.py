"""Files and drives as Drive's own resources, seen by the caller."""

import hashlib
from typing import Any

from emulators.drive import permissions
from emulators.drive.state import FOLDER, SHORTCUT, SharedDrive, StoredFile
from emulators.drive.visit import Visit

KINDS = {"document": "document", "spreadsheet": "spreadsheets", "presentation": "presentation"}


def file_resource(visit: Visit, file: StoredFile) -> dict[str, Any]:
    """The whole File; permissions only for those who may share, and not on shared drives."""
    role = visit.role(file)
    body = _about(visit, file, role)
    if file.drive_id:
        body |= {"driveId": file.drive_id, "shared": True}
    else:
        body |= _ownership(visit, file, may_share=role in permissions.SHARERS)
    return body | (_content(file) if not file.native else {}) | _shortcut(visit, file)


def user(visit: Visit, account: str) -> dict[str, Any]:
    known = {"permissionId": permissions.number(account), "emailAddress": account}
    return {"kind": "drive#user", "displayName": account, "me": account == visit.account, **known}


def drive_resource(drive: SharedDrive, role: str) -> dict[str, Any]:
    leads = role == "organizer"
    can = {"canAddChildren": role in permissions.WRITERS, "canListChildren": True, "canManageMembers": leads, "canRenameDrive": leads}
    return {
        "kind": "drive#drive",
        "id": drive.id,
        "name": drive.name,
        "createdTime": drive.created_at,
        "capabilities": can,
        "hidden": False,
    }


def _about(visit: Visit, file: StoredFile, role: str | None) -> dict[str, Any]:
    folder = file.mime_type == FOLDER
    can = permissions.capabilities(role, folder=folder, native=file.native, writers_can_share=file.writers_can_share)
    return {
        "kind": "drive#file",
        "id": file.id,
        "name": file.name,
        "mimeType": file.mime_type,
        "description": file.description,
        "parents": file.parents,
        "trashed": visit.state.in_trash(file),
        "explicitlyTrashed": file.trashed,
        "starred": file.starred,
        "version": str(file.version),
        "createdTime": file.created_at,
        "modifiedTime": file.modified_at,
        "lastModifyingUser": user(visit, file.modified_by or file.owner),
        "modifiedByMe": (file.modified_by or file.owner) == visit.account,
        "writersCanShare": file.writers_can_share,
        "webViewLink": _link(file),
        "spaces": ["drive"],
        "capabilities": can,
        **({"properties": file.properties} if file.properties else {}),
        **({"appProperties": file.app_properties} if file.app_properties else {}),
    }


def _ownership(visit: Visit, file: StoredFile, *, may_share: bool) -> dict[str, Any]:
    mine = file.owner == visit.account
    held = visit.state.permissions_of(file)
    body: dict[str, Any] = {"owners": [user(visit, file.owner)], "ownedByMe": mine, "shared": len(held) > 1}
    if not mine:
        body["sharedWithMeTime"] = file.created_at
    if may_share:
        body |= {"permissions": held, "permissionIds": [one["id"] for one in held]}
    return body


def _content(file: StoredFile) -> dict[str, Any]:
    digest, size = hashlib.md5(file.content, usedforsecurity=False).hexdigest(), str(len(file.content))
    named, _, extension = file.name.rpartition(".")
    told = {"size": size, "quotaBytesUsed": size, "md5Checksum": digest, "sha256Checksum": hashlib.sha256(file.content).hexdigest()}
    told |= {"headRevisionId": digest[:20], "originalFilename": file.name, "fullFileExtension": extension if named else ""}
    return told | {
        "fileExtension": extension if named else "",
        "webContentLink": f"https://drive.google.com/uc?id={file.id}&export=download",
    }


def _shortcut(visit: Visit, file: StoredFile) -> dict[str, Any]:
    if file.mime_type != SHORTCUT or file.target is None:
        return {}
    target = visit.state.files.get(file.target)
    kind = {"targetMimeType": target.mime_type} if target is not None and visit.role(target) else {}
    return {"shortcutDetails": {"targetId": file.target, **kind}}


def _link(file: StoredFile) -> str:
    if file.mime_type == FOLDER:
        return f"https://drive.google.com/drive/folders/{file.id}"
    kind = KINDS.get(file.mime_type.rpartition(".")[2])
    return f"https://docs.google.com/{kind}/d/{file.id}/edit" if kind else f"https://drive.google.com/file/d/{file.id}/view"
