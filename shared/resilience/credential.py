"""A vendor's credential behind its name: when the vendor refuses it, it may have been rotated. Used by connectors."""

from dataclasses import dataclass

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
        """What replaced the refused one; None when nothing did, as far as is known."""
        return self.secrets.newer(name=self.name, than=refused)
