"""The sealer: chains what has been committed to the audit log into blocks, and takes the head to the vault. Called every minute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from shared.domain.audit import AuditEntry, Unsealed
from shared.domain.ids import WorkspaceId
from shared.domain.sealing import HEAD, MOST_ENTRIES, ORIGIN, AuditBlock, AuditHead, Place, anchor_of, sealed
from shared.ports.clock import Clock
from shared.ports.errors import Conflict, SalesAgentError
from shared.ports.store import Create, Put, Remove, Replace, Snapshot, Store
from shared.ports.vault import Vault
from shared.stages.audit.keys import AuditKeys, exported, vault_name
from shared.stages.audit.retention import retain

MOST_BLOCKS = 50
"""Of one workspace in one run; the next run takes the rest."""
TIDIED_EVERY = timedelta(days=1)


@dataclass(frozen=True)
class Sealing:
    """What one run did. `troubles` names the workspaces whose log could not be looked after, and why: they held up none of the others."""

    blocks: int
    troubles: Sequence[str]


def seal_audit(*, store: Store, keys: AuditKeys, vault: Vault, clock: Clock, keep: timedelta) -> Sealing:
    """For every workspace: seal, export the head, and once a day drop what is older than `keep`."""
    blocks, troubles = 0, []
    for workspace in store.workspaces():
        sealer = Sealer(workspace.id, store=store, keys=keys, vault=vault, clock=clock)
        try:
            blocks += sealer.seal()
            sealer.export()
            sealer.tidy(keep)
        except SalesAgentError as error:
            troubles.append(f"{workspace.id}: {error.detail}")
        except ValueError:  # a document that is none of ours; verification names it
            troubles.append(f"{workspace.id}: something in the audit log cannot be read; `sdr audit verify` tells what")
    return Sealing(blocks, tuple(troubles))


class Sealer:
    """Of one workspace's log. Any number may work at once, and die anywhere: a block is one commit that moves the head."""

    def __init__(self, workspace_id: WorkspaceId, *, store: Store, keys: AuditKeys, vault: Vault, clock: Clock) -> None:
        self._workspace_id = workspace_id
        self._store, self._keys, self._vault, self._clock = store, keys, vault, clock

    def seal(self) -> int:
        """How many blocks were made. When another sealer is quicker the rest is left to it, and to the next minute."""
        orphan = ""
        for made in range(MOST_BLOCKS):
            head = self._head()  # before the markers: what was sealed after this reading moves the head
            waiting = self._store.list(Unsealed, workspace_id=self._workspace_id, limit=MOST_ENTRIES, after=orphan)
            entries = self._entries(waiting)
            # A marker whose entry is gone stays: it is the only trace of it, and verification tells.
            orphan = next((one.entity.id for one in reversed(waiting) if one.entity.id not in entries), orphan)
            taken = [one for one in waiting if one.entity.id in entries]
            if not waiting or (taken and not self._committed(head, taken, entries)):
                return made
            if len(waiting) < MOST_ENTRIES:
                return made + bool(taken)
        return MOST_BLOCKS

    def _head(self) -> Snapshot[AuditHead] | None:
        return self._store.get(AuditHead, workspace_id=self._workspace_id, id=HEAD)

    def _entries(self, waiting: Sequence[Snapshot[Unsealed]]) -> Mapping[str, Snapshot[AuditEntry]]:
        ids = [one.entity.id for one in waiting]
        return self._store.get_many(AuditEntry, workspace_id=self._workspace_id, ids=ids) if ids else {}

    def _committed(
        self, head: Snapshot[AuditHead] | None, taken: Sequence[Snapshot[Unsealed]], entries: Mapping[str, Snapshot[AuditEntry]]
    ) -> bool:
        """False when another sealer was quicker: nothing has changed then."""
        now = self._clock.now()
        block = sealed(
            [entries[one.entity.id].entity for one in taken],
            after=head.entity.anchor if head else ORIGIN,
            at=max(now, head.entity.sealed_at) if head else now,
            key=self._keys.newest(self._workspace_id),
        )
        places = [Put(Place(id=one.id, workspace_id=self._workspace_id, block=block.number)) for one in block.entries]
        try:
            self._store.commit(Create(block), _moved(head, block), *places, *(Remove(one.entity, one) for one in taken))
        except Conflict:
            return False
        return True

    def export(self) -> None:
        """The head as it is, once; what is in the vault already stays as it is."""
        head = self._head()
        if head is None or head.entity.exported >= head.entity.number:
            return
        content = exported(head.entity).model_dump_json().encode()
        self._vault.keep(name=vault_name(self._workspace_id, head.entity.number), content=content)
        self._note(head, exported=head.entity.number)

    def tidy(self, keep: timedelta) -> None:
        """Once a day, or until nothing old is left."""
        head, now = self._head(), self._clock.now()
        if head is None or (head.entity.tidied_at is not None and now - head.entity.tidied_at < TIDIED_EVERY):
            return
        done = retain(self._workspace_id, older_than=now - keep, store=self._store, keys=self._keys, now=now)
        if done:
            self._note(head, tidied_at=now)

    def _note(self, head: Snapshot[AuditHead], **noted: object) -> None:
        """When the head has moved meanwhile, the next run does it again: both are harmless to repeat."""
        try:
            self._store.commit(Replace(head, head.entity.model_copy(update=noted)))
        except Conflict:
            return


def _moved(head: Snapshot[AuditHead] | None, block: AuditBlock) -> Create | Replace:
    anchor = anchor_of(block)
    where = {"number": anchor.number, "seal": anchor.seal, "digest": anchor.digest, "sealed_at": block.sealed_at}
    if head is None:
        return Create(AuditHead(id=HEAD, workspace_id=block.workspace_id, **where))
    return Replace(head, head.entity.model_copy(update=where))
