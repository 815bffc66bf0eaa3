"""Whether the audit log still says what was sealed: every check by itself, each flaw named. Used by verification, retention and exports."""

from collections.abc import Iterator, Mapping, Sequence

from shared.domain.audit import AuditEntry
from shared.domain.entity import Value
from shared.domain.keys import VersionedKey
from shared.domain.sealing import Anchor, AuditBlock, Checkpoint, SealedEntry, anchor_of, block_id, entry_digest, is_sealed_with

Keys = Mapping[int, VersionedKey]


class Flaw(Value):
    """`where` names the entry ("entry 20261123…"), the block ("block 12"), or the head, checkpoint or vault."""

    where: str
    what: str


def flaws_of_chain(blocks: Sequence[AuditBlock], after: Anchor, keys: Keys | None) -> Iterator[Flaw]:
    """Of consecutive blocks from the one that should follow `after` on. Without keys seals are not looked at."""
    for block in blocks:
        yield from _flaws_of_number(block, after)
        yield from flaws_of_block(block, after, keys)
        after = anchor_of(block)


def _flaws_of_number(block: AuditBlock, after: Anchor) -> Iterator[Flaw]:
    if block.id != block_id(block.number):
        yield Flaw(where=f"block {block.number}", what=f"is kept under another name, {block.id}")
    expected = after.number + 1
    if block.number > expected:
        yield missing(expected, block.number - 1)
    elif block.number < expected:
        yield Flaw(where=f"block {block.number}", what=f"stands where block {expected} should")


def missing(first: int, last: int) -> Flaw:
    """Blocks that are gone."""
    if first == last:
        return Flaw(where=f"block {first}", what="is missing")
    return Flaw(where=f"blocks {first} to {last}", what="are missing")


def flaws_of_block(block: AuditBlock, after: Anchor, keys: Keys | None) -> Iterator[Flaw]:
    where = f"block {block.number}"
    if block.number == after.number + 1 and (block.previous, block.previous_digest) != (after.seal, after.digest):
        followed = f"block {after.number}" if after.number else "the beginning"
        yield Flaw(where=where, what=f"does not follow {followed} as it stands: one of the two was changed")
    if keys is not None and not is_sealed_with(block, keys):
        yield Flaw(where=where, what=_not_sealed(block, keys))
    if len({one.id for one in block.entries}) < len(block.entries):
        yield Flaw(where=where, what="holds an entry twice")


def flaws_of_checkpoint(checkpoint: Checkpoint, keys: Keys | None) -> Iterator[Flaw]:
    if keys is not None and not is_sealed_with(checkpoint, keys):
        yield Flaw(where="checkpoint", what=_not_sealed(checkpoint, keys))


def _not_sealed(made: AuditBlock | Checkpoint, keys: Keys) -> str:
    if made.key_version not in keys:
        return f"names version {made.key_version} of the key, which the workspace's secret does not hold"
    return "is not as it was sealed: its content or its seal was changed, or it was sealed with another key"


def flaw_of_entry(listed: SealedEntry, found: AuditEntry | None, *, block: int) -> Flaw | None:
    """Of one entry of a block, as it stands now."""
    if found is None:
        return Flaw(where=f"entry {listed.id}", what=f"is gone; it was sealed in block {block}")
    if found.id != listed.id or entry_digest(found) != listed.digest:
        return Flaw(where=f"entry {listed.id}", what=f"was changed after it was sealed in block {block}")
    return None


def flaw_of_anchor(where: str, told: Anchor, stands: Anchor) -> Flaw | None:
    """Whether the block of that number is the one that was told of: by the head, the checkpoint or the vault."""
    if told == stands:
        return None
    return Flaw(where=where, what=f"names another block {told.number} than the one that stands there")
