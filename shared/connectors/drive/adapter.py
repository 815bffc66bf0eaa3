"""The Files port over Drive: what the allow-list admits, and its text. Built by the composition root, one per workspace."""

from collections.abc import Iterator, Sequence, Set
from itertools import islice
from typing import Any

from shared.connectors.drive.client import DriveClient
from shared.connectors.drive.pdf import pdf_text
from shared.connectors.drive.wire import DOCUMENT, FOLDER, PDF, PRESENTATION, SHORTCUT, SPREADSHEET, Change, DriveFile, open_to
from shared.domain.allow_list import admits, excluded, taken_whole
from shared.domain.assets import DriveChanges, DriveFolder, DriveListing, FileEntry
from shared.domain.workspace import DriveAccess
from shared.ports.errors import NotFound, Permanent, ReconnectNeeded
from shared.ports.files import FileCopy, ListAgain, Unreadable

DEEPEST = 10
MOST_FOLDERS = 1000
FOLDERS_AT_ONCE = 20
SHEET_ROWS = 200
MOST_CHARACTERS = 200_000
LARGEST_FILE = 10_000_000
"""Bytes. What may be exported ends there too; a larger file would be read into memory whole for its first pages."""
TOO_LARGE = f"the file is larger than {LARGEST_FILE // 1_000_000} MB"
EXPORTED_AS = {DOCUMENT: "text/plain", SPREADSHEET: "text/csv", PRESENTATION: "text/plain"}
NO_FILES = (FOLDER, SHORTCUT)
"""A shortcut may lead out of the allow-list: it is never followed."""


