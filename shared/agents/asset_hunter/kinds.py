"""What sort of document a file is and whether it may leave the house, by its name and its folder."""

import re

from shared.domain.assets import AssetKind, FileEntry
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


def may_be_shared(entry: FileEntry, drive: DriveAccess) -> bool:
    """Only files of a folder named as shareable."""
    return any(prefix and entry.folder.startswith(prefix) for prefix in drive.shareable_folders)
