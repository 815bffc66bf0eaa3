"""Files, folders and shared drives, who may open them and what changed; pure, JSON-safe in and out."""

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from emulators.drive import errors, permissions
from emulators.drive.changes import ChangeLog

FOLDER = "application/vnd.google-apps.folder"
DOCUMENT = "application/vnd.google-apps.document"
SPREADSHEET = "application/vnd.google-apps.spreadsheet"
PRESENTATION = "application/vnd.google-apps.presentation"
SHORTCUT = "application/vnd.google-apps.shortcut"
NATIVE = "application/vnd.google-apps."


@dataclass
class StoredFile:
    """One file or folder. Google-native ones hold `text` (CSV for a sheet), others their bytes; a shortcut names its `target`."""

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
    target: str | None = None
    properties: dict[str, str] = field(default_factory=dict)
    app_properties: dict[str, str] = field(default_factory=dict)
    writers_can_share: bool = True
    modified_by: str = ""

    @property
    def native(self) -> bool:
        return self.mime_type.startswith(NATIVE)


@dataclass
class SharedDrive:
    """`members` maps an account to its role."""

    id: str
    name: str
    members: dict[str, str]
    created_at: str = "2026-01-01T00:00:00.000Z"


@dataclass
class DriveState:
    files: dict[str, StoredFile] = field(default_factory=dict)
    drives: dict[str, SharedDrive] = field(default_factory=dict)
    log: ChangeLog = field(default_factory=ChangeLog)
    minted: int = 0

    def add(self, file: StoredFile) -> StoredFile:
        """Stores a file; without a parent it lies in its owner's root, inside a shared drive it belongs to that drive."""
        if not file.parents:
            file.parents = [file.drive_id or root_id(file.owner)]
        parent = self.files.get(file.parents[0])
        if parent is not None:
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
        """What the account may do with the file: by the drive's membership, else by the strongest permission up the folders."""
        return permissions.strongest(self.permissions_of(file), account)

    def permissions_of(self, file: StoredFile) -> list[dict[str, Any]]:
        """The file's own permissions and those inherited from its folders or its drive; the owner comes first."""
        if file.drive_id:
            members = self.drives[file.drive_id].members if file.drive_id in self.drives else {}
            found = [permissions.of_member(account, role, file.drive_id) for account, role in members.items()]
        else:
            found = [permissions.of_owner(file.owner)]
        seen = {one["id"] for one in found}
        for level in self._upwards(file):
            fresh = [one for one in map(permissions.shown, level.permissions) if one["id"] not in seen]
            found += fresh
            seen |= {one["id"] for one in fresh}
        return found

    def in_trash(self, file: StoredFile) -> bool:
        """A file in a trashed folder is trashed too."""
        return any(level.trashed for level in self._upwards(file))

    def below(self, file: StoredFile) -> list[StoredFile]:
        """The file and everything in it, however deep."""
        found = [file]
        for one in found:
            found += [child for child in self.files.values() if one.id in child.parents]
        return found

    def changing(self, file: StoredFile, change: Callable[[], object], *, now: datetime) -> None:
        """Runs a change of a file and writes down for the changes feed what it did, and what it opened or closed to whom."""
        affected = self.below(file)
        before = {one.id: self.who_sees(one) for one in affected}
        change()
        self.log.add(file.id, at=stamp(now), drive_id=file.drive_id, lost=before[file.id] - self._seeing(file.id))
        for one in affected[1:]:
            after = self._seeing(one.id)
            if after != before[one.id] or one.id not in self.files:
                self.log.add(one.id, at=stamp(now), drive_id=one.drive_id, lost=before[one.id] - after)

    def who_sees(self, file: StoredFile) -> set[str]:
        return {account for account in self.accounts() if self.role_of(account, file) is not None}

    def accounts(self) -> set[str]:
        """Everybody who owns, was granted or belongs to something."""
        named = {str(one["emailAddress"]) for file in self.files.values() for one in file.permissions if one.get("emailAddress")}
        members = {account for drive in self.drives.values() for account in drive.members}
        return {file.owner for file in self.files.values()} | named | members

    def fresh_id(self) -> str:
        self.minted += 1
        return derived_id(("minted", str(self.minted)))

    def _seeing(self, file_id: str) -> set[str]:
        return self.who_sees(self.files[file_id]) if file_id in self.files else set()

    def _upwards(self, file: StoredFile) -> Iterator[StoredFile]:
        """The file, its folder, the folder's folder."""
        level: StoredFile | None = file
        while level is not None:
            yield level
            level = self.files.get(level.parents[0]) if level.parents else None

    def dump(self) -> dict[str, Any]:
        files = [asdict(file) | {"content": base64.b64encode(file.content).decode()} for file in self.files.values()]
        drives = [asdict(drive) for drive in self.drives.values()]
        return {"files": files, "drives": drives, "log": self.log.dump(), "minted": self.minted}

    def load(self, data: Mapping[str, Any]) -> None:
        files = [StoredFile(**{**file, "content": base64.b64decode(file["content"])}) for file in data.get("files", [])]
        self.files = {file.id: file for file in files}
        self.drives = {drive["id"]: SharedDrive(**drive) for drive in data.get("drives", [])}
        self.log = ChangeLog.loaded(data.get("log", {}))
        self.minted = int(data.get("minted", 0))


def root_id(account: str) -> str:
    """The id behind the alias `root`."""
    return f"0A{hashlib.sha256(account.encode()).hexdigest()[:17]}"


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def derived_id(parts: Iterable[str]) -> str:
    return f"1{hashlib.sha256('/'.join(parts).encode()).hexdigest()[:32]}"
