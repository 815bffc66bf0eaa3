"""Answers to those who change files: create, update, move, copy, trash, delete."""

import html
import re
from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from emulators.drive import errors, permissions
from emulators.drive.resources import file_resource
from emulators.drive.responses import DEFAULT_FILE_FIELDS
from emulators.drive.state import DOCUMENT, FOLDER, PRESENTATION, SHORTCUT, SPREADSHEET, StoredFile, root_id, stamp
from emulators.drive.visit import Visit

ATTRIBUTES = {
    "name": "name",
    "description": "description",
    "starred": "starred",
    "trashed": "trashed",
    "mimeType": "mime_type",
    "writersCanShare": "writers_can_share",
    "modifiedTime": "modified_at",
}
CONVERTED = (DOCUMENT, SPREADSHEET, PRESENTATION)
TAG = re.compile(r"<[^>]*>")


def create_file(visit: Visit) -> Response:
    body = visit.body
    parent = _one_parent(body.get("parents"), root_id(visit.account))
    identity = str(body.get("id") or visit.state.fresh_id())
    if identity in visit.state.files:
        raise errors.id_taken()
    place = _place(visit, parent)
    at, kind = stamp(visit.now), str(body.get("mimeType") or _uploaded_type(visit))
    owner = visit.account
    file = StoredFile(identity, str(body.get("name", "Untitled")), kind, owner, [place], [], str(body.get("createdTime", at)), at)
    _apply(visit, file, {**body, "mimeType": kind})
    if kind == SHORTCUT:
        file.target = visit.opened(str(body.get("shortcutDetails", {}).get("targetId", ""))).id
    _keep(visit, file, body)
    return visit.answer(file_resource(visit, file), fields=DEFAULT_FILE_FIELDS)


def update_file(visit: Visit, file_id: str) -> Response:
    file, body = visit.opened(file_id), visit.body
    role, args = visit.role(file), visit.request.args
    if role not in permissions.WRITERS:
        raise errors.insufficient_permissions()
    if "trashed" in body and role not in permissions.TRASHERS:
        raise errors.insufficient_permissions()
    added, removed = (args.get(name, "").split(",") if args.get(name) else [] for name in ("addParents", "removeParents"))
    if len(added) > 1 or (added and not set(file.parents) <= {*removed, added[0]}):
        raise errors.one_parent_only()
    place = _place(visit, added[0]) if added else None

    def change() -> None:
        file.version += 1
        if place:
            file.parents = [place]
        _apply(visit, file, body)
        visit.state.add(file)

    visit.state.changing(file, change, now=visit.now)
    return visit.answer(file_resource(visit, file), fields=DEFAULT_FILE_FIELDS)


def copy_file(visit: Visit, file_id: str) -> Response:
    original, body = visit.opened(file_id), visit.body
    if original.mime_type == FOLDER:
        raise errors.cannot_copy()
    at, place = stamp(visit.now), _place(visit, _one_parent(body.get("parents"), root_id(visit.account)))
    name = str(body.get("name", f"Copy of {original.name}"))
    file = StoredFile(visit.state.fresh_id(), name, original.mime_type, visit.account, [place], [], at, at)
    file.text, file.content, file.description = original.text, original.content, original.description
    _keep(visit, file, body)
    return visit.answer(file_resource(visit, file), fields=DEFAULT_FILE_FIELDS)


def delete_file(visit: Visit, file_id: str) -> Response:
    """For good, without the trash, and a folder with all that is in it."""
    file = visit.opened(file_id)
    if visit.role(file) not in ("owner", "organizer"):
        raise errors.insufficient_permissions()
    _remove(visit, file)
    return Response(status=204)


def empty_trash(visit: Visit) -> Response:
    drive_id = visit.request.args.get("driveId")
    mine = [
        one for one in visit.state.files.values() if one.trashed and one.drive_id == drive_id and visit.role(one) in ("owner", "organizer")
    ]
    for file in mine:
        _remove(visit, file)
    return Response(status=204)


def generate_ids(visit: Visit) -> Response:
    wanted = int(visit.request.args.get("count", 10))
    if not 0 < wanted <= 1000:
        raise errors.invalid_value("count")
    return visit.answer({"kind": "drive#generatedIds", "space": "drive", "ids": [visit.state.fresh_id() for _ in range(wanted)]})


def _keep(visit: Visit, file: StoredFile, body: Mapping[str, Any]) -> None:
    file.properties, file.app_properties = dict(body.get("properties", {})), dict(body.get("appProperties", {}))
    visit.state.add(file)
    visit.state.changing(file, lambda: None, now=visit.now)


def _remove(visit: Visit, file: StoredFile) -> None:
    def change() -> None:
        for one in visit.state.below(file):
            visit.state.files.pop(one.id, None)

    visit.state.changing(file, change, now=visit.now)


def _apply(visit: Visit, file: StoredFile, body: Mapping[str, Any]) -> None:
    """Metadata and content onto a file; whatever else it says, its modification time moves."""
    file.modified_at, file.modified_by = stamp(visit.now), visit.account
    for name, attribute in ATTRIBUTES.items():
        if name in body:
            setattr(file, attribute, body[name])
    for name, held in (("properties", file.properties), ("appProperties", file.app_properties)):
        for key, value in body.get(name, {}).items():
            held.update({key: value}) if value is not None else held.pop(key, None)
    if visit.upload is not None:
        _put_content(file, visit.upload.content, visit.upload.content_type)


def _put_content(file: StoredFile, content: bytes, content_type: str) -> None:
    """Bytes stay bytes, but text given to a Google document becomes its text."""
    if file.mime_type not in CONVERTED:
        file.content = content
        return
    text = content.decode(errors="replace")
    file.text = html.unescape(TAG.sub(" ", text)) if content_type.startswith("text/html") else text


def _uploaded_type(visit: Visit) -> str:
    return visit.upload.content_type.partition(";")[0] if visit.upload else "application/octet-stream"


def _place(visit: Visit, folder_id: str) -> str:
    """The folder (or shared drive) somebody wants to put a file into; 404 unseen, 403 when it takes nothing from them."""
    drive = visit.state.drives.get(folder_id)
    if drive is not None:
        if drive.members.get(visit.account) not in permissions.WRITERS:
            raise errors.insufficient_permissions()
        return folder_id
    folder = visit.opened(folder_id)
    if folder.mime_type != FOLDER:
        raise errors.not_a_folder()
    if visit.role(folder) not in permissions.WRITERS:
        raise errors.insufficient_permissions()
    return folder.id


def _one_parent(parents: Any, default: str) -> str:
    given = list(parents or [default])
    if len(given) != 1:
        raise errors.one_parent_only()
    return str(given[0])
