"""Deliveries that must not leave yet: held back by a REORDER fault, or parked until somebody releases them. Used by delivering.py only."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from emulators.push import Push

HELD_BACK = timedelta(minutes=1)
"""A delivery that a REORDER fault holds back leaves after this long even if no other one overtakes it."""


@dataclass
class _Late:
    push: Push
    behind: str
    until: datetime


class Held:
    """Deliveries that wait for another one to overtake them."""

    def __init__(self) -> None:
        self._late: list[_Late] = []

    def hold_back(self, push: Push, behind: str, now: datetime) -> None:
        """Until one whose route matches the glob `behind` has gone, or a minute is over."""
        self._late.append(_Late(push, behind, now + HELD_BACK))

    def overtaken_by(self, route: str, now: datetime) -> None:
        for late in self._late:
            if fnmatchcase(route, late.behind):
                late.until = min(late.until, now)

    def next_due(self) -> datetime | None:
        return min((late.until for late in self._late), default=None)

    def take(self, now: datetime) -> Push | None:
        for late in self._late:
            if late.until <= now:
                self._late.remove(late)
                return late.push
        return None


@dataclass
class Parked:
    """Deliveries that became due while `holding`; once released they leave one after the other, each when its forerunner was answered."""

    holding: bool = False
    _waiting: list[Push] = field(default_factory=list)
    _released: list[Push] = field(default_factory=list)
    _since: datetime | None = None
    _flying: Push | None = None

    def park(self, push: Push) -> None:
        self._waiting.append(push)

    def release(self, now: datetime, *, backwards: bool) -> list[Push]:
        self.holding = False
        ordered = self._waiting[::-1] if backwards else list(self._waiting)
        self._waiting, self._released, self._since = [], self._released + ordered, now
        return ordered

    def next_due(self) -> datetime | None:
        """None while the one before is still in the air: that one tells that there is something to wait for."""
        return self._since if self._released and self._flying is None else None

    def take(self) -> Push | None:
        if self._flying is not None or not self._released:
            return None
        self._flying = self._released.pop(0)
        return self._flying

    def landed(self, push: Push) -> None:
        if push is self._flying:
            self._flying = None

    def __contains__(self, ticket: str) -> bool:
        return any(push.ticket == ticket for push in (*self._waiting, *self._released))
