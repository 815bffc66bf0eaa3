"""The policy in force: every change is one commit with its version and its entry, and of two at once one is told about the other."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from shared.domain.audit import Actor, ActorKind, AuditEntry, Unsealed
from shared.domain.policy import CURRENT, KillSwitch, Mode, Policy, PolicyVersion, Rules, version_id
from shared.ports.errors import Conflict, NotFound, Rejected
from shared.ports.store import Write
from shared.stages.policy.policies import Policies, Proposal
from tests.builders import WORKSPACE, a_workspace, an_operator, at
from tests.fakes.store import MemoryStore
from tests.unit.stages.world import StageWorld

MARIA = Actor(kind=ActorKind.PERSON, id="maria")
JO = Actor(kind=ActorKind.TOKEN, id="jo's laptop")
SENDING = Proposal(patch={"mode": "SEND_ALLOWED"})


@pytest.fixture
def policies(world: StageWorld) -> Policies:
    return Policies(store=world.store, outbox=world.outbox, clock=world.clock, audit=world.audit)


def change(policies: Policies, patch: dict[str, Any], *, based_on: int, by: Actor = MARIA, reason: str = "we begin") -> Policy:
    return policies.change(Proposal(patch=patch), based_on=based_on, workspace_id=WORKSPACE, by=by, reason=reason)


def test_before_anybody_has_decided_the_careful_default_holds(policies: Policies, world: StageWorld) -> None:
    policy = policies.current(workspace_id=WORKSPACE)
    assert (policy.version, policy.rules, policy.changed_by) == (0, Rules(), None)
    assert policies.versions(workspace_id=WORKSPACE) == []
    assert world.store.everything(Policy) == []


def test_a_change_is_the_policy_its_version_and_its_entry_in_one_commit(policies: Policies, world: StageWorld) -> None:
    world.store.trips.clear()
    changed = change(policies, {"mode": "SEND_ALLOWED", "quotas": {"mailbox_per_day": 5}}, based_on=0)
    assert world.store.trips == ["get", "commit"]
    assert (changed.version, changed.rules.mode, changed.changed_by, changed.changed_at) == (1, Mode.SEND_ALLOWED, MARIA, at())
    assert policies.current(workspace_id=WORKSPACE) == changed
    kept = world.one(PolicyVersion)
    assert (kept.id, kept.policy) == (version_id(1), changed)
    entry = world.one(AuditEntry)
    assert (entry.action, entry.actor, entry.reason, entry.policy_version) == ("policy.changed", MARIA, "we begin", 1)
    assert entry.before == {"mode": "DRAFT_ONLY", "quotas": {"mailbox_per_day": 20}}
    assert entry.after == {"mode": "SEND_ALLOWED", "quotas": {"mailbox_per_day": 5}}
    assert world.one(Unsealed).id == entry.id


def test_the_whole_rules_can_be_given_instead_of_a_patch(policies: Policies) -> None:
    wanted = Rules(mode=Mode.SEND_ALLOWED, allowed_recipients=("brightleaf.example",))
    proposal = Proposal(rules=wanted.model_dump(mode="json"))
    assert policies.change(proposal, based_on=0, workspace_id=WORKSPACE, by=MARIA, reason="all of it").rules == wanted


def test_whoever_looked_at_another_version_is_told_who_changed_it_and_when(policies: Policies, world: StageWorld) -> None:
    change(policies, {"mode": "SEND_ALLOWED"}, based_on=0, by=JO)
    world.later(minutes=3)
    with pytest.raises(Conflict) as told:
        change(policies, {"quotas": {"mailbox_per_day": 5}}, based_on=0)
    assert told.value.detail == "policy version 1 is in force, changed by token jo's laptop at 2026-11-23 09:00:00 UTC: read it again"
    with pytest.raises(Conflict, match="version 1"):
        change(policies, {"mode": None}, based_on=2)
    assert policies.current(workspace_id=WORKSPACE).version == 1


class BothLooked(MemoryStore):
    """Lets two changes read before either commits."""

    def __init__(self) -> None:
        super().__init__()
        self.ready = threading.Barrier(2, timeout=60)

    def commit(self, *writes: Write) -> Any:
        if not self.ready.broken and any(isinstance(getattr(one, "entity", None), Policy) for one in writes):
            self.ready.wait()
        return super().commit(*writes)


def test_of_two_changes_at_once_one_wins_and_the_other_is_told_by_whom() -> None:
    world = StageWorld()
    store = BothLooked()
    policies = Policies(store=store, outbox=world.outbox, clock=world.clock, audit=world.audit)
    outcomes: dict[str, object] = {}

    def attempt(by: Actor, patch: dict[str, Any]) -> None:
        try:
            outcomes[by.id] = change(policies, patch, based_on=0, by=by)
        except Conflict as lost:
            outcomes[by.id] = lost.detail

    attempts = [(MARIA, {"mode": "SEND_ALLOWED"}), (JO, {"quotas": {"mailbox_per_day": 5}})]
    threads = [threading.Thread(target=attempt, args=one) for one in attempts]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    winner = policies.current(workspace_id=WORKSPACE)
    lost = [told for told in outcomes.values() if isinstance(told, str)]
    assert [one for one in outcomes.values() if isinstance(one, Policy)] == [winner]
    assert winner.changed_by is not None
    assert lost == [f"policy version 1 is in force, changed by {winner.changed_by.label} at 2026-11-23 09:00:00 UTC: read it again"]
    assert len(store.everything(PolicyVersion)) == len(store.everything(AuditEntry)) == 1


@pytest.mark.parametrize(
    ("proposal", "field"),
    [
        (Proposal(patch={"window": {"start": "20:00"}}), "window.end"),
        (Proposal(patch={"flags": {"voice": {"percent": 200}}}), "flags.voice.percent"),
        (Proposal(patch={"nonsense": 1}), "nonsense"),
        (Proposal(rules={"nonsense": 1}), "nonsense"),
        (Proposal(patch={"kill_switch": {"on": True}}), "kill_switch"),
        (Proposal(rules={"kill_switch": {"on": True}}), "kill_switch"),
        (Proposal(patch={}), "rules"),
        (Proposal(patch={"mode": "DRAFT_ONLY"}), "rules"),
        (Proposal(), "patch"),
        (Proposal(patch={}, rules={}), "patch"),
    ],
)
def test_what_cannot_be_decided_is_refused_by_field_and_changes_nothing(
    policies: Policies, world: StageWorld, proposal: Proposal, field: str
) -> None:
    with pytest.raises(Rejected) as refused:
        policies.change(proposal, based_on=0, workspace_id=WORKSPACE, by=MARIA, reason="why")
    assert (refused.value.field, refused.value.status) == (field, 400)
    assert world.store.everything(AuditEntry) == []


@pytest.mark.parametrize(
    ("patch", "field"),
    [
        ({"send_operators": ["maria", "Maria Costa"]}, "send_operators"),
        ({"auto_approval": {"threshold_of": {"marie": 0.95}}}, "auto_approval.threshold_of"),
    ],
)
def test_rules_for_somebody_who_is_no_operator_are_refused_and_the_operators_are_named(
    policies: Policies, world: StageWorld, patch: dict[str, Any], field: str
) -> None:
    for call in (lambda: change(policies, patch, based_on=0), lambda: policies.proposed(Proposal(patch=patch), workspace_id=WORKSPACE)):
        with pytest.raises(Rejected, match="no operator's id here; there are maria, jo") as refused:
            call()
        assert refused.value.field == field
    assert world.store.everything(Policy) == []


def test_an_operator_who_has_left_keeps_nobody_from_changing_other_rules(policies: Policies, world: StageWorld) -> None:
    change(policies, {"send_operators": ["maria", "jo"]}, based_on=0)
    world.store.save_workspace(workspace=a_workspace(operators=(an_operator(),)))
    assert change(policies, {"mode": "SEND_ALLOWED"}, based_on=1).rules.send_operators == ("maria", "jo")


def test_rules_that_would_fit_no_document_are_refused_before_they_are_tried(policies: Policies, world: StageWorld) -> None:
    many = [f"{number:0200d}@brightleaf.example" for number in range(1_000)]
    with pytest.raises(Rejected, match="shorten its lists"):
        change(policies, {"allowed_recipients": many}, based_on=0)
    assert world.store.everything(Policy) == []


@pytest.mark.parametrize("reason", ["", "  \n ", "x" * 501, "a\x07bell"])
def test_every_change_says_why(policies: Policies, reason: str) -> None:
    policies.kill(workspace_id=WORKSPACE, by=MARIA)
    calls: list[Callable[[], object]] = [
        lambda: policies.change(SENDING, based_on=1, workspace_id=WORKSPACE, by=MARIA, reason=reason),
        lambda: policies.release(workspace_id=WORKSPACE, by=MARIA, reason=reason),
    ]
    for call in calls:
        with pytest.raises(Rejected) as refused:
            call()
        assert refused.value.field == "reason"


def test_going_back_is_a_new_version_that_says_what_an_old_one_said(policies: Policies, world: StageWorld) -> None:
    change(policies, {"mode": "SEND_ALLOWED"}, based_on=0)
    change(policies, {"quotas": {"mailbox_per_day": 5}}, based_on=1)
    back = policies.roll_back(1, based_on=2, workspace_id=WORKSPACE, by=JO, reason="too few")
    assert (back.version, back.rules) == (3, Rules(mode=Mode.SEND_ALLOWED))
    [entry] = [one for one in world.store.everything(AuditEntry) if one.action == "policy.rolled_back"]
    assert (entry.evidence, entry.before, entry.after) == (
        ("version:1",),
        {"quotas": {"mailbox_per_day": 5}},
        {"quotas": {"mailbox_per_day": 20}},
    )
    first = policies.roll_back(0, based_on=3, workspace_id=WORKSPACE, by=JO, reason="from the beginning")
    assert (first.version, first.rules) == (4, Rules())


def test_going_back_never_turns_the_kill_switch(policies: Policies) -> None:
    change(policies, {"mode": "SEND_ALLOWED"}, based_on=0)
    killed = policies.kill(workspace_id=WORKSPACE, by=JO, reason="a wrong list")
    back = policies.roll_back(0, based_on=2, workspace_id=WORKSPACE, by=MARIA, reason="start over")
    assert back.rules.kill_switch == killed.rules.kill_switch
    assert back.rules.mode is Mode.DRAFT_ONLY


def test_going_back_to_what_never_was_or_is_already_so_is_refused(policies: Policies) -> None:
    change(policies, {"mode": "SEND_ALLOWED"}, based_on=0)
    with pytest.raises(NotFound, match="version 7"):
        policies.roll_back(7, based_on=1, workspace_id=WORKSPACE, by=MARIA, reason="why")
    with pytest.raises(Rejected, match="nothing would change"):
        policies.roll_back(1, based_on=1, workspace_id=WORKSPACE, by=MARIA, reason="why")
    with pytest.raises(Conflict):
        policies.roll_back(0, based_on=0, workspace_id=WORKSPACE, by=MARIA, reason="why")


def test_the_kill_switch_is_one_call_that_says_who_when_and_why(policies: Policies, world: StageWorld) -> None:
    killed = policies.kill(workspace_id=WORKSPACE, by=JO, reason=" a wrong\nlist ")
    assert killed.rules.kill_switch == KillSwitch(on=True, by=JO.label, reason="a wrong list", at=at())
    assert (killed.version, world.one(AuditEntry).action, world.one(AuditEntry).reason) == (1, "policy.killed", "a wrong list")
    world.later(minutes=1)
    assert policies.kill(workspace_id=WORKSPACE, by=MARIA, reason="again") == killed
    world.later(minutes=1)
    released = policies.release(workspace_id=WORKSPACE, by=MARIA, reason="the list is right")
    assert (released.version, released.rules.kill_switch) == (2, KillSwitch())
    assert [one.action for one in world.store.everything(AuditEntry)] == ["policy.killed", "policy.released"]
    assert policies.release(workspace_id=WORKSPACE, by=MARIA, reason="again") == released


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("", "stopped without a reason given"),
        (" \n ", "stopped without a reason given"),
        ("\x07\u200b", "stopped without a reason given"),
        ("a\x07bell " + "x" * 900, "abell " + "x" * 494),
    ],
)
def test_no_words_keep_anybody_from_stopping_everything(policies: Policies, world: StageWorld, reason: str, told: str) -> None:
    killed = policies.kill(workspace_id=WORKSPACE, by=JO, reason=reason)
    assert (killed.rules.kill_switch.on, killed.rules.kill_switch.reason, killed.reason) == (True, told, told)
    assert world.one(AuditEntry).reason == told


def test_the_kill_switch_gives_way_to_nobody_who_changes_the_policy_meanwhile(world: StageWorld) -> None:
    class Crowded(MemoryStore):
        """Somebody changes the policy just before each of the first commits."""

        rivals = 3

        def commit(self, *writes: Write) -> Any:
            if self.rivals:
                self.rivals -= 1
                seen = self.get(Policy, workspace_id=WORKSPACE, id=CURRENT)
                version = seen.entity.version + 1 if seen else 1
                rival = Policies(store=Quiet(self), outbox=world.outbox, clock=world.clock, audit=world.audit)
                change(rival, {"quotas": {"mailbox_per_day": version}}, based_on=version - 1)
            return super().commit(*writes)

    store = Crowded()
    killed = Policies(store=store, outbox=world.outbox, clock=world.clock, audit=world.audit).kill(
        workspace_id=WORKSPACE, by=JO, reason="stop"
    )
    assert killed.rules.kill_switch.on
    assert (killed.version, killed.rules.quotas.mailbox_per_day) == (4, 3)


class Quiet:
    """The same store, without its rivals."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit(self, *writes: Write) -> Any:
        return MemoryStore.commit(self._store, *writes)


