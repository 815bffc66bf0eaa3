"""What a file listed by Drive means for its asset. Pure; used by index_drive."""

from shared.domain.assets import Asset, AssetWork, FileEntry
from shared.domain.chunks import CHUNKING
from shared.domain.ids import derived_id
from shared.domain.library import in_shareable_folder, kind_of, sharing_of
from shared.domain.workspace import DriveAccess, Workspace


def terms_of(drive: DriveAccess, *, embedder: str) -> str:
    """Changes when everything has to be looked at anew."""
    return derived_id("drive", drive.model_dump_json(), embedder, CHUNKING)


def reading_of(entry: FileEntry, *, embedder: str) -> str:
    """What reading the file now would read, and how: chunks made under another one are out of date."""
    return " ".join((entry.fingerprint, entry.mime_type, embedder, CHUNKING))


def compared(known: Asset | None, entry: FileEntry, *, workspace: Workspace, embedder: str) -> Asset:
    """The asset as it should stand now that Drive lists this file. Where the list is silent, what was known of its readers holds."""
    ask = entry.open_to is None and in_shareable_folder(entry, workspace.drive)
    if known is None:
        return labelled(_unread(entry, workspace), entry, workspace.drive).model_copy(update={"ask": ask})
    told = entry.model_copy(update={"open_to": known.entry.open_to}) if entry.open_to is None else entry
    asset = labelled(known, told, workspace.drive).model_copy(update={"ask": ask})
    if known.work is AssetWork.DROP:  # it came back while its chunks were going
        return asset.model_copy(update={"work": AssetWork.CHECK, "read_as": "", "generation": 0, "chunks": 0})
    if ask or known.read_as != reading_of(entry, embedder=embedder):
        return asset.model_copy(update={"work": AssetWork.CHECK})
    return asset


def labelled(asset: Asset, entry: FileEntry, drive: DriveAccess) -> Asset:
    """Named, placed and judged by what Drive says now; its text is another matter."""
    sharing = sharing_of(entry, drive)
    return asset.model_copy(update={"entry": entry, "kind": kind_of(entry), "shareable": sharing.allowed, "share_reason": sharing.reason})


def left(asset: Asset) -> Asset:
    """No longer allowed: out of use at once, dropped soon."""
    return asset.model_copy(update={"work": AssetWork.DROP, "generation": 0, "chunks": 0, "shareable": False, "share_reason": "it left"})


def _unread(entry: FileEntry, workspace: Workspace) -> Asset:
    return Asset(id=entry.id, workspace_id=workspace.id, entry=entry, kind=kind_of(entry), shareable=False, share_reason="")
