"""Dead letters: what nobody could process is handed once more to whoever could not, or put away. Called by the API."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from shared.domain.audit import Actor
from shared.domain.dead_letter import DeadLetter, DeadLetterState
from shared.domain.ids import TraceId, WorkspaceId
from shared.domain.outbox import QUEUE_WORKER, Channel, Outgoing, Queue, Topic
from shared.domain.run import RUN_TRANSITIONS, Run
from shared.domain.work import Work
from shared.ports.clock import Clock
from shared.ports.errors import Conflict, NotFound, Rejected
from shared.ports.store import Create, Replace, Snapshot, Store, Write
from shared.stages.audit.trail import AuditTrail, Noted
from shared.stages.drafting.resume_runs import GOES_ON_WITH

HEARS: Mapping[str, Topic | Queue] = {
    **{worker: queue for queue, worker in QUEUE_WORKER.items()},
    **GOES_ON_WITH,
    "hold_slots": Topic("draft.placed"),
    "consider": Topic("draft.placed"),
}
"""What each function hears, and so what it is told once more by the sweep. Whoever else hears that topic guards by state."""


class LetterBox:
    """Each decision is one commit with its entry in the log, and no letter is decided about twice."""

    def __init__(self, *, store: Store, clock: Clock, audit: AuditTrail) -> None:
        self._store, self._clock, self._audit = store, clock, audit

    def replay(self, workspace_id: WorkspaceId, id: str, *, by: Actor, trace_id: str) -> DeadLetter:
        """The sweep hands it over within two minutes: whoever replays needs no right to fill every queue. NotFound; Rejected; Conflict."""
        seen = self._open(workspace_id, id)
        owed = _owed(seen.entity, trace_id=trace_id, clock=self._clock)
        self._require_going(seen.entity)
        replayed = seen.entity.decided(DeadLetterState.REPLAYED, by=by, at=self._clock.now())
        return self._decide(seen, replayed, "dead_letter.replayed", Create(owed), by=by)

    def resolve(self, workspace_id: WorkspaceId, id: str, *, note: str, by: Actor) -> DeadLetter:
        """Nothing is done about it any more. NotFound; Rejected; Conflict."""
        seen = self._open(workspace_id, id)
        resolved = seen.entity.decided(DeadLetterState.RESOLVED, by=by, at=self._clock.now(), note=note)
        return self._decide(seen, resolved, "dead_letter.resolved", by=by)

    def _open(self, workspace_id: WorkspaceId, id: str) -> Snapshot[DeadLetter]:
        seen = self._store.get(DeadLetter, workspace_id=workspace_id, id=id)
        if seen is None:
            raise NotFound(f"dead letter {id} does not exist")
        if seen.entity.state is not DeadLetterState.OPEN:
            who = f" by {seen.entity.decided_by.label}" if seen.entity.decided_by else ""
            raise Rejected(f"the dead letter is {seen.entity.state} already{who}", status=409)
        return seen

    def _require_going(self, letter: DeadLetter) -> None:
        """A run that has ended is not begun again by its messages: its owner has been told to write themselves."""
        run = self._store.get(Run, workspace_id=letter.workspace_id, id=letter.run_id) if letter.run_id else None
        if run is not None and RUN_TRANSITIONS.final(run.entity.state):
            raise Rejected(f"run {run.entity.id} is {run.entity.state}: nothing would come of it; resolve the letter", status=409)

    def _decide(self, seen: Snapshot[DeadLetter], decided: DeadLetter, action: str, *owed: Write, by: Actor) -> DeadLetter:
        noted = Noted(action=action, evidence=(decided.id, decided.function))
        try:
            self._store.commit(Replace(seen, decided), *owed, *self._audit.writes(noted, by=by, workspace_id=decided.workspace_id))
        except Conflict:
            raise Conflict("somebody has just decided about this dead letter: look again") from None
        return decided


def _owed(letter: DeadLetter, *, trace_id: str, clock: Clock) -> Outgoing:
    """Named after the letter and the moment: it may be handed over again when it has failed again, and names of tasks stay taken."""
    destination = HEARS.get(letter.function)
    work = _work_in(letter)
    if destination is None or work is None:
        raise Rejected("nobody can read this message: it can only be resolved", status=409)
    return Outgoing(
        id=f"{letter.id}-replayed-{clock.now():%Y%m%dT%H%M%S}",
        workspace_id=letter.workspace_id,
        channel=Channel.TASK if isinstance(destination, Queue) else Channel.EVENT,
        destination=destination.value,
        payload={"workspace_id": work.workspace_id, "id": work.id},
        trace_id=TraceId(letter.attributes.get("trace_id") or trace_id),
        created_at=clock.now(),
    )


def _work_in(letter: DeadLetter) -> Work | None:
    """Ours alone: a message cannot name another workspace's."""
    try:
        work = Work.model_validate_json(letter.payload)
    except ValidationError:
        return None
    return work if work.workspace_id == letter.workspace_id else None


def letter_line(letter: DeadLetter) -> dict[str, Any]:
    return letter_shown(letter, hidden=("payload", "attributes"))


def letter_shown(letter: DeadLetter, *, hidden: tuple[str, ...] = ()) -> dict[str, Any]:
    told = letter.model_dump(mode="json", exclude={"workspace_id", *hidden})
    return told | {"decided_by": letter.decided_by.label if letter.decided_by else None}
