"""What can go wrong with a call, told per route: the vendor emulators and the Google ones consult the same table."""

import random
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any


class Kind(StrEnum):
    STATUS = "status"  # answer `status` (with `body`, `headers`) instead of doing the work
    DELAY = "delay"  # wait `delay_s` real seconds, then do the work
    DROP_BEFORE = "drop_before"  # close the connection without doing the work
    DROP_AFTER = "drop_after"  # do the work, then close the connection: the caller cannot know
    DUPLICATE = "duplicate"  # do the work twice, answer once
    MALFORMED = "malformed"  # do the work, answer something that is not the promised format
    STALE = "stale"  # answer a read as it was `age_s` of the clock's seconds ago, or before the latest write
    REORDER = "reorder"  # hold this delivery back until the next one has gone


CALLS = frozenset(Kind) - {Kind.REORDER, Kind.STALE}
"""What can happen to any call; reads that can be answered from an earlier state add STALE."""
DELIVERIES = frozenset(Kind) - {Kind.MALFORMED, Kind.STALE}
"""What can happen to what an emulator sends by itself: nobody reads its answer's body, and it reads nothing."""


@dataclass(frozen=True)
class Fault:
    """One rule. `route` is a glob over route names such as `hubspot.notes.create` or `gmail.*`."""

    route: str
    kind: Kind
    status: int = 503
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    delay_s: float = 0.0
    age_s: float = 0.0  # of a stale answer; 0: from before the latest write
    times: int | None = None  # None: until removed
    after: int = 0  # let this many matching calls pass first
    since: datetime | None = None  # virtual time window
    until: datetime | None = None
    probability: float = 1.0  # of each matching call; which ones is decided by `seed` alone
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.probability <= 1:
            raise ValueError(f"probability {self.probability!r} is not between 0 and 1")

    @classmethod
    def parse(cls, data: dict[str, Any]) -> "Fault":
        """From JSON; raises TypeError or ValueError on unknown fields, kinds or times."""
        known = dict(data)
        known["kind"] = Kind(known["kind"])
        for name in ("since", "until"):
            if known.get(name):
                known[name] = datetime.fromisoformat(known[name])
        return cls(**known)

    @property
    def age(self) -> timedelta:
        return timedelta(seconds=self.age_s)


SET = re.compile(r"\[!?.[^]]*\]")
"""`[abc]` in a glob; whether some name fits it is not looked at closely."""


class Meaningless(ValueError):
    """A rule that could never strike: its text says why."""


@dataclass
class _Rule:
    """A fault with what is left of it. Its dice are its own, so other rules and other routes change nothing in what it decides."""

    fault: Fault

    def __post_init__(self) -> None:
        self.to_pass, self.left, self.dice = self.fault.after, self.fault.times, random.Random(self.fault.seed)

    def is_over(self, now: datetime) -> bool:
        return self.left == 0 or (self.fault.until is not None and now >= self.fault.until)

    def applies(self, route: str, now: datetime) -> bool:
        if self.is_over(now) or not fnmatchcase(route, self.fault.route):
            return False
        return self.fault.since is None or now >= self.fault.since

    def strikes(self) -> bool:
        """Counts one call that matches."""
        if self.to_pass > 0:
            self.to_pass -= 1
            return False
        if self.fault.probability < 1 and self.dice.random() >= self.fault.probability:
            return False
        if self.left is not None:
            self.left -= 1
        return True


class Faults:
    """The active rules of one service; thread-safe. The first rule that matches, means something there and is not used up strikes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[_Rule] = []
        self._known: dict[str, frozenset[Kind]] = {}
        self.on_add: Callable[[], None] = lambda: None

    def know(self, routes: Iterable[str], kinds: Iterable[Kind]) -> None:
        """These routes (globs for those that come and go) can be struck by these kinds and no others."""
        with self._lock:
            self._known |= dict.fromkeys(routes, frozenset(kinds))

    def add(self, fault: Fault) -> None:
        """Meaningless for a route there is none of, or a kind that changes nothing on any of the routes it names."""
        with self._lock:
            self._check(fault)
            self._rules.append(_Rule(fault))
        self.on_add()

    def clear(self) -> None:
        with self._lock:
            self._rules.clear()

    def strike(self, route: str, now: datetime) -> Fault | None:
        """The fault that hits this call, counting it as used; None for a healthy call."""
        with self._lock:
            kinds = self._kinds(route)
            for rule in self._rules:
                if rule.fault.kind in kinds and rule.applies(route, now) and rule.strikes():
                    return rule.fault
        return None

    def expects(self, kind: Kind, now: datetime) -> bool:
        """Whether a rule of this kind may still strike, now or later."""
        with self._lock:
            return any(rule.fault.kind is kind and not rule.is_over(now) for rule in self._rules)

    def _check(self, fault: Fault) -> None:
        if not self._known:
            return
        glob = SET.sub("?", fault.route)
        named = [kinds for route, kinds in self._known.items() if _meet(route, glob)]
        if not named:
            raise Meaningless(f"no route is called {fault.route!r}; there are {', '.join(sorted(self._known))}")
        if not any(fault.kind in kinds for kinds in named):
            possible = ", ".join(sorted(frozenset[Kind]().union(*named)))
            raise Meaningless(f"{fault.kind} changes nothing on {fault.route!r}; possible there: {possible}")

    def _kinds(self, route: str) -> frozenset[Kind]:
        if route in self._known:
            return self._known[route]
        return next((kinds for glob, kinds in self._known.items() if fnmatchcase(route, glob)), frozenset(Kind))


def _meet(one: str, other: str) -> bool:
    """Whether some name matches both globs, of which `*` and `?` are understood."""
    if not one or not other:
        return not (one + other).strip("*")
    if one[0] == "*":
        return _meet(one[1:], other) or _meet(one, other[1:])
    if other[0] == "*":
        return _meet(other, one)
    return (one[0] == other[0] or "?" in (one[0], other[0])) and _meet(one[1:], other[1:])
