"""The canary: a submission of our own that takes a contact's way through the pipeline, and what became of the last one."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from shared.domain.entity import Entity
from shared.domain.hints import HintSource, ParsedHint
from shared.domain.ids import TraceId, WorkspaceId, derived_id
from shared.domain.run import Run, RunState
from shared.domain.submission import CANARY_FORM, FormEntry, FormField

ADDRESS = "canary@sales-agent.invalid"
"""Reserved by https://www.rfc-editor.org/rfc/rfc2606 for what nobody can ever own: no mail could reach anybody."""
ANSWERS = {
    "firstname": "Robin",
    "lastname": "Canary",
    "message": "This is a check of ours that no person stands behind. Could you show us how a pilot works?",
}
BOUND = timedelta(minutes=15)
"""How long a canary may take from the door to its end; a run takes seconds, a few repetitions included minutes."""
OVERDUE = timedelta(hours=2)
LATEST = "latest"
STOPPED = "a canary: it stops here, nothing is placed and nothing is written to the CRM"


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


def recognised(announced: ParsedHint) -> ParsedHint:
    """A webhook that announces a canary carries its submission: no CRM knows it. Anything else is returned as it came."""
    if announced.form_id != CANARY_FORM or announced.email != ADDRESS or announced.submitted_at is None:
        return announced
    fields = tuple(FormField(name=name, value=value) for name, value in {"email": ADDRESS, **ANSWERS}.items())
    entry = FormEntry(form_id=CANARY_FORM, form_name="Canary", submitted_at=announced.submitted_at, email=ADDRESS, fields=fields)
    return announced.model_copy(update={"source": HintSource.CANARY, "entry": entry})


def fate_of(canary: Canary, run: Run | None, *, now: datetime) -> tuple[Fate, str]:
    """How it went, and the reason when it went badly."""
    late = now - canary.sent_at > BOUND
    if canary.trouble:
        return Fate.FAILED, f"the webhook did not let it in: {canary.trouble}"
    if run is None:
        return (Fate.FAILED, "no run came of it") if late else (Fate.UNDER_WAY, "")
    if run.state is RunState.FAILED:
        return Fate.FAILED, f"it failed in {run.failed_stage}: {run.failure_reason}"
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
