"""Calls that do not need each other's answers, made at the same time: waiting for several costs as much as for the slowest."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from threading import Semaphore
from typing import Any, TypeVar, overload

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")

AT_ONCE = 8
KEPT = 64
"""Threads that are kept for the next call: to make one takes longer than most of our own work in a call."""

_kept, _free = ThreadPoolExecutor(max_workers=KEPT, thread_name_prefix="together"), Semaphore(KEPT)


@overload
def together(first: Callable[[], A], second: Callable[[], B], /) -> tuple[A, B]: ...
@overload
def together(first: Callable[[], A], second: Callable[[], B], third: Callable[[], C], /) -> tuple[A, B, C]: ...
@overload
def together(first: Callable[[], A], second: Callable[[], B], third: Callable[[], C], fourth: Callable[[], D], /) -> tuple[A, B, C, D]: ...
def together(*calls: Callable[[], Any]) -> tuple[Any, ...]:
    """Their results, in order. All of them come to their end; then the first failure, in the order given, is raised."""
    return tuple(all_of(calls))


def all_of(calls: Iterable[Callable[[], A]]) -> list[A]:
    """Like `together`, for any number of calls of one kind; at most 8 at a time."""
    waiting = [_in_context(call) for call in calls]
    if not 1 < len(waiting) <= AT_ONCE:
        return _in_turns(waiting) if waiting[1:] else [call() for call in waiting]
    here, *elsewhere = waiting
    futures = [_begun(call) for call in elsewhere]
    try:
        first = here()
    finally:
        wait(futures)
    return [first, *(future.result() for future in futures)]


def _in_context(call: Callable[[], A]) -> Callable[[], A]:
    context = copy_context()
    return lambda: context.run(call)


def _in_turns(calls: Sequence[Callable[[], A]]) -> list[A]:
    with ThreadPoolExecutor(max_workers=min(AT_ONCE, len(calls))) as pool:
        futures = [pool.submit(call) for call in calls]
    return [future.result() for future in futures]


def _begun(call: Callable[[], A]) -> "Future[A]":
    """On a thread that is kept, if one is free; else on a new one. Calls that wait for calls of their own never wait for a thread."""
    if _free.acquire(blocking=False):
        begun = _kept.submit(call)
        begun.add_done_callback(lambda _: _free.release())
        return begun
    pool = ThreadPoolExecutor(max_workers=1)
    begun = pool.submit(call)
    pool.shutdown(wait=False)
    return begun
