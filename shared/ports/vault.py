"""Where heads of the audit log are kept out of everybody's reach: what is in the vault is never changed and never removed."""

from typing import Protocol


class Vault(Protocol):
    def keep(self, *, name: str, content: bytes) -> None:
        """Stored once and for good. The same again is fine; Permanent when something else lies under that name."""

    def last(self, *, prefix: str, since: str = "") -> bytes | None:
        """The content of the last one whose name begins so, in the order of names; none before `since` is looked at."""
