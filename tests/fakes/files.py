"""A Drive in memory, as the Files port shows it: listed files with their texts, what changed since, failing on demand."""

from collections.abc import Mapping, Sequence

from shared.domain.assets import DriveChanges, DriveFolder, DriveListing, FileEntry
from shared.domain.workspace import Workspace
from shared.ports.errors import NotFound, SalesAgentError
from shared.ports.files import FileCopy, ListAgain

PAGE = 3


class MemoryFiles:
    """`calls` says what Drive was asked for, `read` which texts were fetched. `told` are readers the list does not say."""

    def __init__(self, texts: Mapping[FileEntry, str] | None = None) -> None:
        self.entries = {entry.id: entry for entry in texts or {}}
        self.texts = {entry.id: text for entry, text in (texts or {}).items()}
        self.told: dict[str, tuple[str, ...]] = {}
        self.journal: list[str] = []
        self.missing: tuple[str, ...] = ()
        self.lost = False
        self.failures: dict[str, SalesAgentError] = {}
        self.away: SalesAgentError | None = None
        self.calls: list[str] = []
        self.read: list[str] = []

    def of(self, workspace: Workspace) -> "MemoryFiles":
        """As FilesOf: the same Drive for every workspace."""
        return self

    def put(self, entry: FileEntry, text: str) -> None:
        self.entries[entry.id], self.texts[entry.id] = entry, text
        self.journal.append(entry.id)

    def drop(self, file_id: str) -> None:
        del self.entries[file_id], self.texts[file_id]
        self.journal.append(file_id)

    def listing(self) -> DriveListing:
        self._asked("listing")
        return DriveListing(cursor=self._cursor, folders=(), files=tuple(self.entries.values()), missing=self.missing)

    def changes(self, *, cursor: str, folders: Sequence[DriveFolder]) -> DriveChanges:
        self._asked("changes")
        if self.lost:
            raise ListAgain("the cursor is lost")
        begin = int(cursor.removeprefix("at-"))
        ids = list(dict.fromkeys(self.journal[begin : begin + PAGE]))
        files, gone = [self.entries[id] for id in ids if id in self.entries], [id for id in ids if id not in self.entries]
        end = min(begin + PAGE, len(self.journal))
        return DriveChanges(cursor=f"at-{end}", more=end < len(self.journal), files=tuple(files), gone=tuple(gone))

    def open_to(self, *, entry: FileEntry) -> tuple[str, ...]:
        self._asked("open_to")
        return self.told.get(entry.id, ())

    def text(self, *, entry: FileEntry) -> str:
        self._asked("text")
        self.read.append(entry.id)
        if entry.id in self.failures:
            raise self.failures[entry.id]
        if entry.id not in self.texts:
            raise NotFound(f"no file {entry.id}")
        return self.texts[entry.id]

    def copy(self, *, entry: FileEntry) -> FileCopy:
        """As it is now: a Google document's text stands for its PDF."""
        self._asked("copy")
        if entry.id not in self.texts:
            raise NotFound(f"no file {entry.id}")
        if entry.id in self.failures:
            raise self.failures[entry.id]
        now = self.entries[entry.id]
        kind = "application/pdf" if now.mime_type.startswith("application/vnd.google-apps.") else now.mime_type
        return FileCopy(entry=now, mime_type=kind, data=self.texts[entry.id].encode())

    @property
    def _cursor(self) -> str:
        return f"at-{len(self.journal)}"

    def _asked(self, call: str) -> None:
        self.calls.append(call)
        if self.away:
            raise self.away
