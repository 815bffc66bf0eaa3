"""A vendor's credential behind its name: when the vendor refuses it, it may have been rotated. Used by connectors."""

from dataclasses import dataclass

from shared.ports.errors import NotFound
from shared.ports.secrets import Secrets


@dataclass(frozen=True)
class Credential:
    """`name` is the secret's; the value is never kept here."""

    secrets: Secrets
    name: str

    def current(self) -> str:
        """Raises NotFound."""
        return self.secrets.get(name=self.name)

    def newer_than(self, refused: str) -> str | None:
        """What replaced the refused one; None when nothing did, as far as is known, or when the account was disconnected."""
        try:
            return self.secrets.newer(name=self.name, than=refused)
        except NotFound:
            return None


class Unstored:
    """The Secrets port over values that are to be tried before anybody stores them, by name."""

    def __init__(self, **values: str) -> None:
        self._values = values

    def get(self, *, name: str) -> str:
        return self._values[name]

    def newer(self, *, name: str, than: str) -> str | None:
        present = self._values[name]
        return present if present != than else None
