"""How fast a queue dispatches and how long it waits before it tries again: pure arithmetic on Queue.rate_limits and retry_config."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from emulators.agenda import backoff

DEFAULT_RATE = 500.0
DEFAULT_CONCURRENT = 1000
DEFAULT_BACKOFF = {"min_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(hours=1)}
LONGEST_KEPT = timedelta(days=31)
"""https://cloud.google.com/tasks/docs/quotas: maximum task retention"""


@dataclass
class TokenBucket:
    """Tokens of `max_dispatches_per_second`, never more than the burst; a clock that jumps back takes none away."""

    rate: float
    burst: float
    tokens: float
    at: datetime

    def take(self, now: datetime) -> None:
        self._refill(now)
        self.tokens -= 1

    def next_token(self) -> datetime:
        """From when on a dispatch may leave; a moment of the past if one may leave at once."""
        return self.at if self.tokens >= 1 else self.at + timedelta(seconds=(1 - self.tokens) / self.rate)

    def _refill(self, now: datetime) -> None:
        if now > self.at:
            self.tokens = min(self.burst, self.tokens + (now - self.at).total_seconds() * self.rate)
            self.at = now


def burst_of(rate: float) -> int:
    """Google picks it from the rate: a fifth of a second's worth at 500 per second, at least ten."""
    return max(10, int(rate / 5))


def fill_in(queue: Any) -> None:
    """Write the defaults a new or updated queue gets where the caller said nothing."""
    limits, retry = queue.rate_limits, queue.retry_config
    limits.max_dispatches_per_second = limits.max_dispatches_per_second or DEFAULT_RATE
    limits.max_concurrent_dispatches = limits.max_concurrent_dispatches or DEFAULT_CONCURRENT
    limits.max_burst_size = burst_of(limits.max_dispatches_per_second)
    retry.max_attempts = retry.max_attempts or 100
    retry.max_doublings = retry.max_doublings or 16
    for name in ("min_backoff", "max_backoff"):
        if not retry.HasField(name):
            getattr(retry, name).FromTimedelta(DEFAULT_BACKOFF[name])


def retry_wait(retry: Any, failures: int) -> timedelta:
    return backoff(failures, least=retry.min_backoff.ToTimedelta(), most=retry.max_backoff.ToTimedelta(), doublings=retry.max_doublings)


def has_given_up(retry: Any, *, attempts: int, age: timedelta) -> bool:
    """No further attempt: both limits are reached, where a limit of -1 attempts or of no duration is none."""
    longest = retry.max_retry_duration.ToTimedelta()
    if retry.max_attempts < 0:
        return age >= (longest or LONGEST_KEPT)
    return age >= LONGEST_KEPT or (attempts >= retry.max_attempts and age >= longest)
