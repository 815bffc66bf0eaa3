"""Object: a person says that a rule should not have let a mail leave, which counts as a rejection. Called by the API and the console."""

from shared.domain.audit import Actor, ActorKind
from shared.domain.draft import Draft, DraftState
from shared.domain.ids import WorkspaceId
from shared.ports.errors import Conflict, Rejected
from shared.ports.store import Replace
from shared.stages.audit.trail import Noted
from shared.stages.deciding.desk import Desk, drafted, who_was_faster


def object_to(workspace_id: WorkspaceId, draft_id: str, *, actor: Actor, desk: Desk) -> Draft:
    """The draft with the objection; a second one changes nothing. NotFound; Rejected unless a rule has let it leave."""
    seen = drafted(workspace_id, draft_id, store=desk.store)
    draft = seen.entity
    if draft.objected_by is not None:
        return draft
    if draft.decided_by is None or draft.decided_by.kind is not ActorKind.RULE:
        raise Rejected("only what a rule has approved can be objected to", status=409)
    if draft.state is not DraftState.SENT:
        raise Rejected("it has not left: take the approval back instead", status=409)
    objected = draft.model_copy(update={"objected_by": actor, "updated_at": desk.clock.now()})
    entry = Noted(action="draft.objected", draft=objected, evidence=(f"rule:{draft.decided_by.id}",))
    try:
        desk.store.commit(Replace(seen, objected), *desk.audit.writes(entry, by=actor, workspace_id=workspace_id))
    except Conflict:
        raise Conflict(who_was_faster(draft, store=desk.store)) from None
    return objected
