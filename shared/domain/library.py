"""What sort of document a file is, and whether it may leave the house. Used by index_drive and asset_hunter."""

import re

from shared.domain.assets import ANYONE, AssetKind, FileEntry
from shared.domain.entity import Value
from shared.domain.workspace import DriveAccess

_CASE_STUDY = re.compile(
    r"\b(?:case[ _-]?stud(?:y|ies)|success[ _-]?stor(?:y|ies)|customer[ _-]?stor(?:y|ies)|references?)\b", re.IGNORECASE
)
_PROPOSAL = re.compile(r"\b(?:proposals?|offers?|quot(?:e|es|ation)|pitch|brochure|deck|presentation)\b", re.IGNORECASE)
_REPORT = re.compile(r"\b(?:reports?|results?|review|analysis|survey|summary)\b", re.IGNORECASE)
_KINDS = ((_CASE_STUDY, AssetKind.CASE_STUDY), (_PROPOSAL, AssetKind.PROPOSAL), (_REPORT, AssetKind.REPORT))


def kind_of(entry: FileEntry) -> AssetKind:
    """The name decides, then the folder; a document that says neither counts as a report."""
    for told in (entry.name, entry.folder):
        for pattern, kind in _KINDS:
            if pattern.search(told.replace("_", " ")):
                return kind
    return AssetKind.REPORT


class Sharing(Value):
    """Whether a file may be linked or attached, and why (not), in words for the operator."""

    allowed: bool
    reason: str


def in_shareable_folder(entry: FileEntry, drive: DriveAccess) -> bool:
    return any(prefix and entry.folder.startswith(prefix) for prefix in drive.shareable_folders)


def sharing_of(entry: FileEntry, drive: DriveAccess) -> Sharing:
    """Both have to agree: the workspace's folders, and Drive, where whoever gets the link must be able to open it."""
    if not in_shareable_folder(entry, drive):
        return Sharing(allowed=False, reason=f"the folder “{entry.folder}” is not among those whose files may be shared")
    if entry.open_to is None:
        return Sharing(allowed=False, reason="Drive has not yet said who may open it")
    if ANYONE in entry.open_to:
        return Sharing(allowed=True, reason="anyone with the link may open it")
    meant = sorted(set(entry.open_to) & set(drive.shareable_domains))
    if meant:
        return Sharing(allowed=True, reason=f"it is open to everybody at {', '.join(meant)}, which counts as meant to be shared")
    return Sharing(allowed=False, reason="in Drive it is open to named people only: share it with anyone who has the link")
