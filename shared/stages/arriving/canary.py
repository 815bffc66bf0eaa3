"""Canary: sends a submission of our own through the front door, after a look at what became of the last one. Called by the canary queue."""

from datetime import datetime

from shared.domain.canary_fate import LATEST, Canary, Fate, fate_of, trace_of
from shared.domain.chores import period_from
from shared.domain.hints import Hint
from shared.domain.run import Run
from shared.domain.work import Work
from shared.domain.workspace import Workspace
from shared.ports.clock import Clock
from shared.ports.errors import Conflict, Rejected, SalesAgentError
from shared.ports.front_door import FrontDoor
from shared.ports.store import Create, Replace, Snapshot, Store


def canary(work: Work, *, store: Store, clock: Clock, front_door: FrontDoor) -> Canary | None:
    """`work.id` is the period; one canary each. None when the workspace wants none."""
    workspace = store.workspace(workspace_id=work.workspace_id)
    seen = store.get(Canary, workspace_id=work.workspace_id, id=LATEST)
    if seen is not None and seen.entity.period == work.id:
        return seen.entity
    return _sent(work, workspace, seen, store=store, clock=clock, front_door=front_door) if workspace.canary else None


def run_of(found: Canary, *, store: Store) -> Run | None:
    """The run behind its handle, as far as there is one."""
    hint = store.get(Hint, workspace_id=found.workspace_id, id=found.handle) if found.handle else None
    run_id = hint.entity.run_id if hint is not None else None
    run = store.get(Run, workspace_id=found.workspace_id, id=run_id) if run_id else None
    return run.entity if run is not None else None


def _sent(work: Work, workspace: Workspace, seen: Snapshot[Canary] | None, *, store: Store, clock: Clock, front_door: FrontDoor) -> Canary:
    """A crash before the last line sends another announcement of the same submission: it joins the same run."""
    now, submitted_at = clock.now(), _moment(work.id)
    fresh = Canary(id=LATEST, workspace_id=workspace.id, period=work.id, sent_at=now, **_past(seen, store=store, clock=clock))
    try:
        trace = trace_of(workspace.id, work.id)
        handle = front_door.knock(portal_id=workspace.crm.portal_id, submitted_at=submitted_at, trace_id=trace)
        fresh = fresh.model_copy(update={"handle": handle})
    except SalesAgentError as error:
        fresh = fresh.model_copy(update={"trouble": error.detail})
    try:
        store.commit(Replace(seen, fresh) if seen else Create(fresh))
    except Conflict:
        return fresh  # another delivery of this task was quicker
    return fresh


def _moment(period: str) -> datetime:
    """Every announcement of a period means the same submission."""
    try:
        return period_from(period)
    except ValueError:
        raise Rejected("id: should be the beginning of a period", field="id") from None


def _past(seen: Snapshot[Canary] | None, *, store: Store, clock: Clock) -> dict[str, object]:
    """What is to be told of the canaries before. One that is still under way changes nothing."""
    if seen is None:
        return {}
    last, now = seen.entity, clock.now()
    fate, reason = fate_of(last, run_of(last, store=store), now=now)
    if fate is Fate.PASSED:
        return {"passed_at": now}
    return {"passed_at": last.passed_at, "alarm": reason if fate is Fate.FAILED else last.alarm}
