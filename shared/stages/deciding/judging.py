"""The gate's verdict on a text that somebody has just put into a draft. Used by edit and regenerate."""

from shared.domain.draft import Draft
from shared.domain.instruction import as_instructed
from shared.domain.verdict import Verdict
from shared.ports.agents import QualityGate
from shared.stages.deciding.case import Case
from shared.stages.deciding.desk import Desk
from shared.stages.drafting.draft import voice_of


def judge(case: Case, draft: Draft, *, quality_gate: QualityGate, desk: Desk) -> Verdict:
    """By the policy and the suppressions of this moment."""
    return quality_gate.judge(
        workspace=case.workspace,
        draft=draft,
        context=case.context,
        plan=as_instructed(case.plan, draft.instruction),
        voice=voice_of(case.operator, workspace=case.workspace, store=desk.store),
        policy=case.policy,
        suppressed=case.suppressed,
        now=desk.clock.now(),
    )
