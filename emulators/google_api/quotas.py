"""Units per user and minute on the emulator's clock. Off until a test sets a limit."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from emulators.google_api.errors import rate_limited

MINUTE = timedelta(minutes=1)


@dataclass
class Quota:
    """`costs` prices methods in units (1 unless named). Refused calls cost nothing. `limit` None allows anything."""

    costs: Mapping[str, int] = field(default_factory=dict)
    limit: int | None = None
    code: int = 429
    reason: str = "rateLimitExceeded"
    _spent: dict[str, deque[tuple[datetime, int]]] = field(default_factory=dict)

    def restrict(self, units_per_minute: int | None, *, code: int | None = None, reason: str | None = None) -> None:
        """Switches the limit on (or, with None, off), optionally with another answer than the API's usual one."""
        self.limit, self.code, self.reason = units_per_minute, code or self.code, reason or self.reason
        self._spent.clear()

    def spend(self, method: str, user: str, now: datetime) -> None:
        """Books a call, or refuses it with the moment from which it would be let through."""
        if self.limit is None:
            return
        spent = self._spent.setdefault(user, deque())
        while spent and spent[0][0] <= now - MINUTE:
            spent.popleft()
        cost = self.costs.get(method, 1)
        if spent and sum(units for _, units in spent) + cost > self.limit:
            raise rate_limited(self.code, self.reason, retry_after=spent[0][0] + MINUTE)
        spent.append((now, cost))
