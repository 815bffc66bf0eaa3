"""Counts every call the functions make to the outside, and can end the world just before or just after any one of them."""

import os
import signal
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

EFFECTFUL = ("store", "bus", "tasks", "crm", "mailbox", "calendar", "files")
"""The ports behind which the world lies; everything else happens in memory."""

IDLE = frozenset({"store.overdue_outbox", "store.workspaces", "store.get_many", "store.get", "store.list"})
"""What the sweep, the rounds and the sealer go on asking for ever, with nothing to do: readings, which change nothing."""

Doom = Callable[[], None]


class Crash(BaseException):
    """Not an Exception on purpose: nothing in the product may catch it."""


class Steps:
    """The calls so far, in order, as `port.method`. `doom` strikes at one of them, once."""

    def __init__(self, *, doom: Doom | None = None, at: int = -1, after: bool = False, tally: Path | None = None) -> None:
        self.names: list[str] = []
        self._doom, self._at, self._after, self._tally = doom, at, after, tally
        self._lock = threading.Lock()

    def interpose(self, name: str, adapter: Any) -> Any:
        """For `ports.interpose`."""
        return Stepping(name, adapter, self) if name in EFFECTFUL else adapter

    def take(self, name: str, call: Callable[[], Any]) -> Any:
        with self._lock:
            index = len(self.names)
            self.names.append(name)
            if self._tally is not None:
                with self._tally.open("a") as file:
                    file.write(f"{name}\n")
        if index == self._at and not self._after:
            self._strike()
        result = call()
        if index == self._at and self._after:
            self._strike()
        return result

    def _strike(self) -> None:
        if self._doom is not None:
            self._doom()


class Stepping:
    """An adapter, every call of which is a step; what a factory opens is watched as well."""

    def __init__(self, name: str, adapter: Any, steps: Steps) -> None:
        self._name, self._adapter, self._steps = name, adapter, steps

    def __getattr__(self, method: str) -> Any:
        found = getattr(self._adapter, method)
        if not callable(found):
            return found
        return lambda *args, **kwargs: self._steps.take(f"{self._name}.{method}", lambda: found(*args, **kwargs))

    def __call__(self, *args: Any) -> Any:
        return Stepping(self._name, self._adapter(*args), self._steps)


def to_the_end_of_the_run(names: Sequence[str]) -> list[str]:
    """The steps up to the last one that is not idle."""
    return list(names[: max((index for index, name in enumerate(names) if name not in IDLE), default=-1) + 1])


def raise_crash() -> None:
    raise Crash


def kill_process() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
