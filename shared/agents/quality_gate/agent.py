"""quality_gate: judges a draft by fixed rules, the same every time. Called by the gate stage through the QualityGate port."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from shared.agents.quality_gate.checks import CHECKS
from shared.agents.quality_gate.limits import readable
from shared.agents.quality_gate.material import Material
from shared.agents.quality_gate.risk import risk_of
from shared.domain.draft import Draft
from shared.domain.planning import Context, Plan
from shared.domain.policy import Policy
from shared.domain.verdict import Outcome, Verdict, Violation
from shared.domain.voice import VoiceProfile
from shared.domain.workspace import Workspace

GATE_VERSION = "quality_gate/5"
MOST_OF_ONE_CHECK = 10
"""More of the same tells nobody anything new."""


class DeterministicGate:
    """No model, no clock, no network: the same draft and policy give the same verdict."""

    def judge(
        self,
        *,
        workspace: Workspace,
        draft: Draft,
        context: Context,
        plan: Plan,
        voice: VoiceProfile,
        policy: Policy,
        suppressed: str,
        now: datetime,
    ) -> Verdict:
        """Every check over one reading of the draft. Raises KeyError for an operator the workspace does not have."""
        shown = readable(draft)
        material = Material(workspace, shown, context, plan, voice, policy, suppressed, now, cut=shown is not draft)
        violations = tuple(one for check in CHECKS for one in islice(check(material), MOST_OF_ONE_CHECK))
        outcome = _outcome(violations)
        sendable = policy.rules.sends_for(draft.operator_id) and outcome is not Outcome.FAIL
        return Verdict(
            outcome=outcome,
            risk=risk_of(violations, weights=policy.rules.weights),
            violations=violations,
            suggestions=tuple(dict.fromkeys(one.suggestion for one in violations)),
            send_allowed=sendable,
            approval_required=not (sendable and outcome is Outcome.PASS),
            judged_at=now,
            gate_version=GATE_VERSION,
        )


def _outcome(violations: Iterable[Violation]) -> Outcome:
    found = {one.outcome for one in violations}
    return next((one for one in (Outcome.FAIL, Outcome.WARN) if one in found), Outcome.PASS)
