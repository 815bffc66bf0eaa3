"""What can go wrong with a call, told per route: the vendor emulators and the Google ones consult the same table."""

import threading
from dataclasses import dataclass, field, replace
from datetime import datetime
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
    STALE = "stale"  # answer what the route would have answered before the latest write
    REORDER = "reorder"  # hold this delivery back until the next one has gone


@dataclass(frozen=True)
class Fault:
    """One rule. `route` is a glob over route names such as `hubspot.notes.create` or `gmail.*`."""

    route: str
    kind: Kind
    status: int = 503
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    delay_s: float = 0.0
    times: int | None = None  # None: until removed
    after: int = 0  # let this many matching calls pass first
    since: datetime | None = None  # virtual time window
    until: datetime | None = None

    @classmethod
    def parse(cls, data: dict[str, Any]) -> "Fault":
        """From JSON; raises TypeError or ValueError on unknown fields, kinds or times."""
        known = dict(data)
        known["kind"] = Kind(known["kind"])
        for name in ("since", "until"):
            if known.get(name):
                known[name] = datetime.fromisoformat(known[name])
        return cls(**known)


class Faults:
    """The active rules of one service; thread-safe. The first rule that matches and is not used up strikes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Fault] = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._rules.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._rules.clear()

    def strike(self, route: str, now: datetime) -> Fault | None:
        """The fault that hits this call, counting it as used; None for a healthy call."""
        with self._lock:
            for index, rule in enumerate(self._rules):
                if not _applies(rule, route, now):
                    continue
                if rule.after > 0:
                    self._rules[index] = replace(rule, after=rule.after - 1)
                    continue
                if rule.times is not None:
                    self._rules[index] = replace(rule, times=rule.times - 1)
                return rule
        return None


def _applies(rule: Fault, route: str, now: datetime) -> bool:
    if rule.times == 0 or not fnmatchcase(route, rule.route):
        return False
    return (rule.since is None or now >= rule.since) and (rule.until is None or now < rule.until)
