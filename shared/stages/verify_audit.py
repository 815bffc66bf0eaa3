"""Verification of an audit log: everything is computed anew and compared, a portion at a time. Called by the API function."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from shared.domain.audit import AuditEntry
from shared.domain.entity import Entity
from shared.domain.ids import WorkspaceId
from shared.domain.proof import Flaw, Keys, flaw_of_anchor, flaw_of_entry, flaws_of_chain, flaws_of_checkpoint
from shared.domain.sealing import (
    LATEST,
    ORIGIN,
    Anchor,
    AuditBlock,
    Checkpoint,
    Place,
    anchor_of,
    before,
    block_id,
)
from shared.ports.errors import Rejected
from shared.ports.store import Store
from shared.ports.vault import Vault
from shared.stages.audit_end import flaws_of_end
from shared.stages.audit_strays import strays

BLOCKS_AT_ONCE = 20
BLOCKS, ENTRIES = "blocks-", "entries-"
E = TypeVar("E", bound=Entity)


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
        checkpoint = self._one(Checkpoint, LATEST)
        found = Verification()
        if checkpoint is not None:
            found.since, found.since_at = checkpoint.number + 1, checkpoint.sealed_at
        if start.startswith(ENTRIES):
            self._look_for_strays(start.removeprefix(ENTRIES), found)
        elif start == "" or start.removeprefix(BLOCKS).isdecimal():
            self._blocks(start.removeprefix(BLOCKS), checkpoint, found)
        else:
            raise Rejected("start: should be where an earlier portion ended", field="start")
        return found

    def _blocks(self, after: str, checkpoint: Checkpoint | None, found: Verification) -> None:
        blocks = self._listed(after, found)
        reached = self._reached(after) or self._first_anchor(blocks, checkpoint)
        if not after and checkpoint is not None:
            found.flaws += flaws_of_checkpoint(checkpoint, self._keys)
        found.flaws += flaws_of_chain(blocks, reached, self._keys)
        for block in blocks:
            found.flaws += self._flaws_within(block)
            if checkpoint is not None and block.number == checkpoint.number:
                found.flaws += _told(flaw_of_anchor("checkpoint", checkpoint.anchor, anchor_of(block)))
        found.blocks, found.entries = len(blocks), sum(len(one.entries) for one in blocks)
        if len(blocks) == BLOCKS_AT_ONCE and blocks[-1].id > after:
            found.next = BLOCKS + blocks[-1].id
            return
        end = anchor_of(blocks[-1]) if blocks else reached
        found.flaws += flaws_of_end(self._workspace_id, end, checkpoint, store=self._store, vault=self._vault)
        found.next = f"{ENTRIES}0"

    def _listed(self, after: str, found: Verification) -> Sequence[AuditBlock]:
        """The next blocks in their order; one that cannot be read is a flaw, and the others are looked at all the same."""
        try:
            listed = self._store.list(AuditBlock, workspace_id=self._workspace_id, limit=BLOCKS_AT_ONCE, after=after)
        except ValueError:
            first = int(after or "0") + 1
            ids = [block_id(one) for one in range(first, first + BLOCKS_AT_ONCE)]
            good, bad = self._one_by_one(AuditBlock, ids)
            found.flaws += [Flaw(where=f"block {int(one)}", what="cannot be read: it is no block of ours") for one in bad]
            return [good[one] for one in ids if one in good]
        return [one.entity for one in listed]

    def _reached(self, after: str) -> Anchor | None:
        """Where the portion before ended; None when it was the beginning, or has been dropped since."""
        block = self._one(AuditBlock, after) if after else None
        return anchor_of(block) if block else None

    def _first_anchor(self, blocks: Sequence[AuditBlock], checkpoint: Checkpoint | None) -> Anchor:
        """What the oldest block has to follow. Blocks a retention has not come round to yet lead to the checkpoint."""
        if checkpoint is None:
            return ORIGIN
        return before(blocks[0]) if blocks and blocks[0].number <= checkpoint.number else checkpoint.anchor

    def _flaws_within(self, block: AuditBlock) -> Iterator[Flaw]:
        """Of its entries. What retention has taken away meanwhile is no flaw."""
        ids = [one.id for one in block.entries]
        entries, broken = self._readable(AuditEntry, ids)
        places = self._store.get_many(Place, workspace_id=self._workspace_id, ids=ids)
        flaws = [Flaw(where=f"entry {one}", what=f"cannot be read any more; it was sealed in block {block.number}") for one in broken]
        for one in block.entries:
            if one.id not in broken:
                flaws += _told(flaw_of_entry(one, entries.get(one.id), block=block.number))
            place = places.get(one.id)
            if place is None or place.entity.block != block.number:
                flaws.append(Flaw(where=f"entry {one.id}", what=f"is sealed in block {block.number}, and its place says otherwise"))
        if flaws and not self._dropped(block):
            yield from flaws

    def _dropped(self, block: AuditBlock) -> bool:
        return self._one(AuditBlock, block_id(block.number)) is None and (
            (latest := self._one(Checkpoint, LATEST)) is not None and latest.number >= block.number
        )

    def _readable(self, kind: type[E], ids: Sequence[str]) -> tuple[Mapping[str, E], Sequence[str]]:
        """Those that can be read, and the ids of those that hold something else by now."""
        try:
            return {id: one.entity for id, one in self._store.get_many(kind, workspace_id=self._workspace_id, ids=ids).items()}, ()
        except ValueError:
            return self._one_by_one(kind, ids)

    def _one_by_one(self, kind: type[E], ids: Sequence[str]) -> tuple[Mapping[str, E], Sequence[str]]:
        good: dict[str, E] = {}
        bad = []
        for id in ids:
            try:
                found = self._one(kind, id)
            except ValueError:
                bad.append(id)
                continue
            if found is not None:
                good[id] = found
        return good, bad

    def _one(self, kind: type[E], id: str) -> E | None:
        found = self._store.get(kind, workspace_id=self._workspace_id, id=id)
        return found.entity if found else None

    def _look_for_strays(self, after: str, found: Verification) -> None:
        flaws, last = strays(self._workspace_id, after="" if after == "0" else after, store=self._store)
        found.flaws += flaws
        found.next = f"{ENTRIES}{last}" if last else ""


def _told(flaw: Flaw | None) -> Sequence[Flaw]:
    return [flaw] if flaw else []