class DriveFiles:
    """The documents one workspace allows us to read."""

    def __init__(self, *, access: DriveAccess, client: DriveClient) -> None:
        self._access, self._client = access, client

    def listing(self) -> DriveListing:
        cursor = self._client.start_token()
        level, missing = self._roots()
        folders = {one.id: one for one in level}
        entries: dict[str, FileEntry] = {}
        for _ in range(DEEPEST):
            below: dict[str, DriveFolder] = {}
            for folder, child in self._children(level):
                if child.mime_type == FOLDER and child.id not in folders:
                    below[child.id] = self._entered(folder, child)
                elif folder.open and child.mime_type not in NO_FILES:
                    entries[child.id] = _entry(folder, child)
            folders |= below
            if len(folders) > MOST_FOLDERS:
                raise Permanent(f"the Drive roots hold more than {MOST_FOLDERS} folders", source="drive")
            level = list(below.values())
        return DriveListing(cursor=cursor, folders=tuple(folders.values()), files=tuple(entries.values()), missing=missing)

    def changes(self, *, cursor: str, folders: Sequence[DriveFolder]) -> DriveChanges:
        try:
            page = self._client.changes(cursor)
        except ReconnectNeeded:
            raise
        except Permanent as error:  # Drive says 400, 404 or 410 of a token it no longer knows
            raise ListAgain("Drive cannot tell what has changed since", source="drive", raw=error.raw) from None
        known = {one.id: one for one in folders}
        ours = {*known, *self._access.all_roots}  # a root in the trash, or not yet shared with us, was not listed
        if any(_moves_folders(one, ours) for one in page.changes):
            raise ListAgain("folders have changed", source="drive")
        entries = {one.file_id: self._entry_of(one.file, known) if one.file and not one.removed else None for one in page.changes}
        return DriveChanges(
            cursor=page.next_page_token or page.new_start_page_token or cursor,
            more=bool(page.next_page_token),
            files=tuple(one for one in entries.values() if one),
            gone=tuple(file_id for file_id, entry in entries.items() if entry is None),
        )

    def open_to(self, *, entry: FileEntry) -> tuple[str, ...]:
        try:
            return open_to(tuple(self._client.permissions(entry.id)))
        except ReconnectNeeded:
            raise
        except Permanent:  # who may only read a file is not told who else may
            return ()

    def text(self, *, entry: FileEntry) -> str:
        if entry.size > LARGEST_FILE:
            raise Unreadable(TOO_LARGE, source="drive")
        try:
            text = self._text(entry)
        except (ReconnectNeeded, NotFound, Unreadable):
            raise
        except Permanent as error:
            raise Unreadable(error.detail, source="drive", raw=error.raw) from None
        if entry.mime_type in (SPREADSHEET, "text/csv"):
            text = "\n".join(islice(text.split("\n"), SHEET_ROWS))
        if not text.strip():
            raise Unreadable("the file holds no text", source="drive")
        return text[:MOST_CHARACTERS]

    def copy(self, *, entry: FileEntry) -> FileCopy:
        file = self._client.file(entry.id)
        if file.trashed:
            raise NotFound(f"“{file.name}” is in the trash", source="drive")
        now = _as_now(entry, file)
        if now.open_to is None:
            now = now.model_copy(update={"open_to": self.open_to(entry=now)})
        if now.size > LARGEST_FILE:
            raise Unreadable(TOO_LARGE, source="drive")
        try:
            whole = file.mime_type in EXPORTED_AS
            data = self._client.export(file.id, mime_type=PDF) if whole else self._client.download(file.id)
        except (ReconnectNeeded, NotFound):
            raise
        except Permanent as error:  # an export ends at 10 MB
            raise Unreadable(error.detail, source="drive", raw=error.raw) from None
        return FileCopy(entry=now, mime_type=PDF if whole else file.mime_type, data=data)

    def _text(self, entry: FileEntry) -> str:
        if entry.mime_type in EXPORTED_AS:
            return _decoded(self._client.export(entry.id, mime_type=EXPORTED_AS[entry.mime_type]))
        if entry.mime_type.startswith("text/"):
            return _decoded(self._client.download(entry.id))
        if entry.mime_type == PDF:
            return pdf_text(self._client.download(entry.id))
        raise Unreadable(f"files of the kind {entry.mime_type} are not read", source="drive")

    def _roots(self) -> tuple[list[DriveFolder], tuple[str, ...]]:
        """Those that are there, and the ids of those that are not: they must not keep us from the others."""
        found, missing = list[DriveFile](), list[str]()
        for root in self._access.all_roots:
            try:
                found.append(self._client.file(root))
            except NotFound:
                missing.append(root)
        there = [one for one in found if not one.trashed]
        folders = [DriveFolder(id=one.id, place=one.name, open=taken_whole(self._access, one.id), root=one.id) for one in there]
        return folders, tuple(missing)

    def _children(self, folders: Sequence[DriveFolder]) -> Iterator[tuple[DriveFolder, DriveFile]]:
        """What lies in these folders and is not excluded, with the folder it lies in."""
        for start in range(0, len(folders), FOLDERS_AT_ONCE):
            by_id = {one.id: one for one in folders[start : start + FOLDERS_AT_ONCE]}
            for child in self._client.children(list(by_id)):
                parent = next((by_id[one] for one in child.parents if one in by_id), None)
                if parent is not None and not excluded(self._access, child.name):
                    yield parent, child

    def _entered(self, parent: DriveFolder, child: DriveFile) -> DriveFolder:
        """A place is told from the folder that was admitted, or else from the first one below the root."""
        if parent.open and parent.id != parent.root:
            return DriveFolder(id=child.id, place=f"{parent.place}/{child.name}", open=True, root=parent.root)
        return DriveFolder(id=child.id, place=child.name, open=parent.open or admits(self._access, child.name), root=parent.root)

    def _entry_of(self, file: DriveFile, folders: dict[str, DriveFolder]) -> FileEntry | None:
        """None for what is not allowed."""
        parent = next((folders[one] for one in file.parents if one in folders), None)
        if parent is None or not parent.open or file.trashed or file.mime_type in NO_FILES or excluded(self._access, file.name):
            return None
        return _entry(parent, file)


def _moves_folders(change: Change, folders: Set[str]) -> bool:
    """A folder of ours that changed in any way, one that came to lie in ours, or a shared drive: what lies below may have moved with it."""
    if change.change_type != "file" or change.file_id in folders:
        return True
    return change.file is not None and change.file.mime_type == FOLDER and any(one in folders for one in change.file.parents)


def _entry(folder: DriveFolder, file: DriveFile) -> FileEntry:
    return FileEntry(id=file.id, folder=folder.place, root=folder.root, **_said_of(file))


def _as_now(entry: FileEntry, file: DriveFile) -> FileEntry:
    """Where it lies is for the index to say, which follows moved folders."""
    return entry.model_copy(update=_said_of(file))


def _said_of(file: DriveFile) -> dict[str, Any]:
    return {
        "name": file.name,
        "mime_type": file.mime_type,
        "modified_at": file.modified_time,
        "fingerprint": file.md5_checksum or file.modified_time.isoformat(),
        "size": file.size,
        "open_to": None if file.permissions is None else open_to(file.permissions),
        "url": file.web_view_link,
    }


def _decoded(data: bytes) -> str:
    """Docs begin their text with a byte order mark and end lines as Windows does."""
    return data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
