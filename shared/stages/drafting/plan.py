"""Plan: who is this, what was said before, what could help, when is there time, and what to do next. Called on lead.received."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from shared.domain.conversation import Recollection, ThreadReading, beyond
from shared.domain.facts import facts_of
from shared.domain.hints import Hint, HintState, ParsedHint
from shared.domain.outbox import Queue, Topic
from shared.domain.people import Identity, is_free_mail, mail_domain
from shared.domain.planning import Action, Context, Job, Plan
from shared.domain.run import Run, RunState
from shared.domain.slots import Agenda, Slot
from shared.domain.submission import Submission
from shared.domain.work import Work
from shared.domain.workspace import Operator, Workspace
from shared.ports.agents import (
    AssetHunter,
    IdentityResolver,
    LongMemory,
    MeetingSlots,
    NextStepPlanner,
    ThreadReader,
    Trigger,
)
from shared.ports.bus import Outbox
from shared.ports.clock import Clock
from shared.ports.errors import Unsearchable
from shared.ports.store import Put, Snapshot, Store
from shared.resilience.together import together
from shared.stages.arriving.resolve import Opened, announced_at, give_up_or_wait, load_announcement, run_behind
from shared.stages.drafting.grounds import lawful_step
from shared.stages.drafting.handover import load_run, owed_event, owed_task, pass_on, publish_what_is_left

T = TypeVar("T")


@dataclass(frozen=True)
class Researchers:
    """The agents that gather what is known."""

    identity_resolver: IdentityResolver
    thread_reader: ThreadReader
    long_memory: LongMemory
    asset_hunter: AssetHunter
    meeting_slot: MeetingSlots


@dataclass(frozen=True)
class Found(Generic[T]):
    """What a search gave, or why it could not be made."""

    found: tuple[T, ...] = ()
    gap: str = ""


def plan(
    work: Work, *, store: Store, outbox: Outbox, clock: Clock, trigger: Trigger, researchers: Researchers, planner: NextStepPlanner
) -> None:
    """`work.id` names a hint. Every repetition ends in the same state."""
    workspace, hint = load_announcement(work, store=store)
    if hint.entity.state is HintState.IGNORED:
        return
    known = _known_run(hint.entity, store=store)
    if known is not None and _settled(known.entity, hint.entity, store=store, outbox=outbox):
        return
    jobs = trigger.jobs_for(workspace=workspace, hint=_announced(hint.entity, known, store=store))
    if not jobs:
        give_up_or_wait(hint, store=store, clock=clock)
        return
    opened = Opened(known, jobs[0]) if known else run_behind(hint, jobs, workspace=workspace, store=store, clock=clock)
    if opened is None or _settled(opened.run.entity, hint.entity, store=store, outbox=outbox):
        return
    context = _context(workspace, opened.job, researchers=researchers, clock=clock)
    made = lawful_step(planner.plan(context=context), context, workspace=workspace, store=store, now=clock.now())
    _advance(opened.run, context, made, store=store, outbox=outbox, clock=clock)


def _settled(run: Run, hint: Hint, *, store: Store, outbox: Outbox) -> bool:
    """One hint carries a run through planning: the one that opened it. The others have joined it and are done."""
    if run.state is RunState.RECEIVED and run.opened_by == hint.id:
        return False
    publish_what_is_left(run, of=RunState.PLANNED, store=store, outbox=outbox)
    return True


def _known_run(hint: Hint, *, store: Store) -> Snapshot[Run] | None:
    """The run an earlier delivery of this hint has opened or joined."""
    return load_run(Work(workspace_id=hint.workspace_id, id=hint.run_id), store=store) if hint.run_id else None


def _announced(hint: Hint, run: Snapshot[Run] | None, *, store: Store) -> ParsedHint:
    """A hint that has led to a run means its submission and no other; one without a moment means what was new when it came."""
    known = store.get(Submission, workspace_id=hint.workspace_id, id=run.entity.submission_id) if run else None
    if known is None:
        return hint.announced.model_copy(update={"occurred_at": announced_at(hint)})
    entry = known.entity.entry
    return hint.announced.model_copy(update={"email": entry.email, "form_id": entry.form_id, "submitted_at": entry.submitted_at})


def _context(workspace: Workspace, job: Job, *, researchers: Researchers, clock: Clock) -> Context:
    """What does not depend on each other is asked at the same time. Whose mailbox it is depends on who asks, if there are several."""
    looked_at, query, only = clock.now(), _query(job), workspace.only_operator
    identity, assets, early, agenda = together(
        lambda: researchers.identity_resolver.resolve(workspace=workspace, entry=job.entry, contact_id=job.contact_id),
        lambda: _found_if_searchable(lambda: researchers.asset_hunter.hunt(workspace=workspace, query=query), "documents"),
        lambda: _correspondence(job, only, query, researchers=researchers) if only else None,
        lambda: researchers.meeting_slot.look(operator=only, recipient=job.entry.email, now=clock.now()) if only else None,
    )
    operator = workspace.operator_for(identity.contact.owner_id)
    (reading, memories), slots = together(
        lambda: early or _correspondence(job, operator, query, researchers=researchers),
        lambda: tuple(_slots(identity, operator, job, agenda, researchers=researchers, clock=clock)),
    )
    return Context(
        job=job,
        identity=identity,
        operator_id=operator.id,
        reading=reading,
        memories=memories.found,
        assets=assets.found,
        slots=slots,
        facts=facts_of(workspace=workspace, operator=operator, entry=job.entry, identity=identity),
        gaps=tuple(one for one in (memories.gap, assets.gap) if one),
        looked_at=looked_at,
    )


def _found_if_searchable(look: Callable[[], Sequence[T]], what: str) -> Found[T]:
    """What was found; where nothing can be searched, a gap that the run tells of. A mail today is worth more than a better one tomorrow."""
    try:
        return Found(tuple(look()))
    except Unsearchable as error:
        return Found(gap=f"{what} were not searched: {error.detail}")


def _correspondence(
    job: Job, operator: Operator, query: str, *, researchers: Researchers
) -> tuple[ThreadReading | None, Found[Recollection]]:
    """The conversation that goes on, and what else was said before."""
    them, colleagues = job.entry.email, _colleagues(job.entry.email)
    recall = partial(researchers.long_memory.recall, operator=operator, addresses=[them], domains=colleagues, query=query)
    reading, recalled = together(
        lambda: researchers.thread_reader.read(operator=operator, address=them),
        lambda: _found_if_searchable(recall, "earlier conversations"),
    )
    return reading, Found(beyond(recalled.found, reading), gap=recalled.gap)


def _slots(
    identity: Identity, operator: Operator, job: Job, agenda: Agenda | None, *, researchers: Researchers, clock: Clock
) -> Sequence[Slot]:
    return researchers.meeting_slot.propose(
        operator=operator,
        recipient=job.entry.email,
        contact_timezone=identity.contact.timezone,
        contact_country=identity.contact.country or (identity.company.country if identity.company else ""),
        contact_phone=identity.contact.phone,
        urgency=job.priority,
        now=clock.now(),
        agenda=agenda,
    )


def _query(job: Job) -> str:
    """What the relationship wants, in their own words: the longest field is the message."""
    answers = [field.value for field in job.entry.fields if field.name != "email"]
    return " ".join(sorted(answers, key=len, reverse=True))[:1000]


def _colleagues(address: str) -> list[str]:
    return [] if is_free_mail(address) else [mail_domain(address)]


def _advance(run: Snapshot[Run], context: Context, made: Plan, *, store: Store, outbox: Outbox, clock: Clock) -> None:
    now = clock.now()
    planned = run.entity.moved(
        RunState.PLANNED,
        stage="plan",
        at=now,
        note="; ".join((made.reason, *context.gaps)),
        context=context,
        plan=made,
        operator_id=context.operator_id,
    )
    idle = made.action is Action.NO_ACTION
    owed = owed_task(planned, Queue.CRM, at=now) if idle else owed_event(planned, Topic.LEAD_PLANNED, at=now)
    if idle:
        planned = planned.model_copy(update={"placement_note": made.reason})
    records = [context.identity.contact, *([context.identity.company] if context.identity.company else []), *context.identity.deals]
    copies = () if planned.synthetic else tuple(Put(one) for one in records)
    pass_on(run, planned, *copies, owed=owed, store=store, outbox=outbox)
