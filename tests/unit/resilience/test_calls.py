"""Guarded calls: circuit first, then budget, then the call; retries for what may be repeated only."""

import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.circuit import PROBE_AFTER, Circuit, RateWindow
from shared.ports.errors import NotFound, OutcomeUnknown, Permanent, SalesAgentError, Transient
from shared.ports.store import Write
from shared.resilience.calls import GuardedCalls, RateLimit, guard_for
from tests.builders import WORKSPACE
from tests.fakes.clock import CountingIds, FixedClock
from tests.fakes.store import MemoryStore
from tests.unit.resilience.test_backoff import Flaky

RATE = RateLimit(limit=10, window=timedelta(seconds=1), block=2)


class Guarded:
    def __init__(self) -> None:
        self.clock, self.store = FixedClock(), MemoryStore()

    def guard(self, account: str = "") -> GuardedCalls:
        return guard_for("gmail", workspace_id=WORKSPACE, rate=RATE, store=self.store, clock=self.clock, ids=CountingIds(), account=account)


@pytest.fixture
def guarded() -> Guarded:
    return Guarded()


def test_what_may_be_repeated_is(guarded: Guarded):
    operation = Flaky(Transient("away"), Transient("away"))
    assert guarded.guard().run(operation, repeatable=True) == "done"
    assert (operation.calls, guarded.clock.pauses) == (3, pytest.approx([0.1, 0.2]))


def test_what_may_not_be_repeated_is_tried_once(guarded: Guarded):
    operation = Flaky(Transient("away"))
    with pytest.raises(Transient):
        guarded.guard().run(operation, repeatable=False)
    assert (operation.calls, guarded.clock.pauses) == (1, [])


@pytest.mark.parametrize("error", [NotFound("gone"), Permanent("no")])
def test_other_failures_pass_untouched_and_do_not_count_against_the_vendor(guarded: Guarded, error: SalesAgentError):
    guard = guarded.guard()
    for _ in range(9):
        with pytest.raises(type(error)):
            guard.run(Flaky(error), repeatable=True)
    assert guarded.store.everything(Circuit) == []


def test_every_try_is_paid_for(guarded: Guarded):
    guarded.guard().run(Flaky(Transient("away")), repeatable=True, cost=5)
    assert guarded.store.everything(RateWindow)[0].leased == 10


def test_a_failing_vendor_is_left_in_peace(guarded: Guarded):
    guard, operation = guarded.guard(), Flaky(*[Transient("away")] * 99)
    for _ in range(2):
        with pytest.raises(Transient):
            guard.run(operation, repeatable=True)
    assert operation.calls == 5
    untouched = Flaky()
    with pytest.raises(Transient, match="held back"):
        guard.run(untouched, repeatable=True)
    assert untouched.calls == 0


def test_a_vendor_that_recovers_is_called_again(guarded: Guarded):
    guard = guarded.guard()
    for _ in range(5):
        with pytest.raises(Transient):
            guard.run(Flaky(Transient("away")), repeatable=False)
    guarded.clock.advance(timedelta(seconds=30))
    assert guard.run(Flaky(), repeatable=False) == "done"
    assert guard.run(Flaky(), repeatable=False) == "done"


def test_a_short_wait_for_the_budget_is_waited_and_a_refusal_opens_no_circuit(guarded: Guarded):
    guard = guarded.guard()
    for _ in range(15):
        assert guard.run(Flaky(), repeatable=True) == "done"
    assert guarded.clock.pauses == [1.0]
    assert guarded.store.everything(Circuit) == []


def test_each_mailbox_has_a_guard_of_its_own(guarded: Guarded):
    guarded.guard("maria@northwind.example").run(Flaky(), repeatable=True)
    guarded.guard().run(Flaky(), repeatable=True)
    assert {one.id for one in guarded.store.everything(RateWindow)} == {"gmail:maria@northwind.example", "gmail"}


class DeafStore(MemoryStore):
    """Refuses to hear of circuits when told to."""

    deaf = False

    def commit(self, *writes: Write) -> Sequence[object]:
        if self.deaf and any(isinstance(getattr(one, "entity", None), Circuit) for one in writes):
            raise Transient("Firestore is not available")
        return super().commit(*writes)


def test_a_call_that_had_its_effect_is_not_repeated_because_nobody_hears_of_the_recovery(guarded: Guarded):
    guarded.store = store = DeafStore()
    guard = guarded.guard()
    for _ in range(2):
        with pytest.raises(Transient):
            guard.run(Flaky(*[Transient("away")] * 9), repeatable=True)
    guarded.clock.advance(PROBE_AFTER)
    store.deaf, operation = True, Flaky()
    assert guard.run(operation, repeatable=True) == "done"
    assert operation.calls == 1


def test_calls_that_nobody_answers_open_the_circuit_as_refused_ones_do(guarded: Guarded):
    guard = guarded.guard()
    for _ in range(5):
        with pytest.raises(OutcomeUnknown):
            guard.run(Flaky(OutcomeUnknown("no answer")), repeatable=False)
    with pytest.raises(Transient, match="held back"):
        guard.run(Flaky(), repeatable=False)


def test_a_probe_that_is_refused_shows_that_the_vendor_is_back(guarded: Guarded):
    guard = guarded.guard()
    for _ in range(5):
        with pytest.raises(Transient):
            guard.run(Flaky(Transient("away")), repeatable=False)
    guarded.clock.advance(PROBE_AFTER)
    with pytest.raises(NotFound):
        guard.run(Flaky(NotFound("gone")), repeatable=False)
    assert guard.run(Flaky(), repeatable=False) == "done"


class MeetingStore(MemoryStore):
    """Nobody who reads gets an answer before another one reads."""

    def __init__(self) -> None:
        super().__init__()
        self.meeting = threading.Barrier(2, timeout=10)

    def get(self, kind: Any, **which: Any) -> Any:
        self.meeting.wait()
        return super().get(kind, **which)


def test_circuit_and_budget_ask_the_store_at_the_same_time(guarded: Guarded):
    guarded.store = MeetingStore()
    assert guarded.guard().run(Flaky(), repeatable=False) == "done"


def test_a_call_within_the_block_and_the_news_asks_the_store_nothing(guarded: Guarded):
    guard = guarded.guard()
    guard.run(Flaky(), repeatable=False)
    guarded.store.trips.clear()
    guard.run(Flaky(), repeatable=False)
    assert guarded.store.trips == []


def test_after_a_pause_a_call_waits_for_one_round_trip(guarded: Guarded):
    guard = guarded.guard()
    guard.run(Flaky(), repeatable=False)
    guarded.clock.advance(timedelta(minutes=1))
    guarded.store.trips.clear()
    guard.run(Flaky(), repeatable=False)
    assert sorted(guarded.store.trips) == ["commit", "get"]  # beside each other


def test_an_open_circuit_counts_before_a_budget_that_is_used_up(guarded: Guarded):
    other = guarded.guard()
    for _ in range(5):
        with pytest.raises(Transient):
            other.run(Flaky(Transient("away")), repeatable=False, cost=2)
    with pytest.raises(Transient, match="held back"):
        guarded.guard().run(Flaky(), repeatable=False)
