"""A Drive in memory: listed files with their texts, failing on demand."""

from collections.abc import Mapping, Sequence

from shared.domain.assets import FileEntry
from shared.domain.workspace import Workspace
from shared.ports.errors import NotFound, SalesAgentError


class MemoryFiles:
    """`listed` and `read` say how often the list was asked for and which texts were fetched."""

    def __init__(self, texts: Mapping[FileEntry, str] | None = None) -> None:
        self.entries = {entry.id: entry for entry in texts or {}}
        self.texts = {entry.id: text for entry, text in (texts or {}).items()}
        self.failures: dict[str, SalesAgentError] = {}
        self.away: SalesAgentError | None = None
        self.listed = 0
        self.read: list[str] = []

    def of(self, workspace: Workspace) -> "MemoryFiles":
        """As FilesOf: the same Drive for every workspace."""
        return self

    def put(self, entry: FileEntry, text: str) -> None:
        self.entries[entry.id], self.texts[entry.id] = entry, text

    def drop(self, file_id: str) -> None:
        del self.entries[file_id], self.texts[file_id]

    def allowed(self) -> Sequence[FileEntry]:
        self.listed += 1
        if self.away:
            raise self.away
        return tuple(self.entries.values())

    def text(self, *, entry: FileEntry) -> str:
        self.read.append(entry.id)
        if entry.id in self.failures:
            raise self.failures[entry.id]
        if entry.id not in self.texts:
            raise NotFound(f"no file {entry.id}")
        return self.texts[entry.id]
