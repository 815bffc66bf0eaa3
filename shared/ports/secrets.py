"""Secrets by name; values never travel further than the adapter that needs them."""

from typing import Protocol


class Secrets(Protocol):
    def get(self, *, name: str) -> str:
        """The latest enabled version, cached for an hour at most. Raises NotFound."""
