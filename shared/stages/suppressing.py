"""Who must not be written to: looking it up, adding to it, taking back what may be. Used by the gate, approvals, sends and the API."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from shared.domain.audit import Actor
from shared.domain.ids import WorkspaceId
from shared.domain.people import Identity
from shared.domain.suppression import (
    NEVER_EXPIRE,
    Cause,
    Scope,
    Subject,
    Suppression,
    SuppressionKey,
    ids_of,
    normal,
    subjects_of,
    suppression_id,
    too_wide,
)
from shared.ports.clock import Clock
from shared.ports.errors import NotFound, Permanent, Rejected
from shared.ports.secrets import Secrets
from shared.ports.store import Create, Key, Remove, Replace, Snapshot, Store
from shared.stages.auditing import AuditTrail, Noted

WHY = {
    Cause.OPT_OUT: "they asked not to be written to",
    Cause.COMPLAINT: "they complained about a mail of ours",
    Cause.BOUNCE: "mails to them do not arrive",
    Cause.MANUAL: "somebody here has put them on the list of those who are not written to",
    Cause.IMPORT: "they are on an imported list of those who are not written to",
}
OF_WHAT = {Scope.ADDRESS: "", Scope.DOMAIN: " (their whole mail domain)", Scope.COMPANY: " (their whole company)"}


def secret_of(workspace_id: WorkspaceId) -> str:
    """The name in Secret Manager: lines of `version:key`, the newest last. A key that is taken away forgets whom it named."""
    return f"suppression-keys-{workspace_id}"


class Suppressions:
    """The list of one installation; every call names its workspace."""

    def __init__(self, *, store: Store, secrets: Secrets, clock: Clock, audit: AuditTrail) -> None:
        self._store, self._secrets, self._clock, self._audit = store, secrets, clock, audit

    def keys_about(self, identity: Identity, recipients: Iterable[str], *, workspace_id: WorkspaceId) -> list[Key]:
        """What has to be read to know whether these people may be written to: to be read with other things."""
        company = identity.company
        people = dict.fromkeys((*recipients, identity.contact.email))
        subjects = subjects_of(people, company_id=company.id if company else "", company_domain=company.domain if company else "")
        return [Key(Suppression, workspace_id, id) for id in ids_of(subjects, self._keys(workspace_id))]

    def why_not(self, found: Iterable[Snapshot[Suppression] | None]) -> str:
        """Of what was read: why they must not be written to, in an operator's words; empty when nothing forbids it."""
        now = self._clock.now()
        for one in found:
            if one is not None and one.entity.in_force(now):
                return f"suppressed: {WHY[one.entity.cause]}{OF_WHAT[one.entity.scope]}"
        return ""

    def add(
        self,
        subject: Subject,
        *,
        workspace_id: WorkspaceId,
        cause: Cause,
        by: Actor,
        source: str = "",
        expires_at: datetime | None = None,
    ) -> Suppression:
        """The suppression in force afterwards: an opt-out is never weakened by a later, milder cause."""
        if too_wide(subject):
            raise Rejected(f"value: {subject.value} belongs to everybody who has a mailbox there; suppress the address", field="value")
        key = self._keys(workspace_id)[-1]
        ends = None if cause in NEVER_EXPIRE else expires_at
        wanted = Suppression(
            id=suppression_id(subject, key),
            workspace_id=workspace_id,
            scope=subject.scope,
            key_version=key.version,
            cause=cause,
            shown=normal(subject),
            source=source,
            by=by,
            at=self._clock.now(),
            expires_at=ends,
        )
        return self._add(wanted, subject)

    def _add(self, wanted: Suppression, subject: Subject) -> Suppression:
        workspace_id = wanted.workspace_id
        known = self._known(subject, workspace_id=workspace_id)
        standing = next((one for one in known if not _weaker(one.entity, wanted)), None)
        if standing is not None:
            return standing.entity
        seen = next((one for one in known if one.entity.id == wanted.id), None)
        told = self._noted("suppression.added", subject, reason=wanted.cause, workspace_id=workspace_id, by=wanted.by)
        self._store.commit(Replace(seen, wanted) if seen else Create(wanted), *told)
        return wanted

    def lift(self, subject: Subject, *, workspace_id: WorkspaceId, by: Actor, reason: str) -> int:
        """How many were taken back. Opt-outs and complaints never are: Rejected. NotFound when there is nothing to take back."""
        known = self._known(subject, workspace_id=workspace_id)
        if not known:
            raise NotFound(f"{subject.scope} {subject.value} is not suppressed")
        if any(one.entity.cause in NEVER_EXPIRE for one in known):
            raise Rejected("an opt-out or a complaint is never taken back by us", field="value", status=409)
        told = self._noted("suppression.lifted", subject, reason=reason, workspace_id=workspace_id, by=by)
        self._store.commit(*(Remove(one.entity, one) for one in known), *told)
        return len(known)

    def _known(self, subject: Subject, *, workspace_id: WorkspaceId) -> list[Snapshot[Suppression]]:
        ids = ids_of([subject], self._keys(workspace_id))
        return list(self._store.get_many(Suppression, workspace_id=workspace_id, ids=ids).values())

    def _noted(self, action: str, subject: Subject, *, reason: str, workspace_id: WorkspaceId, by: Actor) -> Sequence[Create]:
        whom = subject.value if subject.scope is Scope.ADDRESS else ""
        told = Noted(action=action, recipient=whom, reason=reason, evidence=(subject.scope,))
        return [one for one in self._audit.writes(told, by=by, workspace_id=workspace_id) if isinstance(one, Create)]

    def _keys(self, workspace_id: WorkspaceId) -> list[SuppressionKey]:
        """The oldest first. Permanent when they cannot be read: without them nobody may be written to."""
        name = secret_of(workspace_id)
        keys = [_key(line, name) for line in self._secrets.get(name=name).split()]
        if not keys:
            raise Permanent(f"secret {name} holds no key: it should be lines of version:key")
        return sorted(keys, key=lambda one: one.version)


def _key(line: str, name: str) -> SuppressionKey:
    version, _, secret = line.partition(":")
    if not version.isdecimal() or len(secret) < 32:
        raise Permanent(f"secret {name} is not what it should be: lines of version:key, keys of 32 characters or more")
    return SuppressionKey(version=int(version), secret=secret.encode())


def _weaker(standing: Suppression, wanted: Suppression) -> bool:
    """Whether the wanted one says more than the standing one: that it never ends, or that it ends later."""
    if standing.cause in NEVER_EXPIRE:
        return False
    if wanted.cause in NEVER_EXPIRE:
        return True
    if standing.expires_at is None:
        return False
    return wanted.expires_at is None or wanted.expires_at > standing.expires_at
