"""Log: a note, a task and a few properties in the CRM, once each. Called by the crm queue, which outlasts outages of hours."""

from datetime import datetime

from shared.domain.crm_entry import CrmEntry, CrmRecord
from shared.domain.draft import Draft
from shared.domain.lease import claimed
from shared.domain.run import Run, RunState
from shared.domain.verdict import Outcome
from shared.domain.work import Work
from shared.domain.workspace import Workspace
from shared.ports.agents import CrmHygiene
from shared.ports.clock import Clock
from shared.ports.crm import Crm, CrmOf
from shared.ports.errors import Busy, Conflict, OutcomeUnknown, SalesAgentError
from shared.ports.store import Replace, Snapshot, Store
from shared.stages.loading import load

READY = frozenset({RunState.PLANNED, RunState.GATED, RunState.PLACED})
"""Planned: nothing to do. Gated: the gate refused. Placed: the usual way. Each of them owes this task only in that case."""


def log_to_crm(work: Work, *, store: Store, clock: Clock, crm: CrmOf, crm_hygiene: CrmHygiene) -> None:
    """`work.id` names a run; one that is logged is left alone. The CRM is asked for our marker before anything is created."""
    known = load(work, store=store)
    if known.run.entity.state not in READY:
        return
    workspace, draft = known.workspace, known.drafted.entity if known.drafted else None
    if known.run.entity.synthetic:
        _finish(known.run, None, draft, store=store, clock=clock)
        return
    held = _claim(known.run, store=store, clock=clock)
    entry = crm_hygiene.entry(workspace=workspace, run=held.entity, draft=draft, now=held.entity.updated_at)
    try:
        record = _write(entry, crm=crm(workspace), workspace=workspace, now=clock.now())
    except OutcomeUnknown:
        raise  # the lease stays until this attempt is certainly over
    except SalesAgentError:
        _release(held, store=store)
        raise
    _finish(held, record, draft, store=store, clock=clock)


def _claim(run: Snapshot[Run], *, store: Store, clock: Clock) -> Snapshot[Run]:
    lease = claimed(run.entity.lease, holder=run.entity.id, now=clock.now())
    if lease is None:
        raise Busy("another delivery is writing this run to the CRM")
    claimed_run = run.entity.model_copy(update={"lease": lease})
    try:
        [version] = store.commit(Replace(run, claimed_run))
    except Conflict:
        raise Busy("another delivery has just begun to write this run to the CRM") from None
    return Snapshot(claimed_run, version)


def _write(entry: CrmEntry, *, crm: Crm, workspace: Workspace, now: datetime) -> CrmRecord:
    note_id = crm.write_note(contact_id=entry.contact_id, note=entry.note)
    task_id = crm.write_task(contact_id=entry.contact_id, task=entry.task)
    allowed = {name: value for name, value in entry.properties.items() if name in workspace.crm.writable_properties}
    if allowed:
        crm.update_contact(contact_id=entry.contact_id, properties=allowed)
    return CrmRecord(note_id=note_id, task_id=task_id, written_at=now)


def _release(held: Snapshot[Run], *, store: Store) -> None:
    try:
        store.commit(Replace(held, held.entity.model_copy(update={"lease": None})))
    except SalesAgentError:
        return  # the lease ends by itself


def _finish(held: Snapshot[Run], record: CrmRecord | None, draft: Draft | None, *, store: Store, clock: Clock) -> None:
    now = clock.now()
    run = held.entity.moved(RunState.LOGGED, stage="log_to_crm", at=now, crm=record, lease=None)
    refused = draft is not None and draft.verdict is not None and draft.verdict.outcome is Outcome.FAIL
    if refused:
        run = run.failed(stage="gate", reason=run.placement_note, at=now)
    else:
        run = run.moved(RunState.DONE, stage="log_to_crm", at=now, note=run.placement_note)
    try:
        store.commit(Replace(held, run))
    except Conflict:
        return
