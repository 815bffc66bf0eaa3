"""Secrets by name; values never travel further than the adapter that needs them, or the one consent that brings them."""

from typing import Protocol


class Secrets(Protocol):
    def get(self, *, name: str) -> str:
        """The latest enabled version, cached for an hour at most. Raises NotFound."""

    def newer(self, *, name: str, than: str) -> str | None:
        """For a value that was refused: what stands there now, if that is another one. Looks no more than once a minute."""


class SecretSafe(Protocol):
    """Writes what a person's consent has given; its secrets exist from the workspace's creation on, without a version."""

    def add(self, *, name: str, value: str) -> int:
        """The number of the new version, which everybody reads from now on. Raises NotFound for a secret that does not exist, Transient."""

    def retire(self, *, name: str, below: int) -> None:
        """Destroys every version before this one. Raises Transient; what is gone is fine."""

    def create(self, *, name: str) -> bool:
        """An empty secret; False when it exists. The installation's own right: no function has it. Raises Transient."""
