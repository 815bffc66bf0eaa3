"""A store whose process dies just before or just after any one of its calls; used by model-based tests of stages."""

from typing import Any

from tests.fakes.store import MemoryStore


class Death(BaseException):
    """Not an Exception on purpose: nothing in the product may catch it."""


class DyingStore:
    """`left` calls succeed, then the process dies: before the next one, or right `after` it. None: it lives."""

    def __init__(self, store: MemoryStore, *, left: int | None = None, after: bool = False) -> None:
        self._store, self._left, self._after = store, left, after

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        return (lambda *args, **kwargs: self._called(found, args, kwargs)) if callable(found) else found

    def _called(self, call: Any, args: Any, kwargs: Any) -> Any:
        dies = self._left == 0
        if self._left is not None:
            self._left -= 1
        if dies and not self._after:
            raise Death
        result = call(*args, **kwargs)
        if dies:
            raise Death
        return result
