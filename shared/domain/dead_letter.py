"""A message nobody could process: kept, listed, later replayed or resolved."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Self

from shared.domain.audit import Actor
from shared.domain.entity import Entity
from shared.domain.work import NOBODYS

UNROUTED = NOBODYS
"""The workspace of messages that do not say whose they are."""


class DeadLetterState(StrEnum):
    OPEN = "open"
    REPLAYED = "replayed"
    RESOLVED = "resolved"


class DeadLetter(Entity):
    """`dead_letters/{id}`."""

    collection: ClassVar[str] = "dead_letters"

    function: str  # who could not process it
    source: str  # topic, subscription or queue
    payload: str  # as received, at most 10,000 characters
    attributes: dict[str, str] = {}
    reason: str
    attempts: int = 0
    run_id: str = ""
    state: DeadLetterState = DeadLetterState.OPEN
    received_at: datetime
    decided_by: Actor | None = None  # who had it replayed, or resolved it
    decided_at: datetime | None = None
    note: str = ""  # the operator's, on what became of it

    def decided(self, state: DeadLetterState, *, by: Actor, at: datetime, note: str = "") -> Self:
        return self.model_copy(update={"state": state, "decided_by": by, "decided_at": at, "note": note})
