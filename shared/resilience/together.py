"""Calls that do not need each other's answers, made at the same time: waiting for several costs as much as for the slowest."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, TypeVar, overload

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")

AT_ONCE = 8


@overload
def together(first: Callable[[], A], second: Callable[[], B], /) -> tuple[A, B]: ...
@overload
def together(first: Callable[[], A], second: Callable[[], B], third: Callable[[], C], /) -> tuple[A, B, C]: ...
def together(*calls: Callable[[], Any]) -> tuple[Any, ...]:
    """Their results, in order. All of them come to their end; then the first failure, in the order given, is raised."""
    return tuple(all_of(calls))


def all_of(calls: Iterable[Callable[[], A]]) -> list[A]:
    """Like `together`, for any number of calls of one kind; at most 8 at a time."""
    waiting = list(calls)
    if len(waiting) < 2:
        return [call() for call in waiting]
    with ThreadPoolExecutor(max_workers=min(AT_ONCE, len(waiting))) as pool:
        futures = [pool.submit(copy_context().run, call) for call in waiting]
    return [future.result() for future in futures]
