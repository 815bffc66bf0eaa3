"""Runs work in child processes, a few at a time, each with a limit: what a mutant does cannot harm the session. For infra.mutants."""

import json
import os
import selectors
import signal
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

Key = TypeVar("Key")
Work = Callable[[], Any]
TIMED_OUT = "timed out"
DIED = "died"


@dataclass(frozen=True)
class Trial(Generic[Key]):
    """Work for one child; its JSON-safe result comes back under `key`, or TIMED_OUT or DIED. Errors are shown only on request."""

    key: Key
    work: Work
    limit_s: float
    shows_errors: bool = False


@dataclass
class _Child(Generic[Key]):
    trial: Trial[Key]
    pid: int
    deadline: float
    received: bytearray = field(default_factory=bytearray)


def in_children(trials: Iterable[Trial[Key]], *, at_once: int) -> Iterator[tuple[Key, Any]]:
    """(key, result) pairs in the order in which they end."""
    with selectors.DefaultSelector() as selector:
        try:
            for trial in trials:
                _start(trial, selector)
                if len(selector.get_map()) >= at_once:
                    yield _next_result(selector)
            while selector.get_map():
                yield _next_result(selector)
        finally:
            for key in list(selector.get_map().values()):
                _stopped(key, selector)


def _start(trial: Trial[Any], selector: selectors.BaseSelector) -> None:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        _work_and_exit(trial, writing)
    os.close(writing)
    selector.register(reading, selectors.EVENT_READ, _Child(trial, pid, time.monotonic() + trial.limit_s))


def _work_and_exit(trial: Trial[Any], writing: int) -> None:
    """The child's whole life: silent, and gone without the parent's exit handlers."""
    os.setpgid(0, 0)
    silence = os.open(os.devnull, os.O_WRONLY)
    for stream in (1,) if trial.shows_errors else (1, 2):
        os.dup2(silence, stream)
    try:
        result = json.dumps(trial.work()).encode()
        while result:
            result = result[os.write(writing, result) :]
    except BaseException:  # noqa: BLE001 - a child ends here whatever happened, and never in the code of its parent
        traceback.print_exc()
    finally:
        os._exit(0)


def _next_result(selector: selectors.BaseSelector) -> tuple[Any, Any]:
    while True:
        soonest = min(one.data.deadline for one in selector.get_map().values())
        for key, _ in selector.select(timeout=max(0.0, soonest - time.monotonic())):
            chunk = os.read(key.fd, 1 << 16)
            key.data.received += chunk
            if not chunk:
                return _ended(key, selector)
        for key in list(selector.get_map().values()):
            if key.data.deadline <= time.monotonic():
                return _stopped(key, selector)


def _ended(key: selectors.SelectorKey, selector: selectors.BaseSelector) -> tuple[Any, Any]:
    _forget(key, selector)
    received = bytes(key.data.received)
    return key.data.trial.key, json.loads(received) if received else DIED


def _stopped(key: selectors.SelectorKey, selector: selectors.BaseSelector) -> tuple[Any, Any]:
    os.killpg(key.data.pid, signal.SIGKILL)
    _forget(key, selector)
    return key.data.trial.key, TIMED_OUT


def _forget(key: selectors.SelectorKey, selector: selectors.BaseSelector) -> None:
    selector.unregister(key.fd)
    os.close(key.fd)
    os.waitpid(key.data.pid, 0)
