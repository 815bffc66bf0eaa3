"""Gate: judges the draft. What fails never reaches Gmail; a person is asked to take over. Called on draft.written."""

from shared.domain.draft import Draft, DraftState, moved
from shared.domain.outbox import Queue, Topic
from shared.domain.planning import Context
from shared.domain.policy import CURRENT, Policy
from shared.domain.run import Run, RunState
from shared.domain.verdict import Outcome, Verdict
from shared.domain.work import Work
from shared.ports.agents import QualityGate
from shared.ports.bus import Outbox
from shared.ports.clock import Clock
from shared.ports.store import Key, Replace, Snapshot, Store
from shared.stages.drafting.draft import planned_work, voice_of
from shared.stages.drafting.handover import owed_event, owed_task, pass_on, publish_what_is_left
from shared.stages.drafting.loading import load
from shared.stages.policy.in_force import policy_of
from shared.stages.policy.staff import operator_of
from shared.stages.policy.suppressions import Suppressions


def gate(work: Work, *, store: Store, outbox: Outbox, clock: Clock, quality_gate: QualityGate, suppressions: Suppressions) -> None:
    """`work.id` names a run in state drafted; a run that is further on is left alone."""
    known = load(work, store=store)
    run, workspace = known.run, known.workspace
    if run.entity.state is not RunState.DRAFTED:
        publish_what_is_left(run.entity, of=RunState.GATED, store=store, outbox=outbox)
        return
    draft = known.draft
    context, plan = planned_work(run.entity)
    voice = voice_of(operator_of(workspace, context.operator_id), workspace=workspace, store=store)
    policy, why_not = _permission(draft.entity, context, store=store, suppressions=suppressions)
    verdict = quality_gate.judge(
        workspace=workspace,
        draft=draft.entity,
        context=context,
        plan=plan,
        voice=voice,
        policy=policy,
        suppressed=why_not,
        now=clock.now(),
    )
    _advance(run, draft, verdict, store=store, outbox=outbox, clock=clock)


def _permission(draft: Draft, context: Context, *, store: Store, suppressions: Suppressions) -> tuple[Policy, str]:
    """The policy of this moment, and why the recipient must not be written to; in one round trip."""
    ws = draft.workspace_id
    about = suppressions.keys_about(context.identity, (draft.recipient, *draft.cc), workspace_id=ws)
    policy, *found = store.read(Key(Policy, ws, CURRENT), *about)
    return policy_of(policy, ws), suppressions.why_not(found)


def _advance(run: Snapshot[Run], draft: Snapshot[Draft], verdict: Verdict, *, store: Store, outbox: Outbox, clock: Clock) -> None:
    now = clock.now()
    judged = draft.entity.model_copy(update={"verdict": verdict, "updated_at": now})
    note = f"{verdict.outcome}, risk {verdict.risk}"
    if verdict.outcome is Outcome.FAIL:
        reason = "; ".join(one.reason for one in verdict.violations if one.outcome is Outcome.FAIL)
        judged = moved(judged, DraftState.REJECTED, reason=reason, at=now)
        gated = run.entity.moved(RunState.GATED, stage="gate", at=now, note=note, placement_note=f"the gate refused the draft: {reason}")
        owed = owed_task(gated, Queue.CRM, at=now)
    else:
        gated = run.entity.moved(RunState.GATED, stage="gate", at=now, note=note)
        owed = owed_event(gated, Topic.DRAFT_GATED, at=now)
    pass_on(run, gated, Replace(draft, judged), owed=owed, store=store, outbox=outbox)
