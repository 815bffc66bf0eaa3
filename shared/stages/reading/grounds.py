"""How a draft stands with the law by now: why it may be sent, or why not. Read with the draft, by drafts_and_sends."""

from datetime import datetime

from shared.domain.draft import Draft
from shared.domain.guardrails import relationship_of
from shared.domain.heard import Heard, heard_ids, newest
from shared.domain.lawfulness import Ground, Letter, ground_of
from shared.domain.planning import Context, Rereading
from shared.domain.policy import CURRENT, Policy
from shared.domain.run import Run
from shared.ports.store import Key, Store
from shared.stages.policy.in_force import policy_of


def ground_of_draft(draft: Draft, *, store: Store, now: datetime) -> Ground | None:
    """By the policy in force; None when nothing is known any more of what it was written for. Two round trips."""
    ws = draft.workspace_id
    run, policy, anew = store.read(Key(Run, ws, draft.run_id), Key(Policy, ws, CURRENT), Key(Rereading, ws, draft.id))
    if run is None or run.entity.context is None:
        return None
    context: Context = run.entity.context
    if anew is not None:
        context = context.model_copy(update={"reading": anew.entity.reading})
    found = store.read(*(Key(Heard, ws, id) for id in heard_ids(draft, context)))
    heard = newest(one.entity for one in found if one)
    footing = relationship_of(context).having_heard(heard.at if heard else None).footing
    return ground_of(policy_of(policy, ws).rules.compliance, footing, letter=Letter.of(draft), now=now)
