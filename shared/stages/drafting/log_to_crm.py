"""Log: a note, a task and a few properties in the CRM, once each. Called by the crm queue, which outlasts outages of hours."""

from datetime import datetime

from shared.domain.crm_entry import CrmRecord
from shared.domain.draft import Draft
from shared.domain.lease import claimed
from shared.domain.people import Contact
from shared.domain.run import CRM_STAGE, Run, RunState
from shared.domain.submission import Submission
from shared.domain.verdict import Outcome
from shared.domain.work import Work
from shared.domain.workspace import Workspace
from shared.ports.agents import CrmHygiene
from shared.ports.clock import Clock
from shared.ports.crm import Crm, CrmOf
from shared.ports.errors import Busy, Conflict, NotFound, OutcomeUnknown, SalesAgentError
from shared.ports.store import Replace, Snapshot, Store
from shared.stages.drafting.loading import load

READY = frozenset({RunState.PLANNED, RunState.GATED, RunState.PLACED})
"""Planned: nothing to do. Gated: the gate refused. Placed: the usual way. Each of them owes this task only in that case.

A run that failed owes it as well, for a task alone."""
UNKNOWN = "HubSpot knows no contact with this address, so no task says that a person should write"


def log_to_crm(work: Work, *, store: Store, clock: Clock, crm: CrmOf, crm_hygiene: CrmHygiene) -> None:
    """`work.id` names a run; one that is logged is left alone. The CRM is asked for our marker before anything is created."""
    known = load(work, store=store)
    run, draft = known.run.entity, known.drafted.entity if known.drafted else None
    if run.state not in READY and not run.owes_takeover:
        return
    if run.synthetic:
        _commit(known.run, _finished(run, None, draft, at=clock.now()), store=store)
        return
    held = _claim(known.run, store=store, clock=clock)
    writer = _Writer(known.workspace, draft, store=store, clock=clock, crm=crm, crm_hygiene=crm_hygiene)
    try:
        told = writer.handed_over(held.entity) if run.owes_takeover else writer.logged(held.entity)
    except OutcomeUnknown:
        raise  # the lease stays until this attempt is certainly over
    except SalesAgentError:
        _release(held, store=store)
        raise
    _commit(held, told, store=store)


class _Writer:
    """Writes to the CRM what a run has come to, and gives the run as it is afterwards."""

    def __init__(
        self, workspace: Workspace, draft: Draft | None, *, store: Store, clock: Clock, crm: CrmOf, crm_hygiene: CrmHygiene
    ) -> None:
        self._workspace, self._draft, self._store, self._clock = workspace, draft, store, clock
        self._open, self._hygiene = crm, crm_hygiene

    def logged(self, run: Run) -> Run:
        entry = self._hygiene.entry(workspace=self._workspace, run=run, draft=self._draft, now=run.updated_at)
        crm = self._open(self._workspace)
        note_id = crm.write_note(contact_id=entry.contact_id, note=entry.note)
        task_id = crm.write_task(contact_id=entry.contact_id, task=entry.task)
        allowed = {name: value for name, value in entry.properties.items() if name in self._workspace.crm.writable_properties}
        if allowed:
            crm.update_contact(contact_id=entry.contact_id, properties=allowed)
        now = self._clock.now()
        return _finished(run, CrmRecord(note_id=note_id, task_id=task_id, written_at=now), self._draft, at=now)

    def handed_over(self, run: Run) -> Run:
        """A run that failed stays so; the owner of the contact gets the task to write themselves."""
        found = self._store.get(Submission, workspace_id=run.workspace_id, id=run.submission_id)
        if found is None:
            raise NotFound(f"the submission of run {run.id} does not exist")
        crm = self._open(self._workspace)
        contact = _contact(run, found.entity, crm)
        if contact is None:
            return run.model_copy(update={"lease": None, "paused": "", "placement_note": UNKNOWN})
        task = self._hygiene.takeover(
            workspace=self._workspace, run=run, draft=self._draft, contact=contact, entry=found.entity.entry, now=run.updated_at
        )
        task_id = crm.write_task(contact_id=contact.id, task=task)
        record = CrmRecord(note_id="", task_id=task_id, written_at=self._clock.now())
        return run.model_copy(update={"lease": None, "paused": "", "crm": record})


def _contact(run: Run, submission: Submission, crm: Crm) -> Contact | None:
    """As it was planned with; else by what the announcement or the submission says."""
    if run.context is not None:
        return run.context.identity.contact
    named = crm.contact(contact_id=submission.contact_id) if submission.contact_id else None
    return named or crm.contact_by_email(email=submission.entry.email)


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


def _release(held: Snapshot[Run], *, store: Store) -> None:
    try:
        store.commit(Replace(held, held.entity.model_copy(update={"lease": None})))
    except SalesAgentError:
        return  # the lease ends by itself


def _finished(run: Run, record: CrmRecord | None, draft: Draft | None, *, at: datetime) -> Run:
    logged = run.moved(RunState.LOGGED, stage=CRM_STAGE, at=at, crm=record, lease=None)
    refused = draft is not None and draft.verdict is not None and draft.verdict.outcome is Outcome.FAIL
    if refused:
        return logged.failed(stage="gate", reason=logged.placement_note, at=at)
    return logged.moved(RunState.DONE, stage=CRM_STAGE, at=at, note=logged.placement_note)


def _commit(held: Snapshot[Run], run: Run, *, store: Store) -> None:
    try:
        store.commit(Replace(held, run))
    except Conflict:
        return