def test_the_history_is_paged_newest_first(policies: Policies, world: StageWorld) -> None:
    for number in range(5):
        world.later(minutes=1)
        change(policies, {"quotas": {"mailbox_per_day": number}}, based_on=number)
    first = policies.versions(workspace_id=WORKSPACE, limit=3)
    rest = policies.versions(workspace_id=WORKSPACE, limit=3, after=version_id(first[-1].version))
    assert [one.version for one in (*first, *rest)] == [5, 4, 3, 2, 1]


class PolicyMachine(RuleBasedStateMachine):
    """Changes, roll-backs and the switch in any order, against a list of rules."""

    def __init__(self) -> None:
        super().__init__()
        self.world = StageWorld()
        self.policies = Policies(store=self.world.store, outbox=self.world.outbox, clock=self.world.clock, audit=self.world.audit)
        self.history = [Rules()]

    @rule(limit=st.integers(0, 5), based_on=st.integers(0, 3))
    def change_a_quota(self, limit: int, based_on: int) -> None:
        wanted = self.history[-1].model_copy(update={"quotas": self.history[-1].quotas.model_copy(update={"mailbox_per_day": limit})})
        version = max(0, len(self.history) - 1 - based_on)
        self._decide(wanted, version, lambda: change(self.policies, {"quotas": {"mailbox_per_day": limit}}, based_on=version))

    @rule(back=st.integers(0, 6), based_on=st.integers(0, 1))
    def go_back(self, back: int, based_on: int) -> None:
        version = max(0, len(self.history) - 1 - based_on)
        target = max(0, len(self.history) - 1 - back)
        wanted = self.history[target].model_copy(update={"kill_switch": self.history[-1].kill_switch})
        self._decide(
            wanted, version, lambda: self.policies.roll_back(target, based_on=version, workspace_id=WORKSPACE, by=JO, reason="back")
        )

    @rule()
    def kill(self) -> None:
        policy = self.policies.kill(workspace_id=WORKSPACE, by=JO, reason="stop")
        self._note(policy)

    @rule()
    def release(self) -> None:
        self._note(self.policies.release(workspace_id=WORKSPACE, by=JO, reason="go on"))

    @invariant()
    def the_last_decision_holds_and_all_are_kept(self) -> None:
        policy = self.policies.current(workspace_id=WORKSPACE)
        assert (policy.version, policy.rules) == (len(self.history) - 1, self.history[-1])
        kept = {one.policy.version: one.policy.rules for one in self.world.store.everything(PolicyVersion)}
        assert kept == dict(list(enumerate(self.history))[1:])
        assert len(self.world.store.everything(AuditEntry)) == len(self.history) - 1

    def _decide(self, wanted: Rules, based_on: int, decide: Callable[[], Policy]) -> None:
        self.world.later(seconds=1)
        if based_on != len(self.history) - 1:
            with pytest.raises(Conflict):
                decide()
        elif wanted == self.history[-1]:
            with pytest.raises(Rejected):
                decide()
        else:
            assert decide().rules == wanted
            self.history.append(wanted)

    def _note(self, policy: Policy) -> None:
        self.world.later(seconds=1)
        if policy.version == len(self.history):
            assert policy.rules == self.history[-1].model_copy(update={"kill_switch": policy.rules.kill_switch})
            self.history.append(policy.rules)


TestPolicies = PolicyMachine.TestCase
TestPolicies.settings = settings(max_examples=50, stateful_step_count=20, deadline=None)
