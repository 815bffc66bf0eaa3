"""What all instances share about a vendor's health and about how much of its rate limit is spent."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from shared.domain.entity import Entity
from shared.domain.ids import WorkspaceId

FAILURES_TO_OPEN = 5
FAILURE_WINDOW = timedelta(seconds=60)
PROBE_AFTER = timedelta(seconds=30)

INSTALLATION = WorkspaceId("_installation")
"""One key of the model serves all workspaces: its health and its rate limit are everybody's. Nothing of any workspace is stored there."""


class CircuitState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"


class Circuit(Entity):
    """`circuits/{vendor}`: written on transitions only."""

    collection: ClassVar[str] = "circuits"

    state: CircuitState
    changed_at: datetime
    reason: str = ""


class RateWindow(Entity):
    """`budgets/{vendor}`: how many calls of the present window have been leased to instances."""

    collection: ClassVar[str] = "budgets"

    starts_at: datetime
    leased: int
