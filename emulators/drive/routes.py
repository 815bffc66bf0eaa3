"""The Drive emulator: which path leads to which answer, and how drives, folders and files are seeded."""

import base64
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Request, Response

from emulators.clock import Clock
from emulators.drive import responses
from emulators.drive.responses import Visit
from emulators.drive.state import DOCUMENT, FOLDER, DriveState, SharedDrive, StoredFile, derived_id, root_id, stamp
from emulators.oauth2.google_api import GoogleApiEmulator, TokenDirectory
from emulators.service import Route


class DriveEmulator(GoogleApiEmulator):
    """www.googleapis.com/drive/v3 for any number of accounts and shared drives."""

    def __init__(self, clock: Clock, *, oauth2: TokenDirectory | None = None) -> None:
        self.state = DriveState()
        super().__init__("drive", clock, self._routes(), oauth2=oauth2)

    def account(self, email: str) -> StoredFile:
        """Opens an account: its My Drive, reachable as `root`."""
        return self.file("My Drive", owner=email, mime_type=FOLDER, file_id=root_id(email))

    def drive(self, drive_id: str, name: str, *, members: Mapping[str, str]) -> SharedDrive:
        """A shared drive; `members` maps accounts to organizer, fileOrganizer, writer, commenter or reader."""
        with self.lock:
            self.state.drives[drive_id] = SharedDrive(drive_id, name, dict(members))
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
            return self.state.add(stored) if parents else self.state.files.setdefault(identity, stored)

    def change(self, file_id: str, **changes: Any) -> StoredFile:
        """Changes attributes of a file (text, name, parents, trashed, …) as a person would: its modification time moves."""
        with self.lock:
            file = self.state.files[file_id]
            for name, value in changes.items():
                setattr(file, name, value)
            file.modified_at, file.version = stamp(self.clock.now()), file.version + 1
            return self.state.add(file)

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

    def _routes(self) -> list[Route]:
        table: list[tuple[str, Callable[..., Response], str]] = [
            ("/files", responses.list_files, "files.list"),
            ("/files/<file_id>", responses.get_file, "files.get"),
            ("/files/<file_id>/export", responses.export_file, "files.export"),
        ]
        return [Route("GET", f"/drive/v3{path}", self._opened(handler), name) for path, handler, name in table]

    def _opened(self, handler: Callable[..., Response]) -> Callable[..., Response]:
        def handle(request: Request, **values: str) -> Response:
            return handler(Visit(self.state, self.caller(request), request), **values)

        return handle
