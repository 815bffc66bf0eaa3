"""Rate limits and the end of retrying, as arithmetic."""

from datetime import UTC, datetime, timedelta

import pytest
from google.cloud.tasks_v2 import types
from hypothesis import given
from hypothesis import strategies as st

from emulators.tasks.limits import LONGEST_KEPT, TokenBucket, has_given_up

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@given(st.sampled_from([0.5, 1.0, 3.0, 500.0]), st.integers(1, 20), st.lists(st.floats(0, 10), max_size=60))
def test_no_window_sees_more_dispatches_than_burst_and_rate_allow(rate: float, burst: int, pauses: list[float]) -> None:
    bucket, now, taken = TokenBucket(rate, burst, burst, START), START, []
    for pause in pauses:
        now = max(now + timedelta(seconds=pause), bucket.next_token())
        bucket.take(now)
        taken.append(now)
    for start in range(len(taken)):
        for end in range(start, len(taken)):
            window = (taken[end] - taken[start]).total_seconds()
            assert end - start + 1 <= burst + window * rate + 1e-3


def test_a_full_bucket_lets_a_burst_leave_and_a_clock_that_jumps_back_takes_nothing() -> None:
    bucket = TokenBucket(2.0, 3, 3, START)
    for _ in range(3):
        assert bucket.next_token() <= START
        bucket.take(START - timedelta(hours=1))
    assert bucket.next_token() == START + timedelta(seconds=0.5)


@pytest.mark.parametrize(
    ("retry", "attempts", "age", "expected"),
    [
        ({"max_attempts": 3}, 2, timedelta(days=1), False),
        ({"max_attempts": 3}, 3, timedelta(0), True),
        ({"max_attempts": 3, "max_retry_duration": timedelta(hours=1)}, 3, timedelta(minutes=59), False),
        ({"max_attempts": 3, "max_retry_duration": timedelta(hours=1)}, 2, timedelta(hours=2), False),
        ({"max_attempts": 3, "max_retry_duration": timedelta(hours=1)}, 3, timedelta(hours=1), True),
        ({"max_attempts": -1}, 10_000, timedelta(days=30), False),
        ({"max_attempts": -1}, 10_000, LONGEST_KEPT, True),
        ({"max_attempts": -1, "max_retry_duration": timedelta(hours=1)}, 1, timedelta(hours=1), True),
        ({"max_attempts": 100}, 1, LONGEST_KEPT, True),
    ],
)
def test_retrying_ends_when_both_limits_are_reached(retry: dict, attempts: int, age: timedelta, expected: bool) -> None:
    assert has_given_up(types.RetryConfig.pb(types.RetryConfig(**retry)), attempts=attempts, age=age) is expected
