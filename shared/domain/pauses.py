"""A pause: a run, or a hint that has led to none yet, waits until somebody connects an account again. Used by failures and resume_runs."""

from datetime import datetime
from typing import ClassVar

from shared.domain.entity import Entity
from shared.domain.ids import TraceId


class Pause(Entity):
    """`pauses/{id of the run or hint}`: which stage waits with which work. It has ended when the run or hint waits no longer."""

    collection: ClassVar[str] = "pauses"

    stage: str
    work_id: str
    run_id: str = ""  # empty while the hint has led to no run
    reason: str
    trace_id: TraceId
    since: datetime
    tried_at: datetime

    @property
    def is_new(self) -> bool:
        return self.since == self.tried_at
