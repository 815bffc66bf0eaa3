"""Compare-and-sets that have to go through: repeated with what stands there by then. Used by stages whose change gives way to nobody."""

from collections.abc import Callable
from typing import TypeVar

from shared.ports.errors import Conflict

T = TypeVar("T")

TRIES = 10


def until_undisputed(act: Callable[[], T], *, tries: int = TRIES) -> T:
    """`act` reads, decides and commits; on Conflict it does so anew, so many times in all. The last Conflict is raised."""
    for _ in range(tries - 1):
        try:
            return act()
        except Conflict:
            continue
    return act()
