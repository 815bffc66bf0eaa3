"""Answers about who may open a file."""

from typing import Any

from werkzeug.wrappers import Response

from emulators.drive import errors, permissions
from emulators.drive.state import StoredFile, stamp
from emulators.drive.visit import Visit
from emulators.google_api.requests import count, flag, next_page, page

DEFAULT_FIELDS = "kind,id,type,role"
DEFAULT_LIST_FIELDS = f"kind,nextPageToken,permissions({DEFAULT_FIELDS})"


def list_permissions(visit: Visit, file_id: str) -> Response:
    held = visit.state.permissions_of(_shared(visit, file_id))
    shown, more = page(held, visit.request, size=count(visit.request, "pageSize", default=100, most=100))
    return visit.answer({"kind": "drive#permissionList", "permissions": list(shown)} | next_page(more), fields=DEFAULT_LIST_FIELDS)


def get_permission(visit: Visit, file_id: str, permission_id: str) -> Response:
    return visit.answer(_held(visit, _shared(visit, file_id), permission_id), fields=DEFAULT_FIELDS)


def create_permission(visit: Visit, file_id: str) -> Response:
    """Giving the same person a permission again changes the role they have."""
    file, wanted = _shared(visit, file_id), permissions.checked(visit.body)
    if wanted["role"] == "owner":
        return _handed_over(visit, file, wanted)
    given = permissions.shown(wanted)

    def change() -> None:
        file.permissions = [one for one in file.permissions if permissions.shown(one)["id"] != given["id"]] + [wanted]
        _touch(visit, file)

    visit.state.changing(file, change, now=visit.now)
    return visit.answer(given, fields=DEFAULT_FIELDS)


def update_permission(visit: Visit, file_id: str, permission_id: str) -> Response:
    file = _shared(visit, file_id)
    own, role = _own(visit, file, permission_id), visit.body.get("role")
    if role not in permissions.GIVEABLE:
        raise errors.required_field("The permission role field is required.")
    if role == "owner":
        return _handed_over(visit, file, {**own, "role": role})

    def change() -> None:
        own["role"] = role
        _touch(visit, file)

    visit.state.changing(file, change, now=visit.now)
    return visit.answer(permissions.shown(own), fields=DEFAULT_FIELDS)


def delete_permission(visit: Visit, file_id: str, permission_id: str) -> Response:
    file = _shared(visit, file_id)
    own = _own(visit, file, permission_id)

    def change() -> None:
        file.permissions.remove(own)
        _touch(visit, file)

    visit.state.changing(file, change, now=visit.now)
    return Response(status=204)


def _shared(visit: Visit, file_id: str) -> StoredFile:
    """The file, for those who may see and say who else may."""
    file = visit.opened(file_id)
    if not permissions.may_share(visit.role(file), writers_can_share=file.writers_can_share):
        raise errors.insufficient_permissions()
    return file


def _held(visit: Visit, file: StoredFile, permission_id: str) -> dict[str, Any]:
    for one in visit.state.permissions_of(file):
        if one["id"] == permission_id:
            return one
    raise errors.permission_not_found(permission_id)


def _own(visit: Visit, file: StoredFile, permission_id: str) -> dict[str, Any]:
    """A permission that was given on this very file: inherited ones and the owner's cannot be changed here."""
    for one in file.permissions:
        if permissions.shown(one)["id"] == permission_id:
            return one
    _held(visit, file, permission_id)
    raise errors.cannot_modify_inherited()


def _handed_over(visit: Visit, file: StoredFile, wanted: dict[str, Any]) -> Response:
    if not flag(visit.request, "transferOwnership"):
        raise errors.transfer_not_said()
    if visit.role(file) != "owner":
        raise errors.insufficient_permissions()
    new = str(wanted["emailAddress"])

    def change() -> None:
        former = {"type": "user", "role": "writer", "emailAddress": file.owner}
        file.permissions = [one for one in file.permissions if one.get("emailAddress") != new] + [former]
        file.owner = new
        _touch(visit, file)

    visit.state.changing(file, change, now=visit.now)
    return visit.answer(permissions.of_owner(new), fields=DEFAULT_FIELDS)


def _touch(visit: Visit, file: StoredFile) -> None:
    """Sharing counts a version; the content keeps its date."""
    file.version += 1
    file.modified_by = file.modified_by or visit.account
    file.created_at = file.created_at or stamp(visit.now)
