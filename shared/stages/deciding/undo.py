"""Undo: takes an approval back that has led to no send. Called by the API, the console and the command line.

In SEND_ALLOWED an approval is a send: undoing it is cancelling that.
"""

from shared.domain.approval import Approval, ApprovalState, approval_id_for
from shared.domain.audit import Actor
from shared.domain.draft import Draft, DraftState, moved
from shared.domain.ids import WorkspaceId
from shared.domain.sends import Send, send_id_for
from shared.ports.errors import Conflict, Permanent, Rejected
from shared.ports.store import Key, Replace
from shared.stages.audit.trail import Noted
from shared.stages.deciding.desk import Desk, drafted, who_was_faster


class HasASend(Rejected):
    """The approval has become this send: cancel it, and the draft asks again."""

    def __init__(self, send: Send) -> None:
        super().__init__(f"it is the send {send.id}, which is {send.state}: cancel that", status=409)
        self.send = send


def undo(workspace_id: WorkspaceId, draft_id: str, *, actor: Actor, desk: Desk) -> Draft:
    """The draft, waiting for a decision again; what stands in Gmail stays. NotFound; Rejected when nothing is approved; HasASend."""
    seen, now = drafted(workspace_id, draft_id, store=desk.store), desk.clock.now()
    draft = seen.entity
    if draft.state is not DraftState.APPROVED:
        raise Rejected(f"there is no approval to take back: the draft is {draft.state}", status=409)
    id = approval_id_for(draft, number=draft.approvals)
    approval, send = desk.store.read(Key(Approval, workspace_id, id), Key(Send, workspace_id, send_id_for(id)))
    if approval is None:
        raise Permanent(f"draft {draft_id} has no approval")
    if send is not None:
        raise HasASend(send.entity)
    asks = moved(draft, DraftState.PENDING, reason="the approval was taken back", at=now)
    asks = asks.model_copy(update={"decided_by": None, "decided_at": None})
    withdrawn = approval.entity.model_copy(update={"state": ApprovalState.WITHDRAWN})
    entry = Noted(action="draft.undone", draft=asks, policy_version=approval.entity.policy_version, evidence=(id,))
    entries = desk.audit.writes(entry, by=actor, workspace_id=workspace_id)
    try:
        desk.store.commit(Replace(seen, asks), Replace(approval, withdrawn), *entries)
    except Conflict:
        raise Conflict(who_was_faster(draft, store=desk.store)) from None
    return asks
