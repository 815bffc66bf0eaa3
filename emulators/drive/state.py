"""Files, folders and shared drives with who may open them; pure, JSON-safe in and out."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from emulators.drive import errors

FOLDER = "application/vnd.google-apps.folder"
DOCUMENT = "application/vnd.google-apps.document"
SPREADSHEET = "application/vnd.google-apps.spreadsheet"
PRESENTATION = "application/vnd.google-apps.presentation"
NATIVE = "application/vnd.google-apps."
SHARERS = frozenset({"owner", "organizer", "fileOrganizer", "writer"})


@dataclass
class StoredFile:
    """One file or folder. Google-native ones hold `text` (CSV for a sheet), others their bytes."""

    id: str
    name: str
    mime_type: str
    owner: str
    parents: list[str]
    permissions: list[dict[str, Any]]
    created_at: str
    modified_at: str
    drive_id: str | None = None
    text: str = ""
    content: bytes = b""
    description: str = ""
    trashed: bool = False
    starred: bool = False
    version: int = 1

    @property
    def native(self) -> bool:
        return self.mime_type.startswith(NATIVE)


@dataclass
class SharedDrive:
    """`members` maps an account to its role."""

    id: str
    name: str
    members: dict[str, str]


@dataclass
class DriveState:
    files: dict[str, StoredFile] = field(default_factory=dict)
    drives: dict[str, SharedDrive] = field(default_factory=dict)

    def add(self, file: StoredFile) -> StoredFile:
        """Stores a file; without a parent it lies in its owner's root, inside a shared drive it belongs to that drive."""
        if not file.parents:
            file.parents = [file.drive_id or root_id(file.owner)]
        parent = self.files.get(file.parents[0])
        if parent is not None and parent.drive_id:
            file.drive_id = parent.drive_id
        elif file.parents[0] in self.drives:
            file.drive_id = file.parents[0]
        self.files[file.id] = file
        return file

    def opened(self, file_id: str, *, account: str, shared_drives: bool) -> StoredFile:
        """The file, if this account may see it and the request supports where it lies; otherwise 404."""
        found = self.files.get(root_id(account) if file_id == "root" else file_id)
        if found is None or self.role_of(account, found) is None or (found.drive_id and not shared_drives):
            raise errors.file_not_found(file_id)
        return found

    def role_of(self, account: str, file: StoredFile) -> str | None:
        """What the account may do with the file: by the drive's membership, else by the nearest permission up the folders."""
        if file.drive_id:
            return self.drives[file.drive_id].members.get(account) if file.drive_id in self.drives else None
        for permission in self.permissions_of(file):
            if _grants(permission, account):
                return str(permission["role"])
        return None

    def permissions_of(self, file: StoredFile) -> list[dict[str, Any]]:
        """The file's own permissions and those inherited from its folders; the owner comes first."""
        owner = {"kind": "drive#permission", "id": _number(file.owner), "type": "user", "role": "owner", "emailAddress": file.owner}
        found, seen = [owner], {owner["id"]}
        level: StoredFile | None = file
        while level is not None:
            fresh = [one for one in map(_permission, level.permissions) if one["id"] not in seen]
            found += fresh
            seen |= {one["id"] for one in fresh}
            level = self.files.get(level.parents[0]) if level.parents else None
        return found

    def in_trash(self, file: StoredFile) -> bool:
        """A file in a trashed folder is trashed too."""
        parent = self.files.get(file.parents[0]) if file.parents else None
        return file.trashed or (parent is not None and self.in_trash(parent))

    def dump(self) -> dict[str, Any]:
        files = [asdict(file) | {"content": base64.b64encode(file.content).decode()} for file in self.files.values()]
        return {"files": files, "drives": [asdict(drive) for drive in self.drives.values()]}

    def load(self, data: Mapping[str, Any]) -> None:
        files = [StoredFile(**{**file, "content": base64.b64decode(file["content"])}) for file in data.get("files", [])]
        self.files = {file.id: file for file in files}
        self.drives = {drive["id"]: SharedDrive(**drive) for drive in data.get("drives", [])}


def root_id(account: str) -> str:
    """The id behind the alias `root`."""
    return f"0A{hashlib.sha256(account.encode()).hexdigest()[:17]}"


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def derived_id(parts: Iterable[str]) -> str:
    return f"1{hashlib.sha256('/'.join(parts).encode()).hexdigest()[:32]}"


def _grants(permission: Mapping[str, Any], account: str) -> bool:
    if permission["type"] == "anyone":
        return True
    if permission["type"] == "domain":
        return account.endswith(f"@{permission.get('domain')}")
    return bool(permission.get("emailAddress") == account)


def _permission(given: Mapping[str, Any]) -> dict[str, Any]:
    """A permission as Drive shows it: `type` and `role` are required, the id follows from whom it names."""
    named = "anyoneWithLink" if given["type"] == "anyone" else _number(str(given.get("emailAddress") or given.get("domain")))
    return {"kind": "drive#permission", "id": named, **given}


def _number(text: str) -> str:
    return str(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))
