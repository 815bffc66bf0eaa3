"""What a person has to hear of at once. Whoever raises one owes it in a commit, so that none is ever lost."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from shared.domain.entity import Value
from shared.domain.ids import WorkspaceId


class AlertKind(StrEnum):
    KILLED = "kill switch raised"
    RELEASED = "kill switch released"


class Alert(Value):
    """`about` is the id of what it is about. Ids only: an operator's own words stand where the id leads."""

    kind: AlertKind
    workspace_id: WorkspaceId
    about: str
    at: datetime


class Alerts(Protocol):
    def tell(self, *, alert: Alert) -> None:
        """The same alert may be told twice. Raises Transient when it was not: whoever owes it comes again."""
