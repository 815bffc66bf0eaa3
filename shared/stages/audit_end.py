"""The end of an audit log: whether it reaches as far as its head says, and as far as the vault has seen. Used by verification."""

from collections.abc import Iterator

from pydantic import ValidationError

from shared.domain.ids import WorkspaceId
from shared.domain.proof import Flaw, flaw_of_anchor
from shared.domain.sealing import HEAD, ORIGIN, Anchor, AuditBlock, AuditHead, Checkpoint, ExportedHead, anchor_of, block_id
from shared.ports.store import Store
from shared.ports.vault import Vault
from shared.stages.sealing import shelf_of, vault_name


def flaws_of_end(workspace_id: WorkspaceId, end: Anchor, checkpoint: Checkpoint | None, *, store: Store, vault: Vault) -> Iterator[Flaw]:
    """`end` is the last block that was found. Sealing may go on meanwhile: the vault is asked first, the head last."""
    told = _last_in_vault(workspace_id, store=store, vault=vault)
    end = _caught_up(workspace_id, end, store)
    head = store.get(AuditHead, workspace_id=workspace_id, id=HEAD)
    yield from _flaws_of_head(workspace_id, head.entity.anchor if head else ORIGIN, end, store)
    if isinstance(told, Flaw):
        yield told
    elif told is not None:
        yield from _flaws_of_vault(workspace_id, told, end, checkpoint, store)
    elif head is not None and head.entity.exported:
        yield Flaw(where="vault", what=f"holds nothing, and the head says that it holds block {head.entity.exported}")


def _last_in_vault(workspace_id: WorkspaceId, *, store: Store, vault: Vault) -> Anchor | Flaw | None:
    """The head in the store only says where to begin to look: whoever changed it changes nothing about what is found."""
    head = store.get(AuditHead, workspace_id=workspace_id, id=HEAD)
    since = vault_name(workspace_id, head.entity.exported) if head else ""
    shelf = shelf_of(workspace_id)
    content = vault.last(prefix=shelf, since=since) or vault.last(prefix=shelf)
    try:
        return ExportedHead.model_validate_json(content).anchor if content else None
    except ValidationError:
        return Flaw(where="vault", what="holds something else than a head of this log")


def _caught_up(workspace_id: WorkspaceId, end: Anchor, store: Store) -> Anchor:
    """Past the blocks that were sealed since: the next verification looks into them."""
    while page := store.list(AuditBlock, workspace_id=workspace_id, after=block_id(end.number)) if end.number else ():
        if page[-1].entity.number <= end.number:
            break
        end = anchor_of(page[-1].entity)
    return end


def _flaws_of_head(workspace_id: WorkspaceId, head: Anchor, end: Anchor, store: Store) -> Iterator[Flaw]:
    if head.number > end.number:
        stands = store.get(AuditBlock, workspace_id=workspace_id, id=block_id(head.number))
        if stands is not None:  # sealed this very moment
            yield from _told(flaw_of_anchor("head", head, anchor_of(stands.entity)))
            return
        yield Flaw(where="head", what=f"names block {head.number}, and the log ends with {_block(end)}")
    elif head.number < end.number:
        yield Flaw(where="head", what=f"names {_block(head)}, and the log goes on to {_block(end)}")
    else:
        yield from _told(flaw_of_anchor("head", head, end))


def _flaws_of_vault(workspace_id: WorkspaceId, told: Anchor, end: Anchor, checkpoint: Checkpoint | None, store: Store) -> Iterator[Flaw]:
    if checkpoint is not None and told.number <= checkpoint.number:
        if told.number == checkpoint.number:
            yield from _told(flaw_of_anchor("vault", told, checkpoint.anchor))
        return
    stands = store.get(AuditBlock, workspace_id=workspace_id, id=block_id(told.number))
    if stands is not None:
        yield from _told(flaw_of_anchor("vault", told, anchor_of(stands.entity)))
    elif told.number > end.number:
        yield Flaw(where="end", what=f"is cut off: block {told.number} was sealed and is in the vault, and the log ends with {_block(end)}")


def _block(anchor: Anchor) -> str:
    return f"block {anchor.number}" if anchor.number else "nothing"


def _told(flaw: Flaw | None) -> Iterator[Flaw]:
    if flaw is not None:
        yield flaw
