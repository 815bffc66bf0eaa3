"""Documents of the workspace's Drive that may help a contact, and the index kept of them."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from shared.domain.entity import Entity, Value
from shared.domain.evidence import Evidence
from shared.domain.lease import Lease
from shared.domain.nearness import Vector

INDEX_ID = "drive"
"""The one index document of a workspace."""
ANYONE = "anyone"
"""In `FileEntry.open_to`: whoever has the link."""


class AssetKind(StrEnum):
    PROPOSAL = "proposal"
    REPORT = "report"
    CASE_STUDY = "case_study"


class FileEntry(Value):
    """A file as Drive lists it, admitted by the allow-list."""

    id: str
    name: str
    mime_type: str
    folder: str  # path from the admitted folder: "Case Studies/2026"
    root: str  # id of the allowed root it lies below
    modified_at: datetime
    fingerprint: str = ""  # changes whenever the content does
    size: int = 0  # bytes; Google's own kinds have none
    open_to: tuple[str, ...] | None = ()  # ANYONE and domains; named people are not told. None: the list does not say
    url: str = ""


class DriveFolder(Value):
    """A folder below the roots. `place` is its path from the admitted folder; `open` admits its files."""

    id: str
    place: str
    open: bool
    root: str


class DriveListing(Value):
    """Everything allowed. Changes since `cursor`, taken before the first look, say what the look may have missed."""

    cursor: str
    folders: tuple[DriveFolder, ...]
    files: tuple[FileEntry, ...]
    missing: tuple[str, ...] = ()  # roots that are not there, or not for us


class DriveChanges(Value):
    """One page: files as they are now, and ids of those that are not (or no longer) allowed."""

    cursor: str
    more: bool
    files: tuple[FileEntry, ...]
    gone: tuple[str, ...]


class AssetWork(StrEnum):
    """What is still to be done about a file."""

    NONE = "none"
    CHECK = "check"  # read it, or ask who may open it
    TIDY = "tidy"  # drop the chunks of earlier readings
    DROP = "drop"  # it left: drop its chunks, then the asset


class Asset(Entity):
    """`assets/{file id}`. Chunks of `generation` are in use; 0 while there are none. Others are being written or dropped."""

    collection: ClassVar[str] = "assets"

    entry: FileEntry
    kind: AssetKind
    shareable: bool
    share_reason: str
    work: AssetWork = AssetWork.CHECK
    ask: bool = False  # Drive's list does not say who may open it
    attempts: int = 0  # readings begun since the last one that came to an end
    generation: int = 0
    chunks: int = 0
    read_as: str = ""  # what was read last, and how: content, embedder and chunking
    unreadable: str = ""  # why there is no text
    indexed_at: datetime | None = None


class AssetChunk(Entity):
    """`asset_chunks/{file id}.{generation}.{position}`: about 1000 characters, 200 overlapping."""

    collection: ClassVar[str] = "asset_chunks"

    asset_id: str
    generation: int
    position: int
    start: int  # characters from the beginning of the document's text
    text: str
    embedder: str  # version of the embedder that made the vector
    vector: Vector = ()


class DriveIndex(Entity):
    """`asset_index/{INDEX_ID}`: how far the assets follow Drive, and under which terms."""

    collection: ClassVar[str] = "asset_index"

    lease: Lease | None = None
    terms: str = ""  # changes with the allow-list, the embedder and the chunking
    embedder: str = ""
    cursor: str = ""  # Drive's changes are known up to here; empty: list everything
    folders: tuple[DriveFolder, ...] = ()
    listed_at: datetime | None = None  # when everything was listed last
    missing: tuple[str, ...] = ()  # roots that were not there then
    complete_at: datetime | None = None  # when nothing was left to do last
    trouble: str = ""  # why Drive could not be looked at
    trouble_at: datetime | None = None


class AssetMatch(Value):
    """asset_hunter's answer, one of a few."""

    file_id: str
    name: str
    kind: AssetKind
    passage: str  # <= 200 characters
    relevance: float  # 0-1
    shareable: bool
    url: str = ""
    evidence: Evidence
