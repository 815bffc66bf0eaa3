"""Rules that turn what is known into the next step, with the reason an operator would give. Called by the plan stage."""

from shared.agents.next_step_planner.refusals import PRESSING, reason_to_do_nothing
from shared.agents.next_step_planner.risk import risk_of
from shared.agents.next_step_planner.wishes import Wishes, wishes_of
from shared.agents.next_step_planner.wording import call_to_action, reason_for, tone_for
from shared.domain.assets import AssetMatch
from shared.domain.planning import Action, Context, JobKind, Plan, Priority

RELEVANT = 0.3
"""From here on a document is worth sending unasked."""
RELEVANT_WHEN_ASKED = 0.2
NURTURE_DELAY_S = {Priority.URGENT: 0, Priority.NORMAL: 24 * 3600, Priority.LOW: 48 * 3600}
"""Somebody who only signed up is not written to within the hour."""


class RulePlanner:
    def plan(self, *, context: Context) -> Plan:
        idle = reason_to_do_nothing(context)
        if idle:
            return _no_action(context, idle)
        wishes = wishes_of(context)
        asset = asset_to_send(context, wishes)
        action = _action(context, wishes, asset)
        tone = tone_for(context.identity)
        return Plan(
            action=action,
            urgency=context.job.priority,
            risk=risk_of(context),
            tone=tone,
            reason=reason_for(context, wishes, action, asset),
            call_to_action=call_to_action(context, wishes, action, tone),
            delay_s=NURTURE_DELAY_S[context.job.priority] if context.job.kind is JobKind.NURTURE else 0,
        )


def asset_to_send(context: Context, wishes: Wishes) -> AssetMatch | None:
    """The most relevant document that may be shared and is relevant enough."""
    enough = RELEVANT_WHEN_ASKED if wishes.material else RELEVANT
    fitting = [one for one in context.assets if one.shareable and one.url and one.relevance >= enough]
    return max(fitting, key=lambda one: one.relevance, default=None)


def _action(context: Context, wishes: Wishes, asset: AssetMatch | None) -> Action:
    if wishes.call and context.slots:
        return Action.PROPOSE_CALL
    return Action.SEND_ASSET if asset else Action.SEND_FOLLOWUP


def _no_action(context: Context, reason: str) -> Plan:
    return Plan(
        action=Action.NO_ACTION,
        urgency=Priority.URGENT if reason in PRESSING else Priority.LOW,
        risk=risk_of(context),
        tone=tone_for(context.identity),
        reason=reason,
        call_to_action="",
    )
