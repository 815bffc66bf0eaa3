"""The tables of runs and drafts: where a state may lead, walked at random and compared with the drawn machine."""

from enum import StrEnum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from shared.domain.draft import DRAFT_TRANSITIONS, Draft, DraftState, moved
from shared.domain.holds import HOLD_TRANSITIONS, HoldState
from shared.domain.run import RUN_TRANSITIONS, Progress, Run, RunState, Step
from shared.domain.transitions import IllegalTransition, Transitions
from tests.builders import MONDAY, a_draft, a_run, at

RUN_EDGES = """
received planned failed
planned drafted logged failed
drafted gated failed
gated placed logged failed
placed logged failed
logged done failed
"""
DRAFT_EDGES = """
pending approved rejected expired superseded sent_by_operator edited_outside discarded
approved pending expired superseded sent sent_by_operator edited_outside discarded
edited_outside sent_by_operator discarded
sent pending
"""
HOLD_EDGES = """
wanted held failed released taken_over
held released taken_over
"""


def edges(told: str) -> set[tuple[str, str]]:
    return {(source, target) for source, *targets in (line.split() for line in told.split("\n") if line) for target in targets}


@pytest.mark.parametrize(
    ("machine", "states", "told"),
    [(RUN_TRANSITIONS, RunState, RUN_EDGES), (DRAFT_TRANSITIONS, DraftState, DRAFT_EDGES), (HOLD_TRANSITIONS, HoldState, HOLD_EDGES)],
)
def test_the_table_allows_what_is_drawn_and_nothing_else(machine: Transitions, states: type[StrEnum], told: str):
    assert {(one, other) for one in states for other in states if machine.allowed(one, other)} == edges(told)


def test_nothing_leaves_a_final_state():
    assert {one for one in RunState if RUN_TRANSITIONS.final(one)} == {RunState.DONE, RunState.FAILED}
    ended = {DraftState.REJECTED, DraftState.EXPIRED, DraftState.SUPERSEDED, DraftState.DISCARDED}
    final = ended | {DraftState.SENT_BY_OPERATOR}
    assert {one for one in DraftState if DRAFT_TRANSITIONS.final(one)} == final


def test_an_illegal_change_says_which_one_it_was():
    with pytest.raises(IllegalTransition, match="done → planned"):
        RUN_TRANSITIONS.check(RunState.DONE, RunState.PLANNED)
    assert RUN_TRANSITIONS.check(RunState.RECEIVED, RunState.PLANNED) is RunState.PLANNED


def test_a_machine_keeps_its_table_when_the_given_one_changes():
    table = {RunState.RECEIVED: frozenset({RunState.DONE})}
    machine = Transitions(table)
    table.clear()
    assert machine.allowed(RunState.RECEIVED, RunState.DONE)


class WalkingRun(RuleBasedStateMachine):
    """A run sent anywhere: it moves along the edges only, and its history tells the whole way."""

    def __init__(self) -> None:
        super().__init__()
        self.run: Run = a_run()
        self.way = [RunState.RECEIVED]
        self.minutes = 0

    @rule(to=st.sampled_from(RunState), note=st.text(max_size=5))
    def move(self, to: RunState, note: str) -> None:
        self.minutes += 1
        if (self.run.state, to) not in edges(RUN_EDGES):
            with pytest.raises(IllegalTransition):
                self.run.moved(to, stage="somebody", at=at(minutes=self.minutes))
            return
        self.run = self.run.moved(to, stage="somebody", at=at(minutes=self.minutes), note=note)
        assert self.run.history[-1] == Step(state=to, stage="somebody", at=at(minutes=self.minutes), note=note)
        assert self.run.updated_at == at(minutes=self.minutes)
        self.way.append(to)

    @rule(reason=st.text(max_size=5))
    def fail(self, reason: str) -> None:
        self.minutes += 1
        if self.run.state in {RunState.DONE, RunState.FAILED}:
            return
        self.run = self.run.failed(stage="gate", reason=reason, at=at(minutes=self.minutes))
        assert (self.run.failed_stage, self.run.failure_reason, self.run.history[-1].note) == ("gate", reason, reason)
        self.way.append(RunState.FAILED)

    @invariant()
    def the_history_is_the_way_it_went(self) -> None:
        assert self.run.state is self.way[-1]
        assert [one.state for one in self.run.history] == self.way[1:]

    @invariant()
    def what_the_api_says_follows_from_the_state(self) -> None:
        told = {RunState.RECEIVED: Progress.PENDING, RunState.DONE: Progress.SUCCESS, RunState.FAILED: Progress.FAILURE}
        assert self.run.progress is told.get(self.run.state, Progress.STARTED)


WalkingRun.TestCase.settings = settings(max_examples=30, stateful_step_count=15)
TestWalkingRun = WalkingRun.TestCase


def test_a_move_carries_other_changes_and_leaves_the_old_run_as_it_was():
    before = a_run()
    after = before.moved(RunState.PLANNED, stage="plan", at=at(minutes=1), recipient="eva@brightleaf.example")
    assert (after.recipient, before.recipient) == ("eva@brightleaf.example", "ana.silva@brightleaf.example")
    assert (before.state, before.history) == (RunState.RECEIVED, ())


@given(st.lists(st.sampled_from(DraftState), max_size=6))
def test_a_draft_moves_along_its_edges_only(targets: list[DraftState]):
    draft: Draft = a_draft()
    for number, target in enumerate(targets, start=1):
        if (draft.state, target) in edges(DRAFT_EDGES):
            draft = moved(draft, target, reason=f"move {number}", at=at(minutes=number))
            assert (draft.state, draft.state_reason, draft.updated_at) == (target, f"move {number}", at(minutes=number))
        else:
            with pytest.raises(IllegalTransition):
                moved(draft, target, reason="no", at=MONDAY)
