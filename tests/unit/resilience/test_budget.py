"""The rate budget: however many instances share it and whatever a call costs, no window gives out more than the limit."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from shared.domain.circuit import RateWindow
from shared.domain.ids import WorkspaceId
from shared.ports.errors import Conflict, Transient
from shared.ports.store import Write
from shared.resilience.budget import RateBudget
from tests.builders import WORKSPACE, at
from tests.fakes.clock import FixedClock
from tests.fakes.store import MemoryStore

WINDOW = timedelta(seconds=10)


class Shared:
    def __init__(self, store: MemoryStore | None = None) -> None:
        self.clock, self.store = FixedClock(at()), store or MemoryStore()

    def instance(self, *, limit: int = 100, block: int = 10, workspace: str = WORKSPACE) -> RateBudget:
        return RateBudget(
            vendor="gmail", workspace_id=WorkspaceId(workspace), limit=limit, window=WINDOW, block=block, store=self.store, clock=self.clock
        )


def test_most_calls_cost_no_round_trip():
    shared = Shared()
    budget = shared.instance()
    for _ in range(20):
        budget.spend()
    assert shared.store.trips == ["get", "commit", "commit"]


def test_an_instance_that_others_have_overtaken_builds_on_what_stands_now():
    shared = Shared()
    one, other = shared.instance(limit=25), shared.instance(limit=25)
    one.spend(10)
    other.spend(10)
    one.spend(5)
    assert shared.store.everything(RateWindow)[0].leased == 25
    with pytest.raises(Transient, match="used up"):
        other.spend(6)


def test_when_the_limit_is_reached_callers_learn_when_to_come_back():
    shared = Shared()
    one, other = shared.instance(limit=15), shared.instance(limit=15)
    for _ in range(10):
        one.spend()
    shared.clock.advance(timedelta(seconds=4))
    for _ in range(5):
        other.spend()
    for budget in (one, other):
        with pytest.raises(Transient, match="used up") as limited:
            budget.spend()
        assert (limited.value.retry_after, limited.value.source) == (timedelta(seconds=6), "gmail")


def test_a_new_window_begins_with_the_first_call_after_the_old_one():
    shared = Shared()
    budget = shared.instance(limit=10)
    for _ in range(10):
        budget.spend()
    shared.clock.advance(WINDOW - timedelta(microseconds=1))
    with pytest.raises(Transient):
        budget.spend()
    shared.clock.advance(timedelta(microseconds=1))
    budget.spend(10)
    [window] = shared.store.everything(RateWindow)
    assert (window.starts_at, window.leased) == (at(seconds=10), 10)


def test_what_was_left_of_an_old_window_is_gone():
    shared = Shared()
    budget = shared.instance(limit=10)
    budget.spend()
    shared.clock.advance(WINDOW)
    for _ in range(10):
        budget.spend()
    with pytest.raises(Transient):
        budget.spend()


def test_a_call_that_costs_more_than_is_left_waits_and_a_cheaper_one_goes():
    shared = Shared()
    budget = shared.instance(limit=25, block=1)
    budget.spend(20)
    with pytest.raises(Transient, match="used up"):
        budget.spend(6)
    shared.instance(limit=25, block=1).spend(5)


def test_a_call_that_costs_more_than_a_block_leases_what_it_needs():
    shared = Shared()
    shared.instance(limit=100, block=10).spend(60)
    assert shared.store.everything(RateWindow)[0].leased == 60


def test_another_workspace_has_a_budget_of_its_own():
    shared = Shared()
    shared.instance(limit=5).spend(5)
    shared.instance(limit=5, workspace="southwind").spend(5)


def test_a_clock_that_jumps_back_begins_a_new_window():
    shared = Shared()
    budget = shared.instance(limit=5)
    budget.spend(5)
    shared.clock.advance(timedelta(hours=-1))
    budget.spend(5)


class Contended(MemoryStore):
    """The first commits are lost to others."""

    races = 0

    def commit(self, *writes: Write) -> Sequence[object]:
        if self.races:
            self.races -= 1
            raise Conflict("somebody else was first")
        return super().commit(*writes)


def test_a_lost_race_for_a_block_is_run_again():
    shared = Shared(store := Contended())
    store.races = 7
    shared.instance().spend()
    assert len(store.everything(RateWindow)) == 1


def test_after_eight_lost_races_the_caller_comes_back_in_a_second():
    shared = Shared(store := Contended())
    store.races = 8
    with pytest.raises(Transient, match="contended") as limited:
        shared.instance().spend()
    assert limited.value.retry_after == timedelta(seconds=1)


def test_a_block_that_was_never_leased_is_not_spent():
    shared = Shared(store := Contended())
    budget = shared.instance(limit=10)
    budget.spend()
    shared.clock.advance(WINDOW)
    store.races = 8
    with pytest.raises(Transient):
        budget.spend()
    for _ in range(10):
        budget.spend()
    with pytest.raises(Transient, match="used up"):
        budget.spend()


class Spending(RuleBasedStateMachine):
    """Three instances, any costs, any time: windows never give out more than their limit, and refusals mean something."""

    def __init__(self) -> None:
        super().__init__()
        self.shared = Shared()
        self.instances = [self.shared.instance(limit=20, block=block) for block in (1, 5, 8)]
        self.spent: Counter[datetime] = Counter()

    @property
    def window(self) -> Any:
        [found] = self.shared.store.everything(RateWindow)
        return found

    @rule(number=st.integers(0, 2), cost=st.integers(1, 7))
    def spend(self, number: int, cost: int) -> None:
        refused = self.refusal(number, cost)
        if refused is None:
            self.spent[self.window.starts_at] += cost
        else:
            assert timedelta(0) < refused.retry_after <= WINDOW
            assert self.window.leased + cost > 20

    def refusal(self, number: int, cost: int) -> Transient | None:
        try:
            self.instances[number].spend(cost)
        except Transient as error:
            return error
        return None

    @rule(seconds=st.integers(0, 12))
    def time_passes(self, seconds: int) -> None:
        self.shared.clock.advance(timedelta(seconds=seconds))

    @invariant()
    def no_window_gives_out_more_than_its_limit(self) -> None:
        assert all(total <= 20 for total in self.spent.values())

    @invariant()
    def windows_do_not_overlap(self) -> None:
        starts = sorted(self.spent)
        assert all(later - sooner >= WINDOW for sooner, later in pairwise(starts))


Spending.TestCase.settings = settings(max_examples=60, stateful_step_count=30)
TestSpending = Spending.TestCase
