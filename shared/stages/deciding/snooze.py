"""Snooze: a draft leaves the list until a moment. Called by the API, the console and the command line."""

from shared.domain.audit import Actor
from shared.domain.draft import Draft
from shared.domain.ids import WorkspaceId
from shared.domain.snoozing import NotUntilThen, snoozed_until
from shared.ports.errors import Conflict, Rejected
from shared.ports.store import Replace
from shared.stages.audit.trail import Noted
from shared.stages.deciding.desk import Desk, check_pending, drafted, who_was_faster
from shared.stages.policy.staff import operator_of


def snooze(workspace_id: WorkspaceId, draft_id: str, *, until: str, actor: Actor, desk: Desk) -> Draft:
    """`until` is a preset or an ISO moment, in the zone of the draft's operator. NotFound; Rejected; OperatorLeft; Conflict."""
    seen, now = drafted(workspace_id, draft_id, store=desk.store), desk.clock.now()
    check_pending(seen.entity)
    operator = operator_of(desk.store.workspace(workspace_id=workspace_id), seen.entity.operator_id)
    try:
        moment = snoozed_until(until, now=now, zone=operator.hours.timezone)
    except NotUntilThen as error:
        raise Rejected(f"until: {error}", field="until") from None
    snoozed = seen.entity.model_copy(update={"snoozed_until": moment, "updated_at": now})
    entry = Noted(action="draft.snoozed" if moment else "draft.woken", draft=snoozed)
    try:
        desk.store.commit(Replace(seen, snoozed), *desk.audit.writes(entry, by=actor, workspace_id=workspace_id))
    except Conflict:
        raise Conflict(who_was_faster(seen.entity, store=desk.store)) from None
    return snoozed
