"""The ways out: what brings an approved mail to whoever carries it on."""

from typing import Protocol

from shared.domain.entity import Value
from shared.domain.ids import DraftId, SendId, WorkspaceId
from shared.domain.sends import Departure
from shared.domain.ways import Way
from shared.domain.workspace import Operator, Workspace


class Parcel(Value):
    """A mail that is to leave now. `raw` is all of it, RFC 5322; its recipients stand in its headers."""

    workspace_id: WorkspaceId
    send_id: SendId
    draft_id: DraftId
    gmail_draft_id: str
    thread_id: str  # empty: a new thread
    message_id: str  # that `raw` bears; empty where the carrier gives it one
    raw: bytes


class WayOut(Protocol):
    def bring_out(self, *, parcel: Parcel) -> Departure:
        """To all of its recipients or to nobody.

        Raises OutcomeUnknown when it may have left, NotFound when there is nothing (any more) to send, and anything else when it
        certainly has not left.
        """


class WaysOut(Protocol):
    def open(self, *, way: Way, workspace: Workspace, operator: Operator) -> WayOut:
        """Permanent when the settings no longer say how that way is taken."""
