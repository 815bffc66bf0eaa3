"""From hint to run: finds the submission behind a hint and makes three hints of one submission one run. Used by plan."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.hints import Hint, HintSource, HintState
from shared.domain.ids import HintId, RunId, SubmissionId, TraceId
from shared.domain.planning import Job
from shared.domain.run import Run, RunState, Step
from shared.domain.submission import FormEntry, Submission, run_id_for, submission_id
from shared.domain.work import Work
from shared.domain.workspace import Workspace
from shared.ports.clock import Clock
from shared.ports.errors import Awaited, Conflict, NotFound, Permanent, Transient
from shared.ports.store import Create, Key, Replace, Snapshot, Store

PATIENCE = timedelta(minutes=10)
"""How long a submission may take to appear in the CRM after it was announced."""


AT_ONCE = timedelta(minutes=1)
"""All announcements of one submission come within this time, as a rule."""
CONTENDERS, RUNS_LOOKED_AT = 4, 100
IN_TOUCH = timedelta(days=7)
"""A contact who had a run within this time is written to already: an import starts nothing for them."""
ENTRANCE = {HintSource.POLL: "poll_forms", HintSource.IMPORT: "imports"}
"""The function through which a hint came in, when it was no webhook."""


@dataclass(frozen=True)
class Opened:
    """The run a hint has opened, for this submission."""

    run: Snapshot[Run]
    job: Job


def announced_at(hint: Hint) -> datetime:
    return hint.announced.occurred_at or hint.received_at


def run_behind(hint: Snapshot[Hint], jobs: Sequence[Job], *, workspace: Workspace, store: Store, clock: Clock) -> Opened | None:
    """The run this hint opened and has to carry on; None when the hint only joined a run another one opened."""
    if hint.entity.announced.source is HintSource.IMPORT and _in_touch(hint.entity, workspace=workspace, store=store, now=clock.now()):
        _ignore(hint, f"this contact had a run within the last {IN_TOUCH.days} days: an import starts no second one", store=store)
        return None
    job, is_free = jobs[0], True  # as a rule no other hint has led to the likeliest one yet: the commit tells
    for _ in range(1 + CONTENDERS):
        run, submission = _opened(hint.entity, job, workspace=workspace, now=clock.now())
        resolved = hint.entity.model_copy(update={"state": HintState.RESOLVED, "run_id": RunId(run.id), "reason": ""})
        if not is_free:
            _join(hint, resolved, store=store)
            return None
        try:
            _, version, _ = store.commit(Create(submission), Create(run), Replace(hint, resolved))
            return Opened(Snapshot(run, version), job)
        except Conflict:
            hint, taken = _looked_at_again(hint.entity, jobs, workspace=workspace, store=store)
        if hint.entity.run_id is None:
            job, is_free = _meant(hint.entity, jobs, taken, now=clock.now())
            continue
        found = store.get(Run, workspace_id=run.workspace_id, id=run.id)
        return Opened(found, job) if found is not None and found.entity.opened_by == hint.entity.id else None
    raise Transient("other deliveries are resolving the same submissions")


def _looked_at_again(hint: Hint, jobs: Sequence[Job], *, workspace: Workspace, store: Store) -> tuple[Snapshot[Hint], list[bool]]:
    """The hint as it is now, and of each submission whether some hint has led to it already. Raises NotFound."""
    submissions = [Key(Submission, workspace.id, _submission_id(workspace, one.entry)) for one in jobs]
    found, *known = store.read(Key(Hint, workspace.id, hint.id), *submissions)
    if found is None:
        raise NotFound(f"event {hint.id} does not exist")
    return found, [one is not None for one in known]


def _meant(hint: Hint, jobs: Sequence[Job], taken: Sequence[bool], *, now: datetime) -> tuple[Job, bool]:
    """Which of the submissions, and whether no other hint has led to it yet.

    A hint without a moment may mean any: when the likeliest one has its run, it was announced twice, or this hint announces
    another. Telling one submission twice is harmless, losing one is not.
    """
    likeliest = jobs[0]
    if not taken[0]:
        return likeliest, True
    if hint.announced.is_exact:
        return likeliest, False
    moment = announced_at(hint)
    if abs(moment - likeliest.entry.submitted_at) > AT_ONCE and now < hint.received_at + PATIENCE:
        raise Awaited("the submission has not appeared in the CRM yet", source="hubspot")
    free = next((job for job, is_taken in zip(jobs, taken, strict=True) if not is_taken), None)
    return (free, True) if free else (likeliest, False)


def _submission_id(workspace: Workspace, entry: FormEntry) -> SubmissionId:
    return submission_id(workspace_id=workspace.id, portal_id=workspace.crm.portal_id, entry=entry)


def _join(hint: Snapshot[Hint], resolved: Hint, *, store: Store) -> None:
    """Point the hint at the run that exists. Losing this race too means that another delivery of the same hint did it."""
    try:
        store.commit(Replace(hint, resolved))
    except Conflict:
        return


def give_up_or_wait(hint: Snapshot[Hint], *, store: Store, clock: Clock) -> None:
    """No submission can be found (yet): Awaited while it may still appear, then the hint is ignored with the reason.

    Permanent when one was found before: the run it opened must not wait for ever.
    """
    if clock.now() < hint.entity.received_at + PATIENCE:
        raise Awaited("the submission has not appeared in the CRM yet", source="hubspot")
    if hint.entity.run_id:
        raise Permanent("the submission has disappeared from the CRM", source="hubspot")
    _ignore(hint, "no form submission stands behind this event", store=store)


def _in_touch(hint: Hint, *, workspace: Workspace, store: Store, now: datetime) -> bool:
    """Whatever they have asked themselves comes before what a table says of them."""
    found = store.list(Run, workspace_id=workspace.id, where={"recipient": hint.announced.email}, limit=RUNS_LOOKED_AT)
    others = [one.entity for one in found if one.entity.opened_by != hint.id]
    return any(now - one.created_at < IN_TOUCH and one.state is not RunState.FAILED for one in others)


def _ignore(hint: Snapshot[Hint], reason: str, *, store: Store) -> None:
    try:
        store.commit(Replace(hint, hint.entity.model_copy(update={"state": HintState.IGNORED, "reason": reason})))
    except Conflict:
        return


def load_announcement(work: Work, *, store: Store) -> tuple[Workspace, Snapshot[Hint]]:
    """Whose the hint is, and the hint. Raises NotFound."""
    workspace_id = work.workspace_id
    workspace, hint = store.read(Key(Workspace, workspace_id, workspace_id), Key(Hint, workspace_id, work.id))
    if workspace is None or hint is None:
        raise NotFound(f"event {work.id} does not exist" if workspace else f"workspace {workspace_id} does not exist")
    return workspace.entity, hint


def _opened(hint: Hint, job: Job, *, workspace: Workspace, now: datetime) -> tuple[Run, Submission]:
    entry, source = job.entry, hint.announced.source
    identity = _submission_id(workspace, entry)
    arrived = Step(state=RunState.RECEIVED, stage=ENTRANCE.get(source, "form_webhook"), at=hint.received_at, note=f"announced by {source}")
    run = Run(
        id=run_id_for(identity),
        workspace_id=workspace.id,
        submission_id=identity,
        trace_id=TraceId(hint.trace_id),
        opened_by=HintId(hint.id),
        operator_id=workspace.default_operator,
        recipient=entry.email,
        synthetic=entry.synthetic,
        history=(arrived,),
        created_at=hint.received_at,
        updated_at=now,
    )
    submission = Submission(
        id=identity,
        workspace_id=workspace.id,
        portal_id=workspace.crm.portal_id,
        entry=entry,
        run_id=RunId(run.id),
        contact_id=job.contact_id,
    )
    return run, submission
