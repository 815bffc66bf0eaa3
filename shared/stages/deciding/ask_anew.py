"""Ask anew: an operator wants another text, and may say how it should be; regenerate writes it. Called by the API and the console."""

from shared.domain.audit import Actor
from shared.domain.draft import Draft, Rewriting
from shared.domain.ids import WorkspaceId
from shared.domain.instruction import LONGEST_INSTRUCTION
from shared.ports.errors import Conflict, Rejected
from shared.ports.store import Create, Replace
from shared.stages.audit.trail import Noted
from shared.stages.deciding.desk import Desk, check_pending, drafted, placed_as, who_was_faster
from shared.stages.deciding.regenerate_tasks import owed_rewriting


def ask_anew(workspace_id: WorkspaceId, draft_id: str, *, instruction: str, actor: Actor, trace_id: str, desk: Desk) -> Draft:
    """The draft with the wish. A later wish takes the place of one that waits. NotFound; Rejected; Conflict tells who was faster."""
    told = " ".join(instruction.split())
    if len(told) > LONGEST_INSTRUCTION:
        raise Rejected(f"instruction: at most {LONGEST_INSTRUCTION} characters", field="instruction")
    seen, now = drafted(workspace_id, draft_id, store=desk.store), desk.clock.now()
    check_pending(seen.entity)
    placed_as(seen.entity)
    wish = Rewriting(number=seen.entity.rewritings + 1, instruction=told, by=actor, at=now)
    asked = seen.entity.model_copy(update={"rewriting": wish, "rewritings": wish.number, "updated_at": now})
    owed = owed_rewriting(asked, wish, trace_id=trace_id)
    entries = desk.audit.writes(Noted(action="draft.asked_anew", draft=asked), by=actor, workspace_id=workspace_id)
    try:
        desk.store.commit(Replace(seen, asked), Create(owed), *entries)
    except Conflict:
        raise Conflict(who_was_faster(seen.entity, store=desk.store)) from None
    desk.outbox.flush(entries=[owed])
    return asked
