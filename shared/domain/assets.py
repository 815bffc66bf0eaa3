"""Documents of the workspace's Drive that may help a prospect, and the small index kept of them."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from shared.domain.entity import Entity, Value
from shared.domain.evidence import Evidence

INDEX_ID = "drive"
"""The one index document of a workspace."""


class AssetKind(StrEnum):
    PROPOSAL = "proposal"
    REPORT = "report"
    CASE_STUDY = "case_study"


class FileEntry(Value):
    """A file as Drive lists it."""

    id: str
    name: str
    mime_type: str
    folder: str  # name of the folder it was found in
    modified_at: datetime
    url: str = ""


class AssetChunk(Value):
    """A passage (about 1000 characters, 200 overlapping) and its vector."""

    text: str
    vector: tuple[float, ...]


class Asset(Entity):
    """`assets/{file id}`: re-read only when `modified_at` or the embedder changes."""

    collection: ClassVar[str] = "assets"

    name: str
    kind: AssetKind
    url: str = ""
    shareable: bool
    modified_at: datetime
    embedder: str  # version of the embedder that made the vectors
    chunks: tuple[AssetChunk, ...]


class AssetIndex(Entity):
    """`asset_index/{INDEX_ID}`: when the assets were last compared with Drive, and under which terms."""

    collection: ClassVar[str] = "asset_index"

    refreshed_at: datetime
    scope: str  # changes with the allow-list: an index made under other terms is not used
    embedder: str
    files: dict[str, datetime]  # file id → modified_at; files without text are here too, so that they are not read again
    complete: bool  # False while files wait for the next refresh


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
