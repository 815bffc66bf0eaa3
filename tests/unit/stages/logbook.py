"""An audit log with its sealer, vault and verification, in memory; used by the tests of sealing, retention, tampering and export."""

from datetime import timedelta
from typing import Any, TypeVar

from shared.domain.audit import Actor, ActorKind, AuditEntry, Unsealed
from shared.domain.entity import Entity
from shared.domain.proof import Flaw
from shared.domain.sealing import AuditBlock
from shared.ports.store import Put, Remove
from shared.stages.audit.keys import AuditKeys, audit_secret_of
from shared.stages.audit.seal import Sealing, seal_audit
from shared.stages.audit.trail import Noted
from shared.stages.audit.verify import AuditLog, Verification
from tests.builders import WORKSPACE
from tests.fakes.vault import MemoryVault
from tests.unit.stages.world import StageWorld

E = TypeVar("E", bound=Entity)
ANA = Actor(kind=ActorKind.PERSON, id="ana")
KEY, NEXT_KEY = "1:" + "s" * 32, "2:" + "t" * 32
A_YEAR = timedelta(days=365)


class Logbook:
    """`write` commits entries as stages do; `seal` is one call of the sealer; `flaws` is what a whole verification finds."""

    def __init__(self, world: StageWorld | None = None) -> None:
        self.world = world or StageWorld()
        self.store, self.vault = self.world.store, MemoryVault()
        self.world.secrets.values[audit_secret_of(WORKSPACE)] = KEY
        self.keys = AuditKeys(secrets=self.world.secrets)

    def write(self, *actions: str, recipient: str = "", **noted: Any) -> list[str]:
        """Ids of the entries, which are committed together."""
        writes = self.world.audit.writes(
            *(Noted(action=one, recipient=recipient, **noted) for one in actions), by=ANA, workspace_id=WORKSPACE
        )
        self.store.commit(*writes)
        return [one.entity.id for one in writes if isinstance(getattr(one, "entity", None), AuditEntry)]

    def write_and_seal(self, count: int, *, each: timedelta = timedelta(minutes=1)) -> None:
        """So many blocks of two entries."""
        for number in range(count):
            self.write(f"draft.approved{number}", "send.queued", recipient="jonas@halden.example")
            self.seal()
            self.world.clock.advance(each)

    def seal(self, *, store: Any = None, keep: timedelta = A_YEAR) -> Sealing:
        ports = {"store": store or self.store, "keys": self.keys, "vault": self.vault, "clock": self.world.clock}
        return seal_audit(**ports, keep=keep)

    def verified(self) -> Verification:
        """All portions as one."""
        log = AuditLog(WORKSPACE, store=self.store, vault=self.vault, keys=self.keys.of(WORKSPACE))
        whole = part = log.verify()
        while part.next:
            part = log.verify(part.next)
            whole.flaws += part.flaws
            whole.blocks, whole.entries = whole.blocks + part.blocks, whole.entries + part.entries
        return whole

    @property
    def flaws(self) -> list[Flaw]:
        return self.verified().flaws

    @property
    def told(self) -> str:
        return "; ".join(f"{one.where} {one.what}" for one in self.flaws)

    @property
    def entries(self) -> list[AuditEntry]:
        return sorted(self.store.everything(AuditEntry), key=lambda one: one.id)

    @property
    def blocks(self) -> list[AuditBlock]:
        return sorted(self.store.everything(AuditBlock), key=lambda one: one.number)

    @property
    def waiting(self) -> list[str]:
        return sorted(one.id for one in self.store.everything(Unsealed))

    @property
    def chained(self) -> list[str]:
        """Ids of sealed entries in the order of the chain."""
        return [one.id for block in self.blocks for one in block.entries]

    def tamper(self, entity: E, **changes: Any) -> E:
        """Somebody writes past the product."""
        changed = entity.model_copy(update=changes)
        self.store.commit(Put(changed))
        return changed

    def remove(self, *entities: Entity) -> None:
        self.store.commit(*(Remove(one) for one in entities))
