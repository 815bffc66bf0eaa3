"""What it means that a run or a hint is paused; apart from the pause, which every way in knows and which loads no run."""

from datetime import datetime

from shared.domain.hints import UNRESOLVED, Hint, HintState
from shared.domain.pauses import Pause
from shared.domain.run import CRM_STAGE, RUN_TRANSITIONS, Run
from shared.domain.work import Work


def waits(one: Run | Hint, *, stage: str, reason: str) -> Run | Hint | None:
    """The run or hint as it waits; None when it has come to its end, or led to a run that waits for itself."""
    if isinstance(one, Run):
        over = RUN_TRANSITIONS.final(one.state) and not (stage == CRM_STAGE and one.owes_takeover)
        return None if over else one.model_copy(update={"paused": f"{stage}: {reason}"})
    return one.model_copy(update={"state": HintState.PAUSED, "reason": reason}) if one.state in UNRESOLVED else None


def is_waiting(one: Run | Hint) -> bool:
    return bool(one.paused) if isinstance(one, Run) else one.state is HintState.PAUSED


def pause_of(one: Run | Hint, work: Work, *, stage: str, reason: str, before: Pause | None, now: datetime) -> Pause:
    """`before` is what is known of its waiting until now: at the same stage it goes on."""
    return Pause(
        id=one.id,
        workspace_id=one.workspace_id,
        stage=stage,
        work_id=work.id,
        run_id=one.id if isinstance(one, Run) else "",
        reason=reason,
        trace_id=one.trace_id,
        since=before.since if before is not None and before.stage == stage else now,
        tried_at=now,
    )
