"""Cancel: a person takes an approved mail back before it leaves. Called by the API, the console and the command line."""

from shared.domain.approval import Approval
from shared.domain.audit import Actor
from shared.domain.ids import WorkspaceId
from shared.domain.sends import WAITING, Send, SendState
from shared.ports.errors import Busy, Conflict, NotFound, Rejected
from shared.ports.store import Key
from shared.resilience.contest import until_undisputed
from shared.stages.deciding.case import read_case
from shared.stages.deciding.desk import Desk
from shared.stages.sending.ending import End, Ending, end_send

TOO_LATE = {
    SendState.CLAIMED: "it is leaving at this moment: look again in a few minutes",
    SendState.SENT: "it has left and cannot be taken back",
    SendState.SETTLED: "it has left and cannot be taken back",
    SendState.PARKED: "nobody can tell whether it left: look into the mailbox and resolve it",
    SendState.FAILED: "it did not leave: nothing is on its way",
    SendState.VOIDED: "it did not leave: nothing is on its way",
}


class NotCancelled(Rejected):
    """Why it cannot be taken back, and what to do. 409: its state has to change first."""

    def __init__(self, state: SendState) -> None:
        super().__init__(TOO_LATE[state], status=409)
        self.state = state


def cancel(workspace_id: WorkspaceId, send_id: str, *, actor: Actor, desk: Desk) -> Send:
    """The cancelled send; its draft asks for another decision. Raises NotCancelled, NotFound; Conflict when it never stops changing.

    Whoever takes back in the very moment it leaves is told what became of it, rather than to try again.
    """

    def take_back() -> Send:
        try:
            return _taken_back(workspace_id, send_id, actor=actor, desk=desk)
        except Busy as error:
            raise Conflict(error.detail) from None

    return until_undisputed(take_back)


def _taken_back(workspace_id: WorkspaceId, send_id: str, *, actor: Actor, desk: Desk) -> Send:
    [found] = desk.store.read(Key(Send, workspace_id, send_id))
    if found is None:
        raise NotFound(f"send {send_id} does not exist")
    entry: Send = found.entity
    if entry.state is SendState.CANCELLED:
        return entry
    if entry.state not in WAITING:
        raise NotCancelled(entry.state)
    approval = desk.store.get(Approval, workspace_id=workspace_id, id=entry.approval_id)
    if approval is None:
        raise NotFound(f"the approval of send {send_id} does not exist")
    case = read_case(workspace_id, entry.draft_id, store=desk.store, suppressions=desk.suppressions)
    ending = Ending(End.CANCELLED, f"taken back by {actor.label}", "cancel")
    return end_send(found, approval, case, ending, by=actor, desk=desk).entity
