"""Which documents may go along with a mail as files, and what they are called there. Pure; used by whoever encloses and by the gate."""

import re
from collections.abc import Iterable

from shared.domain.draft import Enclosure

MOST_BYTES = 10_000_000
"""Of all files of a mail together: much more, and mailboxes refuse it."""
ENDINGS = {
    "application/pdf": ".pdf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
}
"""What is neither a program nor a page. Google's own documents go along as PDF."""
SAME = {".jpg": (".jpg", ".jpeg")}
LONGEST_NAME = 120
_UNFIT = re.compile(r'[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff/\\:*?"<>|]+')


def file_name(name: str, mime_type: str) -> str:
    """A name any computer can keep, with the ending its kind has: nothing that turns letters around hides what it is."""
    ending = ENDINGS[mime_type]
    stem = " ".join(_UNFIT.sub(" ", name).split()).strip(". ")
    for known in SAME.get(ending, (ending,)):
        if stem.lower().endswith(known):
            stem = stem[: -len(known)].rstrip(". ")
    return (stem[:LONGEST_NAME].rstrip(". ") or "document") + ending


def refusal(files: Iterable[Enclosure]) -> str:
    """Why these must not go along, in words for the operator; empty when they may."""
    found = list(files)
    for one in found:
        if one.mime_type not in ENDINGS:
            return f"“{one.name}” is of a kind that is not sent as a file: leave it a link"
    total = sum(one.size for one in found)
    return f"the files have {total / 1e6:.1f} MB together, and a mail takes {MOST_BYTES // 1_000_000}: leave some as links" * (
        total > MOST_BYTES
    )
