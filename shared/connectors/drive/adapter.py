"""The Files port over Drive: what the allow-list admits, and its text. Built by the composition root, one per workspace."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from shared.connectors.drive.allow_list import admits, excluded
from shared.connectors.drive.client import DriveClient
from shared.connectors.drive.wire import DOCUMENT, FOLDER, PRESENTATION, SHORTCUT, SPREADSHEET, DriveFile
from shared.domain.assets import FileEntry
from shared.domain.workspace import DriveAccess
from shared.ports.errors import Permanent

DEEPEST = 10
MOST_FOLDERS = 1000
FOLDERS_AT_ONCE = 20
SHEET_ROWS = 200
MOST_CHARACTERS = 200_000
LARGEST_FILE = 10_000_000
"""Bytes. What may be exported ends there too; a larger file would be read into memory whole for its first pages."""
EXPORTED_AS = {DOCUMENT: "text/plain", SPREADSHEET: "text/csv", PRESENTATION: "text/plain"}


@dataclass(frozen=True)
class Folder:
    """A folder on the way down. `place` is its path below the root, by which files are known; `open` admits its files."""

    id: str
    place: str
    open: bool
    root: bool = False


class DriveFiles:
    """The documents one workspace allows us to read."""

    def __init__(self, *, access: DriveAccess, client: DriveClient) -> None:
        self._access, self._client = access, client

    def allowed(self) -> Sequence[FileEntry]:
        roots = [self._client.file(one) for one in self._access.roots]
        level = [Folder(one.id, one.name, not self._access.allowed_folders, root=True) for one in roots if not one.trashed]
        entries: dict[str, FileEntry] = {}
        seen = {one.id for one in level}
        for _ in range(DEEPEST):
            below: list[Folder] = []
            for folder, child in self._children(level):
                if child.mime_type == FOLDER and child.id not in seen:
                    below.append(self._entered(folder, child))
                elif folder.open and child.mime_type not in (FOLDER, SHORTCUT):  # a shortcut may lead out of the allow-list
                    entries[child.id] = _entry(folder, child)
            seen |= {one.id for one in below}
            if len(seen) > MOST_FOLDERS:
                raise Permanent(f"the Drive roots hold more than {MOST_FOLDERS} folders", source="drive")
            level = below
        return tuple(entries.values())

    def text(self, *, entry: FileEntry) -> str:
        if entry.mime_type in EXPORTED_AS:
            text = _decoded(self._client.export(entry.id, mime_type=EXPORTED_AS[entry.mime_type]))
        elif entry.mime_type.startswith("text/"):
            text = _decoded(self._client.download(entry.id))
        else:
            return ""
        if entry.mime_type in (SPREADSHEET, "text/csv"):
            text = "\n".join(islice(text.split("\n"), SHEET_ROWS))
        return text[:MOST_CHARACTERS]

    def _children(self, folders: Sequence[Folder]) -> Iterator[tuple[Folder, DriveFile]]:
        """What lies in these folders and is neither excluded nor too large, with the folder it lies in."""
        for start in range(0, len(folders), FOLDERS_AT_ONCE):
            by_id = {one.id: one for one in folders[start : start + FOLDERS_AT_ONCE]}
            for child in self._client.children(list(by_id)):
                parent = next((by_id[one] for one in child.parents if one in by_id), None)
                if parent is not None and child.size <= LARGEST_FILE and not excluded(self._access, child.name):
                    yield parent, child

    def _entered(self, parent: Folder, child: DriveFile) -> Folder:
        """A place is told from the folder that was admitted, or else from the first one below the root."""
        if parent.open and not parent.root:
            return Folder(child.id, f"{parent.place}/{child.name}", open=True)
        return Folder(child.id, child.name, open=parent.open or admits(self._access, child.name))


def _entry(folder: Folder, file: DriveFile) -> FileEntry:
    return FileEntry(
        id=file.id, name=file.name, mime_type=file.mime_type, folder=folder.place, modified_at=file.modified_time, url=file.web_view_link
    )


def _decoded(data: bytes) -> str:
    """Docs begin their text with a byte order mark and end lines as Windows does."""
    return data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
