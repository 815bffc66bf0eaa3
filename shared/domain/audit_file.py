"""An exported audit log, and whether it verifies by itself: without the store, and as far as that goes without the key."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from shared.domain.audit import AuditEntry
from shared.domain.entity import Value
from shared.domain.ids import WorkspaceId
from shared.domain.proof import Flaw, Keys, flaw_of_anchor, flaw_of_entry, flaws_of_block, flaws_of_checkpoint
from shared.domain.sealing import ORIGIN, Anchor, AuditBlock, Checkpoint, anchor_of


class ExportPart(Value):
    """A page of an export: entries, newest first, and the blocks they are in, as far as those were sealed when the export began."""

    workspace_id: WorkspaceId
    head: Anchor
    checkpoint: Checkpoint | None = None
    whole: bool  # nothing was left out by a filter
    entries: tuple[AuditEntry, ...]
    blocks: tuple[AuditBlock, ...]
    next: str = ""


class AuditFile(Value):
    """All pages as one. `head` is the end of the chain when the export began."""

    workspace_id: WorkspaceId
    exported_at: datetime
    head: Anchor
    checkpoint: Checkpoint | None = None
    whole: bool
    entries: tuple[AuditEntry, ...]
    blocks: tuple[AuditBlock, ...]


class FileProof(Value):
    """`waiting` entries were not sealed yet. `anchored` blocks lead to the head without a gap; the others need the key to be proven."""

    flaws: tuple[Flaw, ...]
    entries: int
    waiting: int
    blocks: int
    anchored: int


def proof_of(file: AuditFile, keys: Keys | None = None, *, head: Anchor | None = None) -> FileProof:
    """`keys` prove every seal; `head` is one that was kept elsewhere (in the vault), which the file has to lead to."""
    blocks = sorted({one.number: one for one in file.blocks}.values(), key=lambda one: one.number)
    listed = {one.id: (one, block.number) for block in blocks for one in block.entries}
    present = {one.id: one for one in file.entries}
    flaws = [*_flaws_of_chain(file, blocks, keys), *_flaws_of_heads(file, blocks, head), *_repeated(file)]
    flaws += [flaw for id, (one, number) in listed.items() if id in present and (flaw := flaw_of_entry(one, present[id], block=number))]
    kept = file.checkpoint.number if file.checkpoint else 0  # what retention drops while an export goes on is not missing
    if file.whole:
        gone = [(one, number) for id, (one, number) in listed.items() if id not in present and number > kept]
        flaws += [flaw for one, number in gone if (flaw := flaw_of_entry(one, None, block=number))]
    waiting = [id for id in present if id not in listed]
    return FileProof(
        flaws=tuple(flaws), entries=len(present), waiting=len(waiting), blocks=len(blocks), anchored=len(_anchored(file, blocks))
    )


def _flaws_of_chain(file: AuditFile, blocks: Sequence[AuditBlock], keys: Keys | None) -> Iterator[Flaw]:
    """Each with the one before it, if that is in the file."""
    if file.checkpoint is not None:
        yield from flaws_of_checkpoint(file.checkpoint, keys)
    known = {one.number: anchor_of(one) for one in blocks} | {0: ORIGIN}
    if file.checkpoint is not None:
        known.setdefault(file.checkpoint.number, file.checkpoint.anchor)
    for block in blocks:
        follows = known.get(block.number - 1, Anchor(number=-1, seal="", digest=""))
        yield from flaws_of_block(block, follows, keys)
    if file.whole:
        first = file.checkpoint.number + 1 if file.checkpoint else 1
        gone = [one for one in range(first, file.head.number + 1) if one not in known]
        yield from (Flaw(where=f"block {one}", what="is missing") for one in gone)


def _flaws_of_heads(file: AuditFile, blocks: Sequence[AuditBlock], kept: Anchor | None) -> Iterator[Flaw]:
    stands = {one.number: anchor_of(one) for one in blocks}
    if file.head.number in stands and (flaw := flaw_of_anchor("head", file.head, stands[file.head.number])):
        yield flaw
    if beyond := [one for one in stands if one > file.head.number]:
        yield Flaw(where="head", what=f"names block {file.head.number}, and the file goes on to block {max(beyond)}")
    if kept is None:
        return
    if kept.number == file.head.number:
        stands.setdefault(kept.number, file.head)
    if kept.number not in stands:
        yield Flaw(where="head", what=f"that was kept elsewhere is of block {kept.number}, which is not in the file")
    elif flaw := flaw_of_anchor("head", kept, stands[kept.number]):
        yield flaw.model_copy(update={"what": f"that was kept elsewhere {flaw.what}"})


def _repeated(file: AuditFile) -> Iterator[Flaw]:
    seen: set[str] = set()
    for entry in file.entries:
        if entry.id in seen:
            yield Flaw(where=f"entry {entry.id}", what="is in the file twice")
        seen.add(entry.id)
    for workspace_id in {one.workspace_id for one in file.entries} - {file.workspace_id}:
        yield Flaw(where="file", what=f"of {file.workspace_id} holds entries of {workspace_id}")


def _anchored(file: AuditFile, blocks: Sequence[AuditBlock]) -> Sequence[AuditBlock]:
    """The blocks that lead up to the head one after the other."""
    expected, reached = file.head.number, []
    for block in reversed(blocks):
        if block.number != expected:
            break
        reached.append(block)
        expected -= 1
    return reached
