"""The workspace's Drive, already narrowed to what may be read."""

from collections.abc import Callable, Sequence
from typing import Protocol

from shared.domain.assets import FileEntry
from shared.domain.workspace import Workspace


class Files(Protocol):
    def allowed(self) -> Sequence[FileEntry]:
        """Every file below the roots that the allow-list admits and no exclusion forbids."""

    def text(self, *, entry: FileEntry) -> str:
        """Plain text of a Doc, head of a Sheet as CSV, text of Slides; empty for kinds without text."""


FilesOf = Callable[[Workspace], Files]
