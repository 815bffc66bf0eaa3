"""Rate limits on the virtual clock: the documented windows, headers and 429 body. Off unless a limit is set."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from emulators.hubspot.errors import HubSpotError, rate_limited

NOMINAL_INTERVAL_MAX, NOMINAL_DAILY_MAX = 190, 650_000


@dataclass(frozen=True)
class Limits:
    """Calls allowed per window; None allows any number. `search_per_second` counts searches alone."""

    per_second: int | None = None
    per_ten_seconds: int | None = None
    per_day: int | None = None
    search_per_second: int | None = None


@dataclass
class _Window:
    policy: str
    message: str
    length: timedelta
    calls: deque[datetime] = field(default_factory=deque)

    def count(self, now: datetime) -> int:
        while self.calls and not now - self.length < self.calls[0] <= now:
            self.calls.popleft()
        return len(self.calls)


class Meter:
    """Counts calls and refuses those over a limit; refused calls do not count."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._second = _Window("SECONDLY", "You have reached your secondly limit.", timedelta(seconds=1))
        self._ten = _Window("TEN_SECONDLY_ROLLING", "You have reached your ten_secondly_rolling limit.", timedelta(seconds=10))
        self._day = _Window("DAILY", "You have reached your daily limit.", timedelta(days=1))
        self._search = _Window("SECONDLY", "You have reached your secondly limit.", timedelta(seconds=1))

    def count(self, now: datetime, request_id: str, *, search: bool) -> None:
        """Raises HubSpotError (429) when a window is full."""
        windows = list(self._windows(search=search))
        for window, limit in windows:
            if limit is not None and window.count(now) >= limit:
                headers = {} if search else self.headers(now)
                raise _refusal(window, request_id, headers)
        for window, _ in windows:
            window.calls.append(now)

    def headers(self, now: datetime) -> dict[str, str]:
        """What every answer but a search's carries."""
        interval = self._second if self.limits.per_second is not None else self._ten
        most = next(limit for limit in (self.limits.per_second, self.limits.per_ten_seconds, NOMINAL_INTERVAL_MAX) if limit is not None)
        daily = NOMINAL_DAILY_MAX if self.limits.per_day is None else self.limits.per_day
        return {
            "X-HubSpot-RateLimit-Daily": str(daily),
            "X-HubSpot-RateLimit-Daily-Remaining": str(max(0, daily - self._day.count(now))),
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(int(interval.length.total_seconds() * 1000)),
            "X-HubSpot-RateLimit-Max": str(most),
            "X-HubSpot-RateLimit-Remaining": str(max(0, most - interval.count(now))),
        }

    def _windows(self, *, search: bool) -> Iterator[tuple[_Window, int | None]]:
        if search:
            yield self._search, self.limits.search_per_second
        yield self._second, self.limits.per_second
        yield self._ten, self.limits.per_ten_seconds
        yield self._day, self.limits.per_day


def _refusal(window: _Window, request_id: str, headers: dict[str, str]) -> HubSpotError:
    return rate_limited(window.message, window.policy, request_id, headers)
