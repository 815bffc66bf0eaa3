"""Pages of a list call, as Google's List methods cut them: the token is the position to go on from."""

from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


def page(items: Sequence[Item], *, size: int, token: str, at_most: int = 1000) -> tuple[Sequence[Item], str]:
    """The items from `token` on, `size` of them (0: as many as one page may hold), and the next token or ""; ValueError for a bad token."""
    start = int(token or 0)
    if start < 0:
        raise ValueError("a page token is never negative")
    end = start + min(size or at_most, at_most)
    return items[start:end], str(end) if end < len(items) else ""
