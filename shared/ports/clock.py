"""Time and chance as ports: nothing else in the codebase asks the machine for either."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, aware, in UTC."""

    def pause(self, seconds: float) -> None:
        """Hold this call back for a short back-off. Virtual clocks return at once."""


class Ids(Protocol):
    def new(self) -> str:
        """A fresh, URL-safe, unguessable id of 26 characters."""

    def fraction(self) -> float:
        """A number in [0, 1), for jitter."""
