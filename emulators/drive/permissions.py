"""Who may do what with a file: permissions as Drive shows them, roles by their strength, and the capabilities that follow."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from emulators.drive import errors

ROLES = ("reader", "commenter", "writer", "fileOrganizer", "organizer", "owner")
SHARERS = frozenset({"owner", "organizer", "fileOrganizer", "writer"})
WRITERS = frozenset({"owner", "organizer", "fileOrganizer", "writer"})
TRASHERS = frozenset({"owner", "organizer", "fileOrganizer"})
TYPES = ("user", "group", "domain", "anyone")
GIVEABLE = ("reader", "commenter", "writer", "owner")


def of_owner(account: str) -> dict[str, Any]:
    return shown({"type": "user", "role": "owner", "emailAddress": account})


def of_member(account: str, role: str, drive_id: str) -> dict[str, Any]:
    """A member of a shared drive, on everything inside it."""
    detail = {"permissionType": "member", "role": role, "inheritedFrom": drive_id, "inherited": True}
    return shown({"type": "user", "role": role, "emailAddress": account, "permissionDetails": [detail]})


def shown(given: Mapping[str, Any]) -> dict[str, Any]:
    """A permission as Drive shows it: `type` and `role` are required, the id follows from whom it names."""
    named = "anyoneWithLink" if given["type"] == "anyone" else number(str(given.get("emailAddress") or given.get("domain")))
    name = str(given.get("emailAddress") or given.get("domain") or "")
    return {"kind": "drive#permission", "id": named, **({"displayName": name} if name else {}), **given}


def checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """A permission somebody wants to give; 400 for one that is incomplete."""
    kind, role = given.get("type"), given.get("role")
    if kind not in TYPES:
        raise errors.required_field("The permission type field is required.")
    if role not in GIVEABLE:
        raise errors.required_field("The permission role field is required.")
    needed = {"user": "emailAddress", "group": "emailAddress", "domain": "domain"}.get(str(kind))
    if needed and not given.get(needed):
        raise errors.required_field(f"The {needed} field is required for permissions of type {kind}.")
    names = ("type", "role", "emailAddress", "domain", "allowFileDiscovery", "expirationTime")
    return {name: given[name] for name in names if name in given}


def strongest(held: Iterable[Mapping[str, Any]], account: str) -> str | None:
    """The role an account has by any of these permissions."""
    roles = [str(one["role"]) for one in held if _grants(one, account)]
    return max(roles, key=ROLES.index, default=None)


def capabilities(role: str | None, *, folder: bool, native: bool, writers_can_share: bool) -> dict[str, bool]:
    """What the caller may do, for those parts the product asks about."""
    edits, trashes = role in WRITERS, role in TRASHERS
    return {
        "canAddChildren": folder and edits,
        "canComment": edits or role == "commenter",
        "canCopy": not folder,
        "canDelete": role in ("owner", "organizer"),
        "canDownload": not folder,
        "canEdit": edits,
        "canListChildren": folder,
        "canModifyContent": edits,
        "canRename": edits,
        "canShare": may_share(role, writers_can_share=writers_can_share),
        "canTrash": trashes,
        "canUntrash": trashes,
        "canReadRevisions": edits and (native or not folder),
    }


def may_share(role: str | None, *, writers_can_share: bool) -> bool:
    return role in SHARERS and (role != "writer" or writers_can_share)


def number(text: str) -> str:
    """The id of a person's or a domain's permission: the same on every file."""
    return str(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))


def _grants(permission: Mapping[str, Any], account: str) -> bool:
    if permission["type"] == "anyone":
        return True
    if permission["type"] == "domain":
        return account.endswith(f"@{permission.get('domain')}")
    return bool(permission.get("emailAddress") == account)
