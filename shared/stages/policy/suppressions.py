"""Who must not be written to: looking it up, adding to it, taking back what may be. Used by the gate, approvals, sends and the API."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.domain.audit import Actor, by_stage
from shared.domain.ids import WorkspaceId
from shared.domain.keys import VersionedKey
from shared.domain.moments import LAST
from shared.domain.outbox import Outgoing
from shared.domain.people import Identity
from shared.domain.suppression import (
    KEY_RING,
    NEVER_EXPIRE,
    Cause,
    KeyRing,
    LiftReason,
    Scope,
    Subject,
    Suppression,
    ids_of,
    normal,
    says_more,
    subjects_of,
    suppression_id,
    too_wide,
    usable,
)
from shared.ports.clock import Clock
from shared.ports.errors import NotFound, Permanent, Rejected, Transient
from shared.ports.secrets import Secrets
from shared.ports.store import Create, Key, Put, Remove, Replace, Snapshot, Store, Write
from shared.resilience.contest import until_undisputed
from shared.resilience.key_lines import keys_in
from shared.stages.audit.trail import AuditTrail, Noted

WHY = {
    Cause.OPT_OUT: "they asked not to be written to",
    Cause.COMPLAINT: "they complained about a mail of ours",
    Cause.BOUNCE: "mails to them do not arrive",
    Cause.MANUAL: "somebody here has put them on the list of those who are not written to",
    Cause.IMPORT: "they are on an imported list of those who are not written to",
}
OF_WHAT = {Scope.ADDRESS: "", Scope.DOMAIN: " (their whole mail domain)", Scope.COMPANY: " (their whole company)"}
SPELLED = {
    Scope.ADDRESS: "an address like name@company.com",
    Scope.DOMAIN: "a mail domain like company.com",
    Scope.COMPANY: "a record's id",
}
LARGEST_BATCH = 50
"""Wishes of one commit: each writes itself, its audit entry, and the salts of whom it names."""
KEYS_LATE = timedelta(minutes=1)


def secret_of(workspace_id: WorkspaceId) -> str:
    """The name in Secret Manager: lines of `version:key`, the newest last. A key that is taken away forgets whom it named."""
    return f"suppression-keys-{workspace_id}"


@dataclass(frozen=True)
class Wish:
    """That somebody is not written to any more."""

    subject: Subject
    cause: Cause
    source: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Added:
    """What is in force about a wish; not `new` when as much stood there before."""

    standing: Suppression
    new: bool


Owing = Callable[[Sequence[Suppression]], Outgoing]
"""The task that those of one commit owe."""


class Suppressions:
    """The list of one installation; every call names its workspace."""

    def __init__(self, *, store: Store, secrets: Secrets, clock: Clock, audit: AuditTrail) -> None:
        self._store, self._secrets, self._clock, self._audit = store, secrets, clock, audit

    def keys_about(self, identity: Identity | None, recipients: Iterable[str], *, workspace_id: WorkspaceId) -> list[Key]:
        """What has to be read to know whether these people may be written to: to be read with other things.

        Without an identity nothing is known of them but their addresses.
        """
        if identity is None:
            return self._keys_of(subjects_of(recipients), workspace_id)
        company, contact = identity.company, identity.contact
        firm, domain = (company.id, company.domain) if company else ("", "")
        people = dict.fromkeys((*recipients, contact.email))
        subjects = subjects_of(people, also_known_as=contact.other_emails, company_id=firm, company_domain=domain)
        return self._keys_of(subjects, workspace_id)

    def why_not(self, found: Iterable[Snapshot[Any] | None]) -> str:
        """Of what was read: why they must not be written to, in an operator's words; empty when nothing forbids it.

        Transient when others write under a key this process does not hold yet: what it has looked for is not all there may be.
        """
        standing = self.in_force(found)
        return f"suppressed: {WHY[standing[0].cause]}{OF_WHAT[standing[0].scope]}" if standing else ""

    def in_force(self, found: Iterable[Snapshot[Any] | None]) -> list[Suppression]:
        """Those of what was read that forbid a mail now, the wishes of people first. Transient as `why_not`."""
        known = [one.entity for one in found if one is not None]
        for ring in known:
            if isinstance(ring, KeyRing):
                self._hold_every_key(ring)
        now = self._clock.now()
        standing = [one for one in known if isinstance(one, Suppression) and one.in_force(now)]
        return sorted(standing, key=lambda one: (one.cause not in NEVER_EXPIRE, one.scope is not Scope.ADDRESS))

    def about(self, subjects: Sequence[Subject], *, workspace_id: WorkspaceId) -> list[Suppression]:
        """Everything in force about any of these, one round trip."""
        return self.in_force(self._store.read(*self._keys_of(subjects, workspace_id)))

    def add_all(self, wishes: Sequence[Wish], *, workspace_id: WorkspaceId, by: Actor, owing: Owing) -> list[Added]:
        """In one commit, for different subjects, at most LARGEST_BATCH of them; with the task that those which are new owe.

        Called through `heard_wishes` alone, where what is owed is published, too.

        Raises Rejected when nobody could mean one of them.
        """
        for one in wishes:
            self.check(one.subject, expires_at=one.expires_at)
        key = self._keys(workspace_id)[-1]
        wanted = [self._wanted(one, key, workspace_id, by) for one in wishes]
        return until_undisputed(lambda: self._add_all(wishes, wanted, by=by, owing=owing))

    def looked_at(self, wishes: Sequence[Wish], *, workspace_id: WorkspaceId) -> list[bool]:
        """Whether adding it would change something; in one round trip, and nothing is written."""
        key = self._keys(workspace_id)[-1]
        wanted = [self._wanted(one, key, workspace_id, by_stage("import")) for one in wishes]
        known, _ = self._known([one.subject for one in wishes], workspace_id=workspace_id)
        return [all(says_more(one, old.entity) for old in before) for one, before in zip(wanted, known, strict=True)]

    def _wanted(self, wish: Wish, key: VersionedKey, workspace_id: WorkspaceId, by: Actor) -> Suppression:
        return Suppression(
            id=suppression_id(wish.subject, key),
            workspace_id=workspace_id,
            scope=wish.subject.scope,
            key_version=key.version,
            cause=wish.cause,
            shown=normal(wish.subject),
            source=wish.source,
            by=by,
            at=self._clock.now(),
            expires_at=None if wish.cause in NEVER_EXPIRE else wish.expires_at,
        )

    def _add_all(self, wishes: Sequence[Wish], wanted: Sequence[Suppression], *, by: Actor, owing: Owing) -> list[Added]:
        workspace_id = wanted[0].workspace_id
        known, ring = self._known([one.subject for one in wishes], workspace_id=workspace_id)
        added, writes, told = list[Added](), list[Write](), list[Noted]()
        for wish, new, before in zip(wishes, wanted, known, strict=True):
            standing = next((one.entity for one in before if not says_more(new, one.entity)), None)
            if standing is not None:
                added.append(Added(standing, new=False))
                continue
            erased = any(not one.entity.shown for one in before)  # what is added later does not bring the clear text back
            kept = new.model_copy(update={"shown": ""}) if erased else new
            seen = next((one for one in before if one.entity.id == new.id), None)
            added.append(Added(kept, new=True))
            writes.append(Replace(seen, kept) if seen else Create(kept))
            told.append(_noted("suppression.added", wish.subject, [kept], reason=kept.cause))
        if writes:
            entries = self._audit.writes(*told, by=by, workspace_id=workspace_id)
            owed = owing([one.standing for one in added if one.new])
            self._store.commit(*writes, Put(owed), *_ring(ring, wanted[0]), *entries)
        return added

    def check(self, subject: Subject, *, expires_at: datetime | None = None) -> None:
        """Raises Rejected when nobody could mean that."""
        self.check_spelling(subject)
        if too_wide(subject):
            raise Rejected("value: this domain belongs to everybody who has an address there; suppress the address", field="value")
        if expires_at is not None and not self._clock.now() < expires_at <= LAST:
            raise Rejected(f"expires_at: should be in the future and before {LAST:%Y}, or left out: then it never ends", field="expires_at")

    def check_spelling(self, subject: Subject) -> None:
        if not usable(subject):
            raise Rejected(f"value: should be {SPELLED[subject.scope]}", field="value")

    def lift(self, subject: Subject, *, workspace_id: WorkspaceId, by: Actor, reason: LiftReason) -> int:
        """How many were taken back. Opt-outs and complaints never are: Rejected. NotFound when there is nothing to take back."""
        return until_undisputed(lambda: self._lift(subject, workspace_id=workspace_id, by=by, reason=reason))

    def _lift(self, subject: Subject, *, workspace_id: WorkspaceId, by: Actor, reason: LiftReason) -> int:
        [known], _ = self._known([subject], workspace_id=workspace_id)
        if not known:
            raise NotFound("this is not suppressed")
        if any(one.entity.cause in NEVER_EXPIRE for one in known):
            raise Rejected("value: an opt-out or a complaint is never taken back by us", field="value", status=409)
        told = _noted("suppression.lifted", subject, [one.entity for one in known], reason=reason)
        entries = self._audit.writes(told, by=by, workspace_id=workspace_id)
        self._store.commit(*(Remove(one.entity, one) for one in known), *entries)
        return len(known)

    def erasure(self, address: str, *, workspace_id: WorkspaceId) -> list[Write]:
        """What empties the clear text of an address: under every key it goes on blocking."""
        [known], _ = self._known([Subject(scope=Scope.ADDRESS, value=address)], workspace_id=workspace_id)
        return [Replace(one, one.entity.model_copy(update={"shown": ""})) for one in known if one.entity.shown]

    def _known(
        self, subjects: Sequence[Subject], *, workspace_id: WorkspaceId
    ) -> tuple[list[list[Snapshot[Suppression]]], Snapshot[KeyRing] | None]:
        """What stands about each, under any key, and the ring; one round trip. Transient as `why_not`."""
        ring, *found = self._store.read(*self._keys_of(subjects, workspace_id))
        if ring is not None:
            self._hold_every_key(ring.entity)
        versions = len(found) // len(subjects)
        about = [found[first : first + versions] for first in range(0, len(found), versions)]
        return [[one for one in row if one is not None] for row in about], ring

    def _keys_of(self, subjects: Sequence[Subject], workspace_id: WorkspaceId) -> list[Key]:
        """The ring first, then every subject under every key."""
        ids = ids_of(subjects, self._keys(workspace_id))
        return [Key(KeyRing, workspace_id, KEY_RING), *(Key(Suppression, workspace_id, id) for id in ids)]

    def _hold_every_key(self, ring: KeyRing) -> None:
        name = secret_of(ring.workspace_id)
        held = self._secrets.get(name=name)
        if self._keys(ring.workspace_id)[-1].version < ring.newest:
            self._secrets.newer(name=name, than=held)
            raise Transient("suppressions are kept under a newer key, which is being fetched", retry_after=KEYS_LATE)

    def _keys(self, workspace_id: WorkspaceId) -> Sequence[VersionedKey]:
        """The oldest first. Permanent when they cannot be read: without them nobody may be written to."""
        name = secret_of(workspace_id)
        try:
            return keys_in(self._secrets, name=name)
        except NotFound:
            raise Permanent(f"secret {name} does not exist: it should hold lines of version:key") from None


def _noted(action: str, subject: Subject, what: Sequence[Suppression], *, reason: str) -> Noted:
    whom = subject.value if subject.scope is Scope.ADDRESS else ""
    return Noted(action=action, recipient=whom, reason=reason, evidence=(subject.scope, *(one.id for one in what)))


def _ring(seen: Snapshot[KeyRing] | None, wanted: Suppression) -> list[Write]:
    """What tells the others that from now on there are entries under a newer key."""
    if seen is not None and seen.entity.newest >= wanted.key_version:
        return []
    ring = KeyRing(id=KEY_RING, workspace_id=wanted.workspace_id, newest=wanted.key_version)
    return [Replace(seen, ring) if seen else Create(ring)]
