"""Earlier states of a service, for stale answers; kept only while a rule for them is active. HTTP emulators and Google's share it."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any

from emulators.clock import Clock
from emulators.faults import Fault, Faults, Kind


class Past:
    """What `dump` answered before each change, under the lock that guards the state.

    It begins when a rule is added: a state that was gone by then is unknown.
    """

    def __init__(self, *, clock: Clock, faults: Faults, lock: AbstractContextManager[Any], dump: Callable[[], Mapping[str, Any]]) -> None:
        self._clock, self._faults, self._lock, self._dump = clock, faults, lock, dump
        self._ended: list[tuple[datetime, str]] = []
        self._present: str | None = None
        faults.on_add = self.notice

    def notice(self) -> None:
        """Remember the state if it has changed since the last look; forget everything once nobody can ask for it."""
        now = self._clock.now()
        if self._faults.expects(Kind.STALE, now):
            with self._lock:
                self._look(now)
        elif self._present is not None:
            self._ended, self._present = [], None

    def _look(self, now: datetime) -> None:
        seen = json.dumps(self._dump())
        if self._present is not None and seen != self._present:
            self._ended.append((now, self._present))
        self._present = seen

    def state(self, fault: Fault) -> Any:
        """The state this fault wants to be answered from: `age_s` ago, or before the latest change; the present one if none is known."""
        moment = self._clock.now() - fault.age
        if fault.age_s:
            wanted = next((state for until, state in self._ended if until > moment), self._present)
        else:
            wanted = self._ended[-1][1] if self._ended else self._present
        return json.loads(wanted) if wanted is not None else self._dump()


class Memory:
    """Stale answers of a service that keeps its state in attributes of one object, which `load` replaces and never changes in place.

    `reads` names the methods that can be stale. The lock is held for the whole answer, so nobody else sees the earlier state.
    """

    def __init__(
        self, past: Past, *, lock: AbstractContextManager[Any], state: Any, load: Callable[[Any], None], reads: Collection[str]
    ) -> None:
        self.reads, self.notice = frozenset(reads), past.notice
        self._past, self._lock, self._state, self._load = past, lock, state, load

    @contextmanager
    def earlier(self, fault: Fault, _request: Any = None) -> Iterator[None]:
        with self._lock:
            present = dict(vars(self._state))
            self._load(self._past.state(fault))
            try:
                yield
            finally:
                vars(self._state).update(present)
