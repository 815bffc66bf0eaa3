"""The audit log: what was decided, by whom, under which policy. Entries are never changed; a sealer chains them into blocks."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from shared.domain.entity import Entity, Value
from shared.domain.ids import WorkspaceId, derived_id
from shared.domain.people import normal_address


class ActorKind(StrEnum):
    PERSON = "person"
    TOKEN = "token"  # somebody behind a workspace token
    SERVICE = "service"  # a program with a Google account of its own
    STAGE = "stage"  # the product itself
    RULE = "rule"  # of the policy, in a person's place: `id` is its name


class Actor(Value):
    """Who did something. `id` is an operator's id, a sign-in address, a token's label, a service account or a stage's name."""

    kind: ActorKind
    id: str

    @property
    def label(self) -> str:
        """As an operator reads it."""
        return self.id if self.kind is ActorKind.PERSON else f"{self.kind} {self.id}"


def by_stage(name: str) -> Actor:
    return Actor(kind=ActorKind.STAGE, id=name)


class AuditEntry(Entity):
    """`audit/{id}`: committed with the change it describes. It holds ids and salted hashes, never content.

    Ids begin with the moment, so that listed by name the log is in the order of time.
    """

    collection: ClassVar[str] = "audit"

    at: datetime
    actor: Actor
    action: str  # "draft.approved", "policy.changed", "send.voided", …
    draft_id: str = ""
    send_id: str = ""
    run_id: str = ""
    contact: str = ""  # salted hash of the address: erasure destroys the salt
    company: str = ""  # salted hash of the mail domain
    policy_version: int = 0
    reason: str = ""  # of our own wording, or the operator's for a change of policy; never a mail's
    before: dict[str, object] = {}  # of policies; nothing but what JSON knows, so that an exported entry reads back as the same
    after: dict[str, object] = {}
    evidence: tuple[str, ...] = ()  # rule names, check names, evidence ids


class Unsealed(Entity):
    """`unsealed/{entry id}`: the entry waits for its block; created with the entry, removed with the block's commit."""

    collection: ClassVar[str] = "unsealed"

    at: datetime


class ContactSalt(Entity):
    """`audit_salts/{id}`: what makes a hash of an address mean somebody. Without it the log names nobody."""

    collection: ClassVar[str] = "audit_salts"

    salt: str


def entry_id(at: datetime, chance: str) -> str:
    return f"{at:%Y%m%dT%H%M%S%f}-{chance}"


def spelled(name: str) -> str:
    """An address or a domain as it is named in the log: whoever erases one spelling of an address has erased them all."""
    return normal_address(name)


def salt_id(workspace_id: WorkspaceId, address: str) -> str:
    return derived_id("audit_salt", workspace_id, spelled(address))


def subject_hash(salt: str, text: str) -> str:
    """How an entry names an address or a domain."""
    return derived_id("audit_subject", salt, spelled(text))
