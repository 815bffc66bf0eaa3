"""The Drive emulator: which path leads to which answer, and how drives, folders and files are seeded."""

import base64
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Request

from emulators.clock import Clock
from emulators.drive import change_responses as changes
from emulators.drive import permission_responses as sharing
from emulators.drive import responses as files
from emulators.drive import write_responses as writing
from emulators.drive.state import DOCUMENT, FOLDER, DriveState, SharedDrive, StoredFile, derived_id, root_id, stamp
from emulators.drive.visit import Visit
from emulators.google_api.front import Endpoint, GoogleApiEmulator, TokenDirectory
from emulators.google_api.quotas import Quota
from emulators.google_api.uploads import Upload

PREFIX = "/drive/v3"
UPLOADING: list[Endpoint] = [
    ("POST", "/files", writing.create_file, "files.create"),
    ("PATCH", "/files/<file_id>", writing.update_file, "files.update"),
]
ENDPOINTS: list[Endpoint] = [
    *UPLOADING,
    ("GET", "/about", changes.about, "about.get"),
    ("GET", "/files", files.list_files, "files.list"),
    ("GET", "/files/generateIds", writing.generate_ids, "files.generateIds"),
    ("DELETE", "/files/trash", writing.empty_trash, "files.emptyTrash"),
    ("GET", "/files/<file_id>", files.get_file, "files.get"),
    ("DELETE", "/files/<file_id>", writing.delete_file, "files.delete"),
    ("POST", "/files/<file_id>/copy", writing.copy_file, "files.copy"),
    ("GET", "/files/<file_id>/export", files.export_file, "files.export"),
    ("GET", "/files/<file_id>/permissions", sharing.list_permissions, "permissions.list"),
    ("POST", "/files/<file_id>/permissions", sharing.create_permission, "permissions.create"),
    ("GET", "/files/<file_id>/permissions/<permission_id>", sharing.get_permission, "permissions.get"),
    ("PATCH", "/files/<file_id>/permissions/<permission_id>", sharing.update_permission, "permissions.update"),
    ("DELETE", "/files/<file_id>/permissions/<permission_id>", sharing.delete_permission, "permissions.delete"),
    ("GET", "/changes/startPageToken", changes.start_page_token, "changes.getStartPageToken"),
    ("GET", "/changes", changes.list_changes, "changes.list"),
    ("GET", "/drives", changes.list_drives, "drives.list"),
    ("GET", "/drives/<drive_id>", changes.get_drive, "drives.get"),
]


class DriveEmulator(GoogleApiEmulator):
    """www.googleapis.com/drive/v3 for any number of accounts and shared drives."""

    def __init__(self, clock: Clock, *, oauth2: TokenDirectory | None = None) -> None:
        self.state = DriveState()
        routes = [*self.behind(PREFIX, ENDPOINTS), *self.behind(PREFIX, UPLOADING, uploading=True)]
        quota = Quota(code=403, reason="userRateLimitExceeded")  # https://developers.google.com/workspace/drive/api/guides/handle-errors
        super().__init__("drive", clock, routes, oauth2=oauth2, quota=quota)

    def account(self, email: str) -> StoredFile:
        """Opens an account: its My Drive, reachable as `root`."""
        return self.file("My Drive", owner=email, mime_type=FOLDER, file_id=root_id(email))

    def drive(self, drive_id: str, name: str, *, members: Mapping[str, str]) -> SharedDrive:
        """A shared drive; `members` maps accounts to organizer, fileOrganizer, writer, commenter or reader."""
        with self.lock:
            at = stamp(self.clock.now())
            self.state.drives[drive_id] = SharedDrive(drive_id, name, dict(members), at)
            self.state.log.add(drive_id, at=at, drive_id=drive_id, of_drive=True)
            return self.state.drives[drive_id]

    def folder(self, name: str, *, owner: str, parent: str | None = None, file_id: str | None = None, **options: Any) -> StoredFile:
        return self.file(name, owner=owner, parent=parent, file_id=file_id, mime_type=FOLDER, **options)

    def file(
        self,
        name: str,
        *,
        owner: str,
        parent: str | None = None,
        file_id: str | None = None,
        mime_type: str = DOCUMENT,
        text: str = "",
        content: bytes = b"",
        modified_at: datetime | str | None = None,
        permissions: Iterable[Mapping[str, Any]] = (),
        description: str = "",
    ) -> StoredFile:
        """A file owned by an account. Google documents take `text` (CSV for sheets), all others `content`."""
        with self.lock:
            moment = datetime.fromisoformat(modified_at) if isinstance(modified_at, str) else modified_at or self.clock.now()
            parents = [] if file_id == root_id(owner) else [parent or root_id(owner)]
            identity = file_id or derived_id((owner, name, *parents))
            grants = [dict(one) for one in permissions]
            at = stamp(moment)
            stored = StoredFile(
                identity, name, mime_type, owner, parents, grants, at, at, text=text, content=content, description=description
            )
            if not parents:
                return self.state.files.setdefault(identity, stored)
            self.state.add(stored)
            self.state.changing(stored, lambda: None, now=self.clock.now())
            return stored

    def change(self, file_id: str, **attributes: Any) -> StoredFile:
        """Changes attributes of a file (text, name, parents, trashed, …) as a person would: its modification time moves."""
        with self.lock:
            file = self.state.files[file_id]

            def change() -> None:
                for name, value in attributes.items():
                    setattr(file, name, value)
                file.modified_at, file.version = stamp(self.clock.now()), file.version + 1
                self.state.add(file)

            self.state.changing(file, change, now=self.clock.now())
            return file

    def remove(self, file_id: str) -> None:
        """Deletes a file, or a folder with all that is in it, as its owner would."""
        with self.lock:
            file = self.state.files[file_id]
            gone = [one.id for one in self.state.below(file)]
            self.state.changing(file, lambda: [self.state.files.pop(one) for one in gone], now=self.clock.now())

    def seed(self, data: Mapping[str, Any]) -> None:
        """`{"accounts": [email], "drives": [drive()'s], "files": [file()'s, bytes as `content_base64`]}`."""
        for email in data.get("accounts", []):
            self.account(email)
        for drive in data.get("drives", []):
            self.drive(**drive)
        for entry in data.get("files", []):
            content = base64.b64decode(entry.get("content_base64", ""))
            self.file(**{key: value for key, value in entry.items() if key != "content_base64"}, content=content)

    def reset(self) -> None:
        self.state = DriveState()

    def dump(self) -> dict[str, Any]:
        return self.state.dump()

    def load(self, data: Mapping[str, Any]) -> None:
        self.state.load(data)

    def entered(self, caller: str, request: Request, upload: Upload | None, values: Mapping[str, str]) -> tuple[Visit, dict[str, str]]:
        return Visit(self.state, caller, request, self.clock.now(), upload), dict(values)
