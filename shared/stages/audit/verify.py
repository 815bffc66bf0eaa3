"""Verification of an audit log: everything is computed anew and compared, a portion at a time. Called by the API function."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate

from shared.domain.audit import AuditEntry
from shared.domain.ids import WorkspaceId
from shared.domain.proof import Flaw, Keys, flaw_of_anchor, flaw_of_entry, flaws_of_chain, flaws_of_checkpoint
from shared.domain.sealing import LATEST, ORIGIN, Anchor, AuditBlock, Checkpoint, Place, anchor_of, before, block_id
from shared.ports.errors import Rejected
from shared.ports.store import Store
from shared.ports.vault import Vault
from shared.stages.audit.documents import AuditDocuments
from shared.stages.audit.end import flaws_of_end
from shared.stages.audit.strays import strays

BLOCKS_AT_ONCE, ENTRIES_AT_ONCE = 100, 1000
"""Of one portion: a busy log has few large blocks, a quiet one many small ones, and a call lasts seconds either way."""
BLOCKS, ENTRIES = "blocks-", "entries-"


@dataclass
class Verification:
    """`next` is where to go on: empty at the end. The log vouches for itself from block `since` on; what was before is dropped."""

    flaws: list[Flaw] = field(default_factory=list)
    blocks: int = 0
    entries: int = 0
    since: int = 1
    since_at: datetime | None = None
    next: str = ""


class AuditLog:
    """One workspace's log, as whoever verifies it reads it."""

    def __init__(self, workspace_id: WorkspaceId, *, store: Store, vault: Vault, keys: Keys) -> None:
        self._workspace_id, self._store, self._vault, self._keys = workspace_id, store, vault, keys

    def verify(self, start: str = "") -> Verification:
        """The portion that begins at `start`, the `next` of the one before. Blocks first, then whether every entry has its place."""
        documents = AuditDocuments(self._workspace_id, self._store)
        checkpoint = documents.one(Checkpoint, LATEST)
        found = Verification()
        if checkpoint is not None:
            found.since, found.since_at = checkpoint.number + 1, checkpoint.sealed_at
        if start.startswith(ENTRIES):
            after = start.removeprefix(ENTRIES)
            flaws, last = strays(documents, after="" if after == "0" else after)
            found.flaws, found.next = [*flaws], f"{ENTRIES}{last}" if last else ""
        elif start == "" or start.removeprefix(BLOCKS).isdecimal():
            self._blocks(start.removeprefix(BLOCKS), checkpoint, documents, found)
        else:
            raise Rejected("start: should be where an earlier portion ended", field="start")
        found.flaws += documents.unreadable.values()
        return found

    def _blocks(self, after: str, checkpoint: Checkpoint | None, documents: AuditDocuments, found: Verification) -> None:
        listed = _listed(after, documents)
        blocks = _few(listed)
        goes_on = len(blocks) < len(listed) or len(listed) == BLOCKS_AT_ONCE
        reached = _reached(after, documents) or _first_anchor(blocks, checkpoint)
        if not after and checkpoint is not None:
            found.flaws += flaws_of_checkpoint(checkpoint, self._keys)
        found.flaws += flaws_of_chain(blocks, reached, self._keys)
        found.flaws += _flaws_within(blocks, documents)
        for block in blocks:
            if checkpoint is not None and block.number == checkpoint.number:
                found.flaws += _told(flaw_of_anchor("checkpoint", checkpoint.anchor, anchor_of(block)))
        found.blocks, found.entries = len(blocks), sum(len(one.entries) for one in blocks)
        if goes_on and blocks[-1].id > after:
            found.next = BLOCKS + blocks[-1].id
            return
        end = anchor_of(blocks[-1]) if blocks else reached
        found.flaws += flaws_of_end(self._workspace_id, end, checkpoint, documents=documents, vault=self._vault)
        found.next = f"{ENTRIES}0"


def _listed(after: str, documents: AuditDocuments) -> Sequence[AuditBlock]:
    """The next blocks in their order; beside one that cannot be read the others are looked at all the same."""
    page = documents.page(AuditBlock, after=after, limit=BLOCKS_AT_ONCE)
    if page is not None:
        return page
    first = int(after or "0") + 1
    ids = [block_id(one) for one in range(first, first + BLOCKS_AT_ONCE)]
    return list(documents.many(AuditBlock, ids).values())


def _few(listed: Sequence[AuditBlock]) -> Sequence[AuditBlock]:
    """As many of the first as a portion takes, one at least."""
    totals = accumulate(len(one.entries) for one in listed)
    fitting = sum(1 for total in totals if total <= ENTRIES_AT_ONCE)
    return listed[: max(1, fitting)]


def _reached(after: str, documents: AuditDocuments) -> Anchor | None:
    """Where the portion before ended; None when it was the beginning, or has been dropped since."""
    block = documents.one(AuditBlock, after) if after else None
    return anchor_of(block) if block else None


def _first_anchor(blocks: Sequence[AuditBlock], checkpoint: Checkpoint | None) -> Anchor:
    """What the oldest block has to follow. Blocks a retention has not come round to yet lead to the checkpoint."""
    if checkpoint is None:
        return ORIGIN
    return before(blocks[0]) if blocks and blocks[0].number <= checkpoint.number else checkpoint.anchor


def _flaws_within(blocks: Sequence[AuditBlock], documents: AuditDocuments) -> Iterator[Flaw]:
    """Of their entries, read at once. What retention has taken away meanwhile is no flaw."""
    ids = list(dict.fromkeys(one.id for block in blocks for one in block.entries))
    entries, places = documents.many(AuditEntry, ids), documents.many(Place, ids)
    for block in blocks:
        flaws = list(_flaws_of_entries(block, entries, places, documents))
        if flaws and not _dropped(block, documents):
            yield from flaws


def _flaws_of_entries(
    block: AuditBlock, entries: Mapping[str, AuditEntry], places: Mapping[str, Place], documents: AuditDocuments
) -> Iterator[Flaw]:
    for one in block.entries:
        if not documents.is_unreadable(AuditEntry, one.id):
            yield from _told(flaw_of_entry(one, entries.get(one.id), block=block.number))
        if one.id not in places or places[one.id].block != block.number:
            yield Flaw(where=f"entry {one.id}", what=f"is sealed in block {block.number}, and its place says otherwise")


def _dropped(block: AuditBlock, documents: AuditDocuments) -> bool:
    latest = documents.one(Checkpoint, LATEST)
    return latest is not None and latest.number >= block.number and documents.one(AuditBlock, block_id(block.number)) is None


def _told(flaw: Flaw | None) -> Sequence[Flaw]:
    return [flaw] if flaw else []
