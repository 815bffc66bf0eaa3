"""A service account of the installation that signs in its own name, so that nobody holds its key."""

from collections.abc import Mapping
from typing import Protocol


class AssertionSigner(Protocol):
    @property
    def account(self) -> str:
        """Its e-mail address; empty when the installation has none."""

    @property
    def client_id(self) -> str:
        """What an Admin console knows it by."""

    def signed(self, *, claims: Mapping[str, str | int]) -> str:
        """An RS256 JWT. ReconnectNeeded, saying which right is missing, when it may not be had; Transient."""
