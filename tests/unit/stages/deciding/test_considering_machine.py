"""Considered drafts under duplicate deliveries, deaths at every call, people who decide at the same moment, and switches that are turned.

Whatever happens: a rule approves a draft once at most, only what was logged before, never a sampled one, never while something forbids it.
"""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from shared.domain.approval import Approval
from shared.domain.audit import ActorKind
from shared.domain.auto_approval import draw_of
from shared.domain.autonomy import CONSIDERED, TrackRecord, folded, standing
from shared.domain.considered import Answer
from shared.domain.draft import DraftState
from shared.domain.outbox import Outgoing
from shared.domain.policy import AutoRule, KillSwitch
from shared.domain.rejection import RejectionReason
from shared.domain.sends import WAITING, SendState, Touch
from shared.ports.errors import SalesAgentError
from shared.stages.chores.sweep import sweep
from shared.stages.deciding.reject import reject
from shared.stages.deciding.snooze import snooze
from shared.stages.policy.track_records import replayed, track_record
from tests.builders import OPERATOR, WORKSPACE
from tests.unit.stages.considering import SAMPLES_THE_FIRST, ConsideringWorld
from tests.unit.stages.crashing import Death
from tests.unit.stages.trouble import WAYS, Plan, Trouble
from tests.unit.stages.wire import MARIA

NUMBERS = st.sampled_from([1, 2, 3])
WAY = st.one_of(st.none(), st.none(), st.tuples(st.integers(0, 24), st.sampled_from(WAYS)))
SWITCHES = st.sampled_from(["kill", "release", "draft only", "sending", "off", "watch", "act"])


class Considered(RuleBasedStateMachine):
    @initialize(clean=st.sampled_from([72, 73, 150]), sampled=st.booleans())
    def begin(self, clean: int, sampled: bool) -> None:
        self.trouble = Trouble()
        self.at = ConsideringWorld()
        if sampled:
            self.at.key = SAMPLES_THE_FIRST
        self.at.through = self.trouble.through
        for number in (1, 2, 3):
            self.at.placed(number, touch=Touch.ANSWER, thread_id="", reply_to_message_id="")
        self.at.earn(clean)
        self.approved_by_rules: set[str] = set()
        self.attempt(self.at.sync, None)

    def attempt(self, call: Any, way: Any, act: Any = lambda: None) -> None:
        self.trouble.begin(Plan(*way, act=act) if way else None)
        try:
            call()
        except (SalesAgentError, Death):
            pass
        finally:
            self.trouble.begin(None)

    @rule(number=NUMBERS, way=WAY, other=st.sampled_from(["approve", "reject", "snooze", "kill", "off"]))
    def an_event_comes(self, number: int, way: Any, other: str) -> None:
        """Of any draft, for the first time or again; somebody may act in the middle of it."""
        self.attempt(lambda: self.at.consider(number), way, act=lambda: self._act(number, other))

    def _act(self, number: int, what: str) -> None:
        self.trouble.begin(None)
        {"approve": self.a_person_approves, "reject": self.a_person_rejects, "snooze": self.a_person_snoozes}.get(
            what, lambda _: self.somebody_turns(what)
        )(number)

    @rule(number=NUMBERS)
    def a_person_approves(self, number: int) -> None:
        self.attempt(lambda: self.at.approve(number), None)

    @rule(number=NUMBERS)
    def a_person_rejects(self, number: int) -> None:
        self.attempt(
            lambda: reject(WORKSPACE, f"draft_{number}", reason=RejectionReason.HANDLED, note="", actor=MARIA, desk=self.at.desk()), None
        )

    @rule(number=NUMBERS)
    def a_person_snoozes(self, number: int) -> None:
        self.attempt(lambda: snooze(WORKSPACE, f"draft_{number}", until="tomorrow", actor=MARIA, desk=self.at.desk()), None)

    @rule(number=NUMBERS)
    def a_person_takes_it_back(self, number: int) -> None:
        if self.at.sends(number):
            self.attempt(lambda: self.at.cancel(number), None)

    @rule(number=NUMBERS, way=WAY)
    def its_task_comes(self, number: int, way: Any) -> None:
        if self.at.sends(number):
            self.at.later(minutes=1)
            self.attempt(self.at.sync, None)
            self.attempt(lambda: self.at.deliver(number), way)

    @rule(what=SWITCHES)
    def somebody_turns(self, what: str) -> None:
        changes: dict[str, dict[str, Any]] = {
            "kill": {"kill_switch": KillSwitch(on=True, by="maria")},
            "release": {"kill_switch": KillSwitch()},
            "draft only": {"mode": "DRAFT_ONLY"},
            "sending": {"mode": "SEND_ALLOWED"},
        }
        self.at.set_rules(**changes.get(what, {"auto_approval": {"stance": what}}))

    @rule()
    def the_sweep_comes(self) -> None:
        self.at.later(minutes=2)
        self.attempt(lambda: sweep(store=self.at.store, outbox=self.at.outbox, clock=self.at.clock), None)

    @invariant()
    def a_rule_approves_once_at_most_and_only_what_was_logged(self) -> None:
        """Each new approval is judged at the first moment it is seen: between its commit and now nothing else was decided."""
        mine = [one for one in self.at.approvals() if one.actor.kind is ActorKind.RULE]
        assert len({one.draft_id for one in mine}) == len(mine)
        for one in mine:
            if one.id not in self.approved_by_rules:
                self.approved_by_rules.add(one.id)
                self._check(one)

    def _check(self, approval: Approval) -> None:
        log = [one for one in self.at.entries if one.draft_id == approval.draft_id]
        [noted] = [one for one in log if one.action == CONSIDERED and f"answer:{Answer.APPROVE}" in one.evidence]
        [given] = [one for one in log if one.action == "draft.approved" and one.actor == approval.actor]
        assert log.index(noted) < log.index(given)
        assert f"decided:{approval.actor.id}" in noted.evidence
        assert draw_of(self.at.key, approval.draft_id) >= 0.05
        before = [one for one in self.at.entries if one.id < noted.id]
        record = folded(TrackRecord(id=OPERATOR, workspace_id=WORKSPACE), before)
        assert standing(record.mails, rule=AutoRule.REPLIED_BEFORE, touch=Touch.ANSWER, confidence=0.95).earned
        assert approval.policy_version <= self.at._policy().version

    @invariant()
    def no_mail_leaves_twice_and_none_without_an_approval(self) -> None:
        left = [one.raw for one in self.at.mailbox.left]
        assert len(set(left)) == len(left)
        for number in (1, 2, 3):
            sends = self.at.sends(number)
            assert len([one for one in sends if one.state in (SendState.SENT, SendState.SETTLED)]) <= 1
            waiting = [one for one in sends if one.state in WAITING]
            assert not waiting or self.at.draft(number).state is DraftState.APPROVED

    @invariant()
    def what_was_read_of_the_log_is_what_a_replay_says(self) -> None:
        kept = track_record(WORKSPACE, OPERATOR, store=self.at.store, clock=self.at.clock)
        assert kept == replayed(WORKSPACE, OPERATOR, store=self.at.store)

    @invariant()
    def nothing_that_was_approved_is_forgotten(self) -> None:
        """Its task is published, or waits in the outbox for the sweep."""
        published = {one.id for one in self.at.outbox.flushed} | {one.id for one in self.at.store.everything(Outgoing)}
        for number in (1, 2, 3):
            for one in self.at.sends(number):
                assert f"{one.id}-1" in published


TestConsidered = Considered.TestCase
TestConsidered.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
