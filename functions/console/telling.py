"""What a page says after a form without a script: from a fixed vocabulary, so that no address can make it say anything else."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from functions.console.visits import HERE, Visit
from shared.domain.work import DOCUMENT_ID

TOLD = {
    "approved": "Approved. The words stand in the Gmail draft, to be sent from there.",
    "leaves": "Approved. It leaves when its time has come.",
    "objected": "Noted. It counts against the rule that let it leave.",
    "undone": "Taken back. It waits for a decision again.",
    "rejected": "Rejected.",
    "snoozed": "Snoozed.",
    "woken": "Back in the list.",
    "resolved": "Resolved.",
    "asked": "It is being written anew.",
    "edited": "Saved. The gate has judged it again.",
    "killed": "Stopped. Nothing leaves.",
    "connected": "Connected, and checked just now. What waited for it goes on.",
    "checked": "Checked just now.",
    "disconnected": "Disconnected. Its credentials are destroyed.",
    "released": "Released. What was held goes on.",
}
BACK = ("undo", "wake")


@dataclass(frozen=True)
class Told:
    """`back` is the address of the form that takes it back; empty when nothing does."""

    words: str
    back: str


def told_address(visit: Visit, told: str, *, undo: Sequence[str] = (), back: str = "undo") -> str:
    single = {"of": undo[0], "back": back} if len(undo) == 1 else {}
    return f"{HERE}/queue?{urlencode({'view': visit.view, 'told': told, **single})}"


def told_of(visit: Visit) -> Told | None:
    query = visit.incoming.query
    words, id, back = TOLD.get(query.get("told", "")), query.get("of", ""), query.get("back", "")
    if words is None:
        return None
    return Told(words, f"{HERE}/drafts/{id}/{back}" if re.fullmatch(DOCUMENT_ID, id) and back in BACK else "")
