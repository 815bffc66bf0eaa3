"""Reject: an operator wants nothing of a draft. Called by the API, the console and the command line.

What stands in Gmail stays there: nothing vanishes from a mailbox unasked. The pointer of the conversation goes on naming it: the
draft for a newer form takes its place while nobody has touched it.
"""

from shared.domain.audit import Actor
from shared.domain.draft import Draft, DraftState, moved
from shared.domain.ids import WorkspaceId
from shared.domain.rejection import LONGEST_NOTE, RejectionReason, rejected_because
from shared.ports.errors import Conflict, Rejected
from shared.ports.store import Replace
from shared.stages.audit.trail import Noted
from shared.stages.deciding.desk import Desk, check_pending, drafted, who_was_faster


def reject(workspace_id: WorkspaceId, draft_id: str, *, reason: RejectionReason, note: str, actor: Actor, desk: Desk) -> Draft:
    """The draft as stored. NotFound; Rejected when it is decided already; Conflict tells who was faster."""
    told = " ".join(note.split())
    if len(told) > LONGEST_NOTE:
        raise Rejected(f"note: at most {LONGEST_NOTE} characters", field="note")
    if reason is RejectionReason.OTHER and not told:
        raise Rejected("note: should say what the other reason is", field="note")
    seen, now = drafted(workspace_id, draft_id, store=desk.store), desk.clock.now()
    check_pending(seen.entity)
    decided = {"decided_by": actor, "decided_at": now, "snoozed_until": None, "rewriting": None}
    rejected = moved(seen.entity, DraftState.REJECTED, reason=rejected_because(reason, told), at=now).model_copy(update=decided)
    entry = Noted(action="draft.rejected", draft=rejected, evidence=(reason.value,))  # the note may name somebody: it stays with the draft
    try:
        desk.store.commit(Replace(seen, rejected), *desk.audit.writes(entry, by=actor, workspace_id=workspace_id))
    except Conflict:
        raise Conflict(who_was_faster(seen.entity, store=desk.store)) from None
    return rejected
