"""Where failures go that no repetition will mend."""

from collections.abc import Mapping
from typing import Protocol

from shared.domain.pauses import Pause
from shared.domain.work import Work
from shared.ports.errors import SalesAgentError


class Failures(Protocol):
    def record(self, *, function: str, work: Work, error: SalesAgentError) -> None:
        """The run behind the work has failed at this function, for this reason. Work without a run becomes a dead letter."""

    def pause(self, *, function: str, work: Work, error: SalesAgentError) -> Pause | None:
        """The run behind the work, or the hint that will lead to one, waits here for an account to be connected again.

        None when there is neither, or when the run has ended: then it is a failure like any other.
        """

    def quarantine(
        self, *, function: str, source: str, delivery_id: str, payload: str, attributes: Mapping[str, str], reason: str, attempts: int
    ) -> None:
        """Keep a message nobody could read or process as a dead letter; the same delivery twice is kept once."""
