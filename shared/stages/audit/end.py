"""The end of an audit log: whether it reaches as far as its head says, and as far as the vault has seen. Used by verification."""

from collections.abc import Iterator

from pydantic import ValidationError

from shared.domain.ids import WorkspaceId
from shared.domain.proof import Flaw, flaw_of_anchor
from shared.domain.sealing import HEAD, ORIGIN, Anchor, AuditBlock, AuditHead, Checkpoint, ExportedHead, anchor_of, block_id
from shared.ports.vault import Vault
from shared.stages.audit.documents import AuditDocuments
from shared.stages.audit.keys import shelf_of, vault_name

PAGE = 50


def flaws_of_end(
    workspace_id: WorkspaceId, end: Anchor, checkpoint: Checkpoint | None, *, documents: AuditDocuments, vault: Vault
) -> Iterator[Flaw]:
    """`end` is the last block that was found. Sealing may go on meanwhile: the vault is asked first, the head last."""
    told = _last_in_vault(workspace_id, documents, vault)
    end = _caught_up(end, documents)
    head = documents.one(AuditHead, HEAD)
    yield from _flaws_of_head(head.anchor if head else ORIGIN, end, documents)
    if isinstance(told, Flaw):
        yield told
    elif told is not None:
        yield from _flaws_of_vault(told, end, checkpoint, documents)
    elif head is not None and head.exported:
        yield Flaw(where="vault", what=f"holds nothing, and the head says that it holds block {head.exported}")


def _last_in_vault(workspace_id: WorkspaceId, documents: AuditDocuments, vault: Vault) -> Anchor | Flaw | None:
    """The head in the store only says where to begin to look: whoever changed it changes nothing about what is found."""
    head = documents.one(AuditHead, HEAD)
    since = vault_name(workspace_id, head.exported) if head else ""
    shelf = shelf_of(workspace_id)
    content = vault.last(prefix=shelf, since=since) or vault.last(prefix=shelf)
    try:
        return ExportedHead.model_validate_json(content).anchor if content else None
    except ValidationError:
        return Flaw(where="vault", what="holds something else than a head of this log")


def _caught_up(end: Anchor, documents: AuditDocuments) -> Anchor:
    """Past the blocks that were sealed since: the next verification looks into them."""
    while page := documents.page(AuditBlock, after=block_id(end.number), limit=PAGE) if end.number else ():
        if page[-1].number <= end.number:
            break
        end = anchor_of(page[-1])
    return end


def _flaws_of_head(head: Anchor, end: Anchor, documents: AuditDocuments) -> Iterator[Flaw]:
    if head.number > end.number:
        stands = documents.one(AuditBlock, block_id(head.number))
        if stands is not None:  # sealed this very moment
            yield from _told(flaw_of_anchor("head", head, anchor_of(stands)))
            return
        yield Flaw(where="head", what=f"names block {head.number}, and the log ends with {_block(end)}")
    elif head.number < end.number:
        yield Flaw(where="head", what=f"names {_block(head)}, and the log goes on to {_block(end)}")
    else:
        yield from _told(flaw_of_anchor("head", head, end))


def _flaws_of_vault(told: Anchor, end: Anchor, checkpoint: Checkpoint | None, documents: AuditDocuments) -> Iterator[Flaw]:
    if checkpoint is not None and told.number <= checkpoint.number:
        if told.number == checkpoint.number:
            yield from _told(flaw_of_anchor("vault", told, checkpoint.anchor))
        return
    stands = documents.one(AuditBlock, block_id(told.number))
    if stands is not None:
        yield from _told(flaw_of_anchor("vault", told, anchor_of(stands)))
    elif told.number > end.number:
        yield Flaw(where="end", what=f"is cut off: block {told.number} was sealed and is in the vault, and the log ends with {_block(end)}")


def _block(anchor: Anchor) -> str:
    return f"block {anchor.number}" if anchor.number else "nothing"


def _told(flaw: Flaw | None) -> Iterator[Flaw]:
    if flaw is not None:
        yield flaw
