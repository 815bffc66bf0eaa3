"""The policy in force: reading it, changing it, going back to an earlier one, and the kill switch. Called by the API; never cached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.domain.audit import Actor
from shared.domain.ids import OperatorId, WorkspaceId
from shared.domain.policy import CURRENT, KillSwitch, Policy, PolicyVersion, Rules, version_id
from shared.domain.policy_changes import UnusableRulesError, differences, patched, rules_from
from shared.domain.workspace import Workspace
from shared.ports.bus import Outbox
from shared.ports.clock import Clock
from shared.ports.errors import Conflict, NotFound, Rejected
from shared.ports.store import Create, Key, Replace, Snapshot, Store
from shared.resilience.contest import until_undisputed
from shared.stages.audit.trail import AuditTrail, Noted
from shared.stages.policy.in_force import policy_of
from shared.stages.policy.switch_tasks import owed_for_turn

LARGEST_PAGE = 100
LONGEST_REASON = 500
LARGEST_RULES = 200_000
"""Characters: a change is stored with what was before and after, in one document."""
NO_REASON = "stopped without a reason given"
BY_THE_SWITCH = "is turned by kill and release only"


@dataclass(frozen=True)
class Proposal:
    """Other rules, as a merge patch or as a whole document; exactly one of them."""

    patch: Mapping[str, Any] | None = None
    rules: Mapping[str, Any] | None = None


class Policies:
    """The policies of one installation; every call names its workspace. Version 0 holds until somebody has decided something."""

    def __init__(self, *, store: Store, outbox: Outbox, clock: Clock, audit: AuditTrail) -> None:
        self._store, self._outbox, self._clock, self._audit = store, outbox, clock, audit

    def current(self, *, workspace_id: WorkspaceId) -> Policy:
        return policy_of(self._seen(workspace_id), workspace_id)

    def versions(self, *, workspace_id: WorkspaceId, limit: int = 20, after: str = "") -> Sequence[Policy]:
        """Those somebody has decided, the newest first; at most a hundred."""
        at_most = max(1, min(limit, LARGEST_PAGE))
        found = self._store.list(PolicyVersion, workspace_id=workspace_id, newest_by="at", limit=at_most, after=after)
        return [one.entity.policy for one in found]

    def proposed(self, proposal: Proposal, *, workspace_id: WorkspaceId) -> tuple[Policy, Rules]:
        """The policy in force and the rules the proposal would put in its place. Raises Rejected naming the field."""
        policy = self.current(workspace_id=workspace_id)
        return policy, self._meant(proposal, policy)

    def _meant(self, proposal: Proposal, policy: Policy) -> Rules:
        """The proposed rules, which speak of nobody new whom the workspace does not have. Whoever has left may go on standing there."""
        rules = rules_of(proposal, policy.rules)
        new = {one: field for one, field in rules.operators_named.items() if one not in policy.rules.operators_named}
        here = self._operators(policy.workspace_id) if new else ()
        for one, field in new.items():
            if one not in here:
                raise Rejected(f"{field}: {one} is no operator's id here; there are {', '.join(here) or 'none'}", field=field)
        return rules

    def change(self, proposal: Proposal, *, based_on: int, workspace_id: WorkspaceId, by: Actor, reason: str) -> Policy:
        """One commit. Rejected for rules that cannot be; Conflict when another version is in force by now: who, and when."""
        seen = self._seen(workspace_id)
        policy = policy_of(seen, workspace_id)
        self._based_on(based_on, policy)
        return self._decide(seen, self._meant(proposal, policy), "policy.changed", workspace_id=workspace_id, by=by, reason=reason)

    def roll_back(self, version: int, *, based_on: int, workspace_id: WorkspaceId, by: Actor, reason: str) -> Policy:
        """A new version that says what an earlier one said. The kill switch stays as it is."""
        seen = self._seen(workspace_id)
        policy = policy_of(seen, workspace_id)
        self._based_on(based_on, policy)
        earlier = self._earlier(version, workspace_id=workspace_id)
        rules = earlier.model_copy(update={"kill_switch": policy.rules.kill_switch})
        return self._decide(
            seen, rules, "policy.rolled_back", workspace_id=workspace_id, by=by, reason=reason, also=(f"version:{version}",)
        )

    def kill(self, *, workspace_id: WorkspaceId, by: Actor, reason: str = "") -> Policy:
        """Nothing leaves from this commit on, queued or not. Whatever else is being changed, this goes through; twice is once.

        No word of whoever stops everything keeps them from it: what of their reason can be kept is.
        """
        told = "".join(char for char in " ".join(reason.split()) if char.isprintable())[:LONGEST_REASON].strip() or NO_REASON
        switch = KillSwitch(on=True, by=by.label, reason=told, at=self._clock.now())
        return self._switch(switch, "policy.killed", workspace_id=workspace_id, by=by, reason=told)

    def release(self, *, workspace_id: WorkspaceId, by: Actor, reason: str) -> Policy:
        """What was held by the kill switch goes on, as far as the rest of the policy lets it."""
        return self._switch(KillSwitch(), "policy.released", workspace_id=workspace_id, by=by, reason=reason)

    def _switch(self, switch: KillSwitch, action: str, *, workspace_id: WorkspaceId, by: Actor, reason: str) -> Policy:
        def turn() -> Policy:
            seen = self._seen(workspace_id)
            policy = policy_of(seen, workspace_id)
            if policy.rules.kill_switch.on is switch.on:
                return policy
            rules = policy.rules.model_copy(update={"kill_switch": switch})
            return self._decide(seen, rules, action, workspace_id=workspace_id, by=by, reason=reason)

        return until_undisputed(turn)

    def _decide(
        self,
        seen: Snapshot[Policy] | None,
        rules: Rules,
        action: str,
        *,
        workspace_id: WorkspaceId,
        by: Actor,
        reason: str,
        also: Sequence[str] = (),
    ) -> Policy:
        """The policy, its version for whoever looks back, the audit entry and what a turn of the switch owes, in one commit."""
        policy, now = policy_of(seen, workspace_id), self._clock.now()
        before, after = differences(policy.rules, rules)
        if not before and not after:
            raise Rejected("nothing would change: these rules are in force already", field="rules")
        decided = policy.changed(rules, by=by, reason=_reason(reason), at=now)
        version = PolicyVersion(id=version_id(decided.version), workspace_id=workspace_id, policy=decided, at=now)
        told = Noted(action=action, reason=decided.reason, policy_version=decided.version, evidence=also, before=before, after=after)
        entries = self._audit.writes(told, by=by, workspace_id=workspace_id)
        owed = owed_for_turn(decided, at=now) if rules.kill_switch != policy.rules.kill_switch else ()
        try:
            self._store.commit(Replace(seen, decided) if seen else Create(decided), Create(version), *map(Create, owed), *entries)
        except Conflict:
            raise Conflict(_in_force(self.current(workspace_id=workspace_id))) from None
        if owed:
            self._outbox.flush(entries=owed)
        return decided

    def _based_on(self, version: int, policy: Policy) -> None:
        if version != policy.version:
            raise Conflict(_in_force(policy))

    def _operators(self, workspace_id: WorkspaceId) -> Sequence[OperatorId]:
        [found] = self._store.read(Key(Workspace, workspace_id, workspace_id))
        return [one.id for one in found.entity.operators] if found else ()

    def _earlier(self, version: int, *, workspace_id: WorkspaceId) -> Rules:
        if version == 0:
            return Rules()
        found = self._store.get(PolicyVersion, workspace_id=workspace_id, id=version_id(version))
        if found is None:
            raise NotFound(f"policy version {version} does not exist")
        return found.entity.policy.rules

    def _seen(self, workspace_id: WorkspaceId) -> Snapshot[Policy] | None:
        return self._store.get(Policy, workspace_id=workspace_id, id=CURRENT)


def rules_of(proposal: Proposal, current: Rules) -> Rules:
    """What a proposal says, beside the rules in force. Raises Rejected naming the field."""
    if (proposal.patch is None) == (proposal.rules is None):
        raise Rejected("patch: give either a patch or the whole rules", field="patch")
    try:
        rules = patched(current, proposal.patch) if proposal.patch is not None else rules_from(proposal.rules or {})
    except UnusableRulesError as error:
        raise Rejected(str(error), field=error.field) from None
    if rules.kill_switch != current.kill_switch:
        raise Rejected(f"kill_switch: {BY_THE_SWITCH}", field="kill_switch")
    if len(rules.model_dump_json()) > LARGEST_RULES:
        raise Rejected(f"rules: at most {LARGEST_RULES} characters altogether: shorten its lists", field="rules")
    return rules


def _in_force(policy: Policy) -> str:
    if policy.changed_by is None or policy.changed_at is None:
        return "policy version 0 is in force: nobody has changed it yet; read it again"
    when = f"{policy.changed_at:%Y-%m-%d %H:%M:%S} UTC"
    return f"policy version {policy.version} is in force, changed by {policy.changed_by.label} at {when}: read it again"


def _reason(given: str) -> str:
    told = " ".join(given.split())
    if not told or len(told) > LONGEST_REASON or not told.isprintable():
        raise Rejected(f"reason: should say why, in at most {LONGEST_REASON} characters", field="reason")
    return told
