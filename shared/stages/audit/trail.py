"""The audit entry of a change, as writes of the very commit that makes it. Used by every stage that decides or notices something."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic_core import to_jsonable_python

from shared.domain.audit import Actor, AuditEntry, ContactSalt, Unsealed, entry_id, salt_id, spelled, subject_hash
from shared.domain.draft import Draft
from shared.domain.ids import WorkspaceId
from shared.domain.people import mail_domain
from shared.domain.sends import Send
from shared.ports.clock import Clock, Ids
from shared.ports.store import Create, Remove, Snapshot, Store, Write
from shared.resilience.repeats import serving


@dataclass(frozen=True)
class Noted:
    """What happened, without who and when. `reason` is our own wording or the operator's, never a mail's."""

    action: str  # "draft.approved", "send.voided", "policy.changed"
    draft: Draft | None = None
    send: Send | None = None
    recipient: str = ""  # when there is neither draft nor send
    reason: str = ""
    policy_version: int = 0
    evidence: Sequence[str] = ()
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)

    @property
    def whom(self) -> str:
        return spelled(self.recipient or (self.draft.recipient if self.draft else "") or (self.send.recipient if self.send else ""))


class AuditTrail:
    """Makes entries; whoever changes something commits them with the change."""

    def __init__(self, *, store: Store, clock: Clock, ids: Ids) -> None:
        self._store, self._clock, self._ids = store, clock, ids

    def writes(self, *what: Noted, by: Actor, workspace_id: WorkspaceId) -> tuple[Write, ...]:
        """The entries, and the salts of people and companies they are the first to name. One round trip when somebody is named."""
        named = dict.fromkeys(name for one in what for name in (one.whom, mail_domain(one.whom)) if name)
        salts, new = self._salts(tuple(named), workspace_id)
        entries = [self._entry(one, by, workspace_id, salts) for one in what]
        waiting = [Unsealed(id=one.id, workspace_id=workspace_id, at=one.at) for one in entries]
        return (*new, *(Create(one) for one in entries), *(Create(one) for one in waiting))

    def _entry(self, what: Noted, by: Actor, workspace_id: WorkspaceId, salts: Mapping[str, str]) -> AuditEntry:
        def hashed(text: str) -> str:
            return subject_hash(salts[text], text) if text else ""

        now = self._clock.now()
        return AuditEntry(
            id=self._named(what, hashed(what.whom), now),
            workspace_id=workspace_id,
            at=now,
            actor=by,
            action=what.action,
            draft_id=what.draft.id if what.draft else what.send.draft_id if what.send else "",
            send_id=what.send.id if what.send else "",
            run_id=what.draft.run_id if what.draft else "",
            contact=hashed(what.whom),
            company=hashed(mail_domain(what.whom)),
            policy_version=what.policy_version,
            reason=what.reason,
            before=to_jsonable_python(dict(what.before)),
            after=to_jsonable_python(dict(what.after)),
            evidence=tuple(what.evidence),
        )

    def _named(self, what: Noted, whom: str, now: datetime) -> str:
        """By chance; while a request with a key is served, by what is decided: its second attempt finds it there, and commits nothing."""
        claim = serving.get()
        if claim is None:
            return entry_id(now, self._ids.new())
        said = json.dumps(to_jsonable_python([what.before, what.after, what.evidence, what.reason]), sort_keys=True)
        draft_id, send_id = what.draft.id if what.draft else "", what.send.id if what.send else ""
        return entry_id(claim.since, claim.name_of(what.action, draft_id, send_id, whom, said))

    def _salts(self, names: Sequence[str], workspace_id: WorkspaceId) -> tuple[Mapping[str, str], Sequence[Write]]:
        """By name, and what has to be created. Two who name somebody first at once: one of their commits conflicts, and is decided anew."""
        ids = {name: salt_id(workspace_id, name) for name in names}
        known: Mapping[str, Snapshot[ContactSalt]] = {}
        if ids:
            known = self._store.get_many(ContactSalt, workspace_id=workspace_id, ids=list(ids.values()))
        new = {name: ContactSalt(id=id, workspace_id=workspace_id, salt=self._ids.new()) for name, id in ids.items() if id not in known}
        salts = {name: new[name].salt if name in new else known[id].entity.salt for name, id in ids.items()}
        return salts, [Create(one) for one in new.values()]


def named_in_log(name: str, *, workspace_id: WorkspaceId, store: Store) -> str:
    """How entries name an address or a domain; empty when none does, or none does any more."""
    found = store.get(ContactSalt, workspace_id=workspace_id, id=salt_id(workspace_id, name))
    return subject_hash(found.entity.salt, name) if found else ""


def forget_salt(workspace_id: WorkspaceId, address: str) -> tuple[Write, ...]:
    """To be committed by whoever erases somebody: from then on the entries about them name nobody, and their blocks verify as before.

    Who writes to them again gets a new salt: what the log says then has no link to what it said before.
    """
    return (Remove(ContactSalt(id=salt_id(workspace_id, address), workspace_id=workspace_id, salt="")),)
