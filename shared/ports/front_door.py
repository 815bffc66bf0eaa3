"""Our own webhook, seen from outside: where the canary goes in."""

from datetime import datetime
from typing import Protocol


class FrontDoor(Protocol):
    def knock(self, *, portal_id: str, submitted_at: datetime, trace_id: str) -> str:
        """Announces a canary as the CRM would. The handle that was answered; any of the error families when there is none."""
