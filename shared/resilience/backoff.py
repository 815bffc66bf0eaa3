"""Trying again what may work in a moment: 100 ms doubling to 10 s, ±10 %. Used by guarded calls and the Google adapters."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from shared.ports.clock import Clock, Ids
from shared.ports.errors import Transient

T = TypeVar("T")

FIRST_S = 0.1
LONGEST_S = 10.0
SPREAD = 0.1
REPEATS = 3
SECOND = timedelta(seconds=1)
LONGEST_WISH = timedelta(days=1)
NUMBER = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?")


def backoff_s(attempt: int, *, chance: float) -> float:
    """Seconds before repeat number `attempt` (from 0), spread by `chance` in [0, 1)."""
    plain = min(LONGEST_S, FIRST_S * 2.0 ** min(attempt, 32))
    return plain * (1 + SPREAD * (2 * chance - 1))


def asked_wait(told: str, *, unit: timedelta = SECOND) -> timedelta | None:
    """What a Retry-After header asks for, a day at most; None for a date or anything else that is no number."""
    if not NUMBER.fullmatch(told.strip()):
        return None
    return min(float(told), LONGEST_WISH / unit) * unit


def repeated(operation: Callable[[], T], *, clock: Clock, ids: Ids, repeats: int = REPEATS) -> T:
    """The operation's result; a Transient failure is tried again, unless it asks for a longer wait than a call may last."""
    for attempt in range(repeats):
        try:
            return operation()
        except Transient as error:
            if error.retry_after is not None and error.retry_after > timedelta(seconds=LONGEST_S):
                raise
            wish = error.retry_after.total_seconds() if error.retry_after else 0.0
            clock.pause(max(wish, backoff_s(attempt, chance=ids.fraction())))
    return operation()
