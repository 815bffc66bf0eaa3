"""The workspace's Drive, already narrowed to what may be read."""

from collections.abc import Callable, Sequence
from typing import Protocol

from shared.domain.assets import DriveChanges, DriveFolder, DriveListing, FileEntry
from shared.domain.entity import Value
from shared.domain.workspace import Workspace
from shared.ports.errors import Permanent


class ListAgain(Permanent):
    """Changes cannot tell what is allowed now: the cursor is lost, or a folder has moved with all that lies below it."""


class Unreadable(Permanent):
    """There is no text to be had from this file, as it is; `detail` says why, in words for the operator."""


class FileCopy(Value):
    """A document as it is at this moment: what Drive says of it, and its bytes, Google's own kinds as PDF."""

    entry: FileEntry
    mime_type: str
    data: bytes


class Files(Protocol):
    """Raises Permanent (ReconnectNeeded) when Drive as a whole cannot be read."""

    def listing(self) -> DriveListing:
        """Every file below the roots that the allow-list admits and no exclusion forbids."""

    def changes(self, *, cursor: str, folders: Sequence[DriveFolder]) -> DriveChanges:
        """What happened since, one page; `folders` are those of the last listing. Raises ListAgain."""

    def open_to(self, *, entry: FileEntry) -> tuple[str, ...]:
        """Like `FileEntry.open_to`, where the list did not say: empty when Drive will not tell us."""

    def text(self, *, entry: FileEntry) -> str:
        """Plain text of a Doc, the head of a Sheet as CSV, text of Slides and PDF. Raises Unreadable, NotFound."""

    def copy(self, *, entry: FileEntry) -> FileCopy:
        """The whole file, with who may open it asked anew. Raises Unreadable, NotFound."""


FilesOf = Callable[[Workspace], Files]
