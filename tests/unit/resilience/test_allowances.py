"""Limits shared by instances: whatever they do, no window of time ever holds more than is allowed, and what is allowed comes back."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from shared.domain.allowance import LEASED_FOR, Allowance, Limit
from shared.ports.errors import Conflict, Rejected, Transient
from shared.ports.store import Write
from shared.resilience.allowances import CONTENDERS, Allowances
from tests.fakes.clock import FixedClock
from tests.fakes.store import MemoryStore

MINUTE = timedelta(minutes=1)
FEW = Limit(name="requests", units=10, window=MINUTE, block=3)
GUESSES = Limit(name="failures", units=5, window=MINUTE)


class World:
    """`asked` takes one at an instance, as whoever lets callers in does; its answer is whether it was given."""

    def __init__(self, limit: Limit, instances: int = 2) -> None:
        self.store, self.clock = MemoryStore(), FixedClock()
        self.instances = [Allowances(limit, store=self.store, clock=self.clock) for _ in range(instances)]

    def asked(self, instance: int, id: str = "token") -> bool:
        one = self.instances[instance]
        seen = None if one.has_lease(id) else self.store.read(one.key(id))[0]
        try:
            one.take(id, seen)
        except Rejected:
            return False
        return True


class Sharing(RuleBasedStateMachine):
    """Two instances and their clock, in any order, for a limit in blocks and one without."""

    limit = FEW

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.limit)
        self.given: list[datetime] = []
        self.refused_since: datetime | None = None

    @rule(instance=st.integers(0, 1), times=st.integers(1, 12))
    def asks(self, instance: int, times: int) -> None:
        for _ in range(times):
            if self.world.asked(instance):
                self.given.append(self.world.clock.now())

    @rule(seconds=st.integers(1, 90))
    def waits(self, seconds: int) -> None:
        self.world.clock.advance(timedelta(seconds=seconds))

    @rule(instance=st.integers(0, 1))
    def starts_anew(self, instance: int) -> None:
        """What it had taken ahead is lost with it."""
        self.world.instances[instance] = Allowances(self.limit, store=self.world.store, clock=self.world.clock)

    @rule(instance=st.integers(0, 1))
    def comes_back_later(self, instance: int) -> None:
        """Nobody is kept out for longer than the window and what may be used late."""
        self.world.clock.advance(self.limit.counts_for)
        assert self.world.asked(instance)
        self.given.append(self.world.clock.now())

    @invariant()
    def no_window_holds_more(self) -> None:
        for start in self.given:
            assert sum(start <= one < start + MINUTE for one in self.given) <= self.limit.units


class SharingGuesses(Sharing):
    limit = GUESSES


TestSharing = Sharing.TestCase
TestSharingGuesses = SharingGuesses.TestCase


@given(st.lists(st.integers(0, 1), min_size=30, max_size=60))
def test_instances_share_one_limit_and_lose_no_more_than_they_hold(order: list[int]) -> None:
    """Unused parts of a block may be at the other instance: never more than one block less."""
    world = World(FEW)
    given = sum(world.asked(instance) for instance in order)
    assert FEW.units - (FEW.block - 1) <= given <= FEW.units


def test_a_refusal_says_when_to_come_back_and_that_is_true() -> None:
    world = World(GUESSES)
    for _ in range(5):
        assert world.asked(0)
        world.clock.advance(timedelta(seconds=7))
    with pytest.raises(Rejected) as refused:
        world.instances[1].take("token", world.store.read(world.instances[1].key("token"))[0])
    assert (refused.value.status, refused.value.detail) == (429, "at most 5 failures in 60 s; wait 25 s")
    assert refused.value.headers == {"Retry-After": "25", "RateLimit-Policy": '"failures";q=5;w=60', "RateLimit": '"failures";r=0;t=25'}
    world.clock.advance(timedelta(seconds=24))
    assert not world.asked(1)
    world.clock.advance(timedelta(seconds=1))
    assert world.asked(1)
    assert not world.asked(0)


def test_one_who_has_asked_too_often_keeps_nobody_else() -> None:
    world = World(GUESSES)
    assert [world.asked(0, "one") for _ in range(6)] == [True] * 5 + [False]
    assert world.asked(1, "other")


def test_most_requests_ask_the_store_nothing() -> None:
    world = World(Limit(name="requests", units=100, window=MINUTE, block=5))
    for _ in range(100):
        assert world.asked(0)
    assert (world.store.trips.count("read"), world.store.trips.count("commit")) == (20, 20)
    [kept] = world.store.everything(Allowance)
    assert len(kept.taken) == 20


def test_a_block_that_was_not_used_in_time_is_not_used() -> None:
    world = World(FEW)
    assert world.asked(0)
    world.clock.advance(LEASED_FOR)
    assert not world.instances[0].has_lease("token")


def test_what_says_nothing_any_more_expires() -> None:
    world = World(FEW)
    world.asked(0)
    [kept] = world.store.everything(Allowance)
    assert kept.expires_at == world.clock.now() + MINUTE + LEASED_FOR


def test_a_limit_that_cannot_be_counted_lets_nobody_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(GUESSES)
    one, tries = world.instances[0], list[Write]()

    def lost(*writes: Write) -> Sequence[object]:
        tries.extend(writes)
        raise Conflict("somebody was faster")

    monkeypatch.setattr(world.store, "commit", lost)
    with pytest.raises(Transient) as refused:
        one.take("token", None)
    assert (len(tries), refused.value.retry_after) == (CONTENDERS, timedelta(seconds=1))


def test_who_is_faster_is_counted_too() -> None:
    """Both have seen that nothing is taken; the second one learns of the first from its lost race."""
    world = World(Limit(name="failures", units=1, window=MINUTE))
    world.instances[0].take("token", None)
    with pytest.raises(Rejected):
        world.instances[1].take("token", None)
