"""Trying again: how long, how often, and for what."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.ports.errors import Permanent, Transient
from shared.resilience.backoff import asked_wait, backoff_s, repeated
from tests.fakes.clock import CountingIds, FixedClock


class Flaky:
    """Raises what it was given, in turn, then answers."""

    def __init__(self, *failures: Exception) -> None:
        self.failures, self.calls = list(failures), 0

    def __call__(self) -> str:
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)
        return "done"


@pytest.mark.parametrize(
    ("told", "wait"),
    [
        ("7", timedelta(seconds=7)),
        (" 1.5 ", timedelta(seconds=1.5)),
        ("0", timedelta(0)),
        ("99999999999", timedelta(days=1)),
        ("9" * 400, None),
        ("-1", None),
        ("²", None),
        ("Mon, 23 Nov 2026 09:01:00 GMT", None),
        ("", None),
    ],
)
def test_a_vendors_wish_to_wait_is_read_and_never_longer_than_a_day(told: str, wait: timedelta | None):
    assert asked_wait(told) == wait


def test_a_wish_in_milliseconds_has_the_same_limit():
    assert asked_wait("1500", unit=timedelta(milliseconds=1)) == timedelta(seconds=1.5)
    assert asked_wait("999999999999", unit=timedelta(milliseconds=1)) == timedelta(days=1)


def tried(operation: Flaky, **options: int) -> tuple[str, list[float]]:
    clock = FixedClock()
    return repeated(operation, clock=clock, ids=CountingIds(), **options), clock.pauses


def test_waits_double_from_a_tenth_of_a_second_to_ten_seconds():
    assert [backoff_s(attempt, chance=0.5) for attempt in range(9)] == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10])


@given(st.integers(0, 10_000), st.floats(0, 1, exclude_max=True))
def test_chance_spreads_a_wait_by_a_tenth_and_no_attempt_is_too_many(attempt: int, chance: float):
    middle = backoff_s(attempt, chance=0.5)
    assert middle * 0.9 <= backoff_s(attempt, chance=chance) <= middle * 1.1 <= 11.0


def test_what_works_is_done_once_and_without_waiting():
    assert tried(Flaky()) == ("done", [])


def test_what_may_work_in_a_moment_is_tried_three_times_more():
    operation = Flaky(*[Transient("away")] * 3)
    assert tried(operation) == ("done", pytest.approx([0.1, 0.2, 0.4]))
    assert operation.calls == 4


def test_what_never_works_ends_as_its_last_failure():
    operation = Flaky(*(Transient(f"away {number}") for number in range(4)))
    with pytest.raises(Transient, match="away 3"):
        tried(operation)
    assert operation.calls == 4


@pytest.mark.parametrize("error", [Permanent("no"), ValueError("bug")])
def test_nothing_else_is_tried_again(error: Exception):
    operation = Flaky(error)
    with pytest.raises(type(error)):
        tried(operation)
    assert operation.calls == 1


def test_without_repeats_there_is_one_try():
    operation = Flaky(Transient("away"))
    with pytest.raises(Transient):
        tried(operation, repeats=0)
    assert operation.calls == 1


def test_a_vendors_wish_to_wait_is_honoured_as_far_as_a_call_may_last():
    assert tried(Flaky(Transient("limited", retry_after=timedelta(seconds=10))))[1] == [10.0]
    assert tried(Flaky(Transient("limited", retry_after=timedelta(0))))[1] == pytest.approx([0.1])
    operation = Flaky(Transient("limited", retry_after=timedelta(seconds=10.1)))
    with pytest.raises(Transient):
        tried(operation)
    assert operation.calls == 1
