"""Leases: one holder at a time, and every claim has a higher fence than the one before."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from shared.domain.lease import LEASE_FOR, Lease, claimed
from tests.builders import MONDAY, at


def test_a_lease_lasts_ninety_seconds_and_names_its_holder():
    assert claimed(None, holder="draft-1", now=MONDAY) == Lease(holder="draft-1", until=at(seconds=90), fence=1)


def test_nobody_claims_a_running_lease_not_even_its_holder():
    first = claimed(None, holder="draft-1", now=MONDAY)
    assert claimed(first, holder="draft-2", now=at(seconds=89)) is None
    assert claimed(first, holder="draft-1", now=MONDAY) is None


def test_an_ended_lease_is_free_at_the_very_moment_it_ends():
    first = claimed(None, holder="draft-1", now=MONDAY)
    assert claimed(first, holder="draft-2", now=at(seconds=90)) == Lease(holder="draft-2", until=at(seconds=180), fence=2)


class Claims(RuleBasedStateMachine):
    """Claims, waits and releases in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.now = MONDAY
        self.lease: Lease | None = None
        self.granted: list[Lease] = []

    @rule(seconds=st.integers(0, 100))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(holder=st.sampled_from("abc"))
    def claim(self, holder: str) -> None:
        running = self.lease is not None and self.now < self.lease.until
        taken = claimed(self.lease, holder=holder, now=self.now)
        assert (taken is None) == running
        if taken is not None:
            assert taken.holder == holder
            self.lease = taken
            self.granted.append(taken)

    @invariant()
    def no_two_leases_run_at_once(self) -> None:
        ends = [one.until for one in self.granted]
        assert all(later - sooner >= LEASE_FOR for sooner, later in pairwise(ends))

    @invariant()
    def fences_only_grow(self) -> None:
        assert [one.fence for one in self.granted] == list(range(1, len(self.granted) + 1))


Claims.TestCase.settings = settings(max_examples=30, stateful_step_count=20)
TestClaims = Claims.TestCase
