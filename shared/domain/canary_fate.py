"""What became of the canary that was sent last; used by its stage, the API and doctor."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from shared.domain.entity import Entity
from shared.domain.ids import TraceId, WorkspaceId, derived_id
from shared.domain.run import Run, RunState

BOUND = timedelta(minutes=15)
"""How long a canary may take from the door to its end; a run takes seconds, a few repetitions included minutes."""
OVERDUE = timedelta(hours=2)
LATEST = "latest"


class Fate(StrEnum):
    UNDER_WAY = "under way"
    PASSED = "passed"
    FAILED = "failed"


class Canary(Entity):
    """`canaries/latest`: the one sent last, and what is known of those before it."""

    collection: ClassVar[str] = "canaries"

    period: str  # of the chore that sent it
    sent_at: datetime
    handle: str = ""  # the webhook's answer; empty when it was not let in
    trouble: str = ""  # why it was not let in
    passed_at: datetime | None = None  # when one was last seen to have come through
    alarm: str = ""  # what became of the one before, if that was nothing good


def fate_of(canary: Canary, run: Run | None, *, now: datetime) -> tuple[Fate, str]:
    """How it went, and the reason when it went badly."""
    late = now - canary.sent_at > BOUND
    if canary.trouble:
        return Fate.FAILED, f"the webhook did not let it in: {canary.trouble}"
    if run is None:
        return (Fate.FAILED, "no run came of it") if late else (Fate.UNDER_WAY, "")
    if run.state is RunState.FAILED:
        return Fate.FAILED, f"it failed in {run.failed_stage}: {run.failure_reason}"
    if run.paused:
        return Fate.FAILED, f"it is paused in {run.paused}"
    if run.state is not RunState.DONE:
        return (Fate.FAILED, f"it has stood at “{run.state}” since then") if late else (Fate.UNDER_WAY, "")
    return _ended(canary, run)


def _ended(canary: Canary, run: Run) -> tuple[Fate, str]:
    if not any(step.state is RunState.PLACED for step in run.history):
        return Fate.FAILED, "it ended without a draft"
    if run.updated_at - canary.sent_at > BOUND:
        return Fate.FAILED, f"it took {round((run.updated_at - canary.sent_at) / timedelta(minutes=1))} minutes"
    return Fate.PASSED, ""


def trace_of(workspace_id: WorkspaceId, period: str) -> TraceId:
    return TraceId(derived_id("canary", workspace_id, period))
