"""Retention of the audit log: what is too old is dropped behind a signed checkpoint. Used by the sealer, once a day."""

from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile

from shared.domain.audit import AuditEntry, by_stage
from shared.domain.ids import WorkspaceId
from shared.domain.proof import flaw_of_entry, flaws_of_chain
from shared.domain.sealing import HEAD, LATEST, ORIGIN, AuditBlock, AuditHead, Checkpoint, Place, before, checkpoint_at
from shared.ports.errors import Conflict, Permanent
from shared.ports.store import Create, Remove, Replace, Snapshot, Store
from shared.stages.audit.keys import AuditKeys

AT_ONCE = 50
"""Blocks of one call; the sealer calls again in a minute while there are more."""


def retain(workspace_id: WorkspaceId, *, older_than: datetime, store: Store, keys: AuditKeys, now: datetime) -> bool:
    """Whether nothing older is left. The newest block always stays.

    What is dropped is verified first: a checkpoint never covers up what somebody did to the log. Permanent when it does not verify.
    """
    checkpoint = store.get(Checkpoint, workspace_id=workspace_id, id=LATEST)
    head = store.get(AuditHead, workspace_id=workspace_id, id=HEAD)
    oldest = [one.entity for one in store.list(AuditBlock, workspace_id=workspace_id, limit=AT_ONCE)]
    covered = checkpoint.entity.number if checkpoint else 0
    last = head.entity.number if head else 0
    left = [one for one in oldest if one.number <= covered]  # by a call that died
    aged = list(takewhile(lambda one: one.sealed_at < older_than and one.number < last, oldest[len(left) :]))
    if left or aged:
        _check(left, aged, checkpoint, store=store, keys=keys)
    if aged and not _moved(aged, checkpoint, store=store, keys=keys, now=now):
        return False
    for block in (*left, *aged):
        _drop(block, store)
    return len(left) + len(aged) < AT_ONCE


def _check(
    left: Sequence[AuditBlock], aged: Sequence[AuditBlock], checkpoint: Snapshot[Checkpoint] | None, *, store: Store, keys: AuditKeys
) -> None:
    workspace_id = (*left, *aged)[0].workspace_id
    known = keys.of(workspace_id)
    flaws = [flaw for one in left for flaw in flaws_of_chain([one], before(one), known)]
    flaws += flaws_of_chain(aged, checkpoint.entity.anchor if checkpoint else ORIGIN, known)
    for block in aged:
        found = store.get_many(AuditEntry, workspace_id=workspace_id, ids=[one.id for one in block.entries])
        entries = {id: one.entity for id, one in found.items()}
        flaws += [flaw for one in block.entries if (flaw := flaw_of_entry(one, entries.get(one.id), block=block.number))]
    if flaws:
        raise Permanent(f"nothing is dropped from the audit log: {flaws[0].where} {flaws[0].what}; `sdr audit verify` tells more")


def _moved(aged: Sequence[AuditBlock], checkpoint: Snapshot[Checkpoint] | None, *, store: Store, keys: AuditKeys, now: datetime) -> bool:
    """False when somebody else moved it first. Nothing is dropped before it stands."""
    gone = (checkpoint.entity.entries if checkpoint else 0) + sum(len(one.entries) for one in aged)
    wanted = checkpoint_at(aged[-1], entries=gone, at=now, key=keys.newest(aged[-1].workspace_id))
    try:
        store.commit(Replace(checkpoint, wanted) if checkpoint else Create(wanted))
    except Conflict:
        return False
    return True


def _drop(block: AuditBlock, store: Store) -> None:
    """A block with its entries in one commit: who finds the one finds the others."""
    entries = [Remove(_named(one.id, block)) for one in block.entries]
    places = [Remove(Place(id=one.id, workspace_id=block.workspace_id, block=block.number)) for one in block.entries]
    store.commit(Remove(block), *entries, *places)


def _named(id: str, block: AuditBlock) -> AuditEntry:
    """An entry to be removed: its name is all that counts."""
    return AuditEntry(id=id, workspace_id=block.workspace_id, at=block.sealed_at, actor=by_stage("seal_audit"), action="")
