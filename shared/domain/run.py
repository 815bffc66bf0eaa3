"""A run: one pass of the pipeline for one submission, with the history an operator can read."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Self

from shared.domain.crm_entry import CrmRecord
from shared.domain.entity import Entity, Value
from shared.domain.ids import DraftId, HintId, OperatorId, SubmissionId, TraceId
from shared.domain.lease import Lease
from shared.domain.planning import Context, Plan
from shared.domain.transitions import Transitions


class RunState(StrEnum):
    RECEIVED = "received"
    PLANNED = "planned"
    DRAFTED = "drafted"
    GATED = "gated"
    PLACED = "placed"
    LOGGED = "logged"
    DONE = "done"
    FAILED = "failed"


RUN_TRANSITIONS = Transitions[RunState](
    {
        RunState.RECEIVED: frozenset({RunState.PLANNED, RunState.FAILED}),
        RunState.PLANNED: frozenset({RunState.DRAFTED, RunState.LOGGED, RunState.FAILED}),  # logged: NO_ACTION has nothing to draft
        RunState.DRAFTED: frozenset({RunState.GATED, RunState.FAILED}),
        RunState.GATED: frozenset({RunState.PLACED, RunState.LOGGED, RunState.FAILED}),  # logged: the gate refused, a person takes over
        RunState.PLACED: frozenset({RunState.LOGGED, RunState.FAILED}),
        RunState.LOGGED: frozenset({RunState.DONE, RunState.FAILED}),
    }
)


CRM_STAGE = "log_to_crm"


class Progress(StrEnum):
    """What the API says of a run."""

    PENDING = "PENDING"
    STARTED = "STARTED"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"


class Step(Value):
    """One line of the history: the state reached, by which stage, and what is worth telling."""

    state: RunState
    stage: str
    at: datetime
    note: str = ""


class Run(Entity):
    """`runs/{id}`."""

    collection: ClassVar[str] = "runs"

    submission_id: SubmissionId
    trace_id: TraceId
    opened_by: HintId  # the hint whose deliveries carry the run through planning
    state: RunState = RunState.RECEIVED
    failed_stage: str = ""
    failure_reason: str = ""
    paused: str = ""  # why it stands still until somebody connects an account again, with the stage that waits
    operator_id: OperatorId
    recipient: str
    context: Context | None = None
    plan: Plan | None = None
    draft_id: DraftId | None = None
    lease: Lease | None = None
    crm: CrmRecord | None = None
    synthetic: bool = False  # a canary: no effect outside, in no list and no count
    erased: bool = False  # the person was forgotten: nothing here says any more who it was
    placement_note: str = ""  # why nothing was placed, when nothing was
    history: tuple[Step, ...] = ()
    created_at: datetime
    updated_at: datetime

    def moved(self, target: RunState, *, stage: str, at: datetime, note: str = "", **changes: object) -> Self:
        """The run in its next state, with a line of history; IllegalTransition when the table forbids it."""
        RUN_TRANSITIONS.check(self.state, target)
        step = Step(state=target, stage=stage, at=at, note=note)
        return self.model_copy(update={"paused": "", **changes, "state": target, "updated_at": at, "history": (*self.history, step)})

    def failed(self, *, stage: str, reason: str, at: datetime) -> Self:
        return self.moved(RunState.FAILED, stage=stage, at=at, note=reason, failed_stage=stage, failure_reason=reason)

    @property
    def owes_takeover(self) -> bool:
        """It failed before the CRM was told anything, so whoever owns the contact has still to hear that nobody will write."""
        return (
            self.state is RunState.FAILED and self.crm is None and not self.erased and self.failed_stage != CRM_STAGE and not self.synthetic
        )

    @property
    def refused(self) -> str:
        """Why law or gate let no mail of it be; empty for all others, also those that had nothing to write."""
        if self.plan is None or self.state not in (RunState.LOGGED, RunState.DONE):
            return ""
        judged = any(one.state is RunState.GATED for one in self.history) and not any(one.state is RunState.PLACED for one in self.history)
        return self.placement_note if self.plan.refused or judged else ""

    @property
    def progress(self) -> Progress:
        if self.state is RunState.FAILED:
            return Progress.FAILURE
        if self.state is RunState.DONE:
            return Progress.SUCCESS
        return Progress.PENDING if self.state is RunState.RECEIVED else Progress.STARTED
