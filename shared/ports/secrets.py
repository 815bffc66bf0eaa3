"""Secrets by name; values never travel further than the adapter that needs them."""

from typing import Protocol


class Secrets(Protocol):
    def get(self, *, name: str) -> str:
        """The latest enabled version, cached for an hour at most. Raises NotFound."""

    def newer(self, *, name: str, than: str) -> str | None:
        """For a value that was refused: what stands there now, if that is another one. Looks no more than once a minute."""
