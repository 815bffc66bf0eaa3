"""Draft: a short mail in the operator's voice, every sentence with its source. Called on lead.planned."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from shared.domain.draft import Authorship, Draft, DraftText, draft_id_for
from shared.domain.guardrails import relationship_of
from shared.domain.ids import DraftId, RunId
from shared.domain.outbox import Topic
from shared.domain.planning import Context, Plan
from shared.domain.policy import CURRENT, Policy
from shared.domain.run import Run, RunState
from shared.domain.voice import VoiceProfile
from shared.domain.work import Work
from shared.domain.workspace import Operator, Workspace
from shared.ports.agents import DraftWriter
from shared.ports.bus import Outbox
from shared.ports.clock import Clock
from shared.ports.errors import Conflict, Permanent
from shared.ports.model import Book
from shared.ports.store import Create, Key, Snapshot, Store, Write
from shared.stages.drafting.grounds import check_address, touch_of
from shared.stages.drafting.handover import owed_event, pass_on, publish_what_is_left
from shared.stages.drafting.loading import Loaded, load
from shared.stages.drafting.stationery import Stationery
from shared.stages.policy.in_force import policy_of
from shared.stages.policy.staff import operator_of


def draft(work: Work, *, store: Store, outbox: Outbox, clock: Clock, draft_writer: DraftWriter, stationery: Stationery) -> None:
    """`work.id` names a run in state planned; a run that is further on is left alone."""
    known = load(work, store=store)
    run = known.run
    if run.entity.state is not RunState.PLANNED:
        publish_what_is_left(run.entity, of=RunState.DRAFTED, store=store, outbox=outbox)
        return
    record: list[Write] = []
    is_kept = False
    try:
        written, drafted = _written(known, draft_writer, record.extend, stationery, store=store, clock=clock)
        owed = owed_event(drafted, Topic.DRAFT_WRITTEN, at=written.created_at)
        is_kept = pass_on(run, drafted, Create(written), *record, owed=owed, store=store, outbox=outbox)
    finally:
        if record and not is_kept:
            _keep_alone(record, store=store)


def _written(
    known: Loaded, draft_writer: DraftWriter, book: Book, stationery: Stationery, *, store: Store, clock: Clock
) -> tuple[Draft, Run]:
    """The draft, and the run that has it."""
    run, workspace = known.run.entity, known.workspace
    context, plan = planned_work(run)
    operator = operator_of(workspace, context.operator_id)
    found, policy = store.read(Key(VoiceProfile, workspace.id, operator.id), Key(Policy, workspace.id, CURRENT))
    rules, voice = policy_of(policy, workspace.id).rules, _speaking(found, operator, workspace)
    check_address(rules.compliance, relationship_of(context).footing, touch=touch_of(context), workspace=workspace)
    text, authorship = draft_writer.write(workspace=workspace, run=run, context=context, plan=plan, voice=voice, book=book)
    now = clock.now()
    bare = _draft(run, operator, context, text, authorship, now).model_copy(update={"urgency": plan.urgency})
    written = stationery.around(bare, workspace=workspace, footing=relationship_of(context).footing, rules=rules)
    return written, run.moved(RunState.DRAFTED, stage="draft", at=now, note=_told(authorship), draft_id=DraftId(written.id))


def _keep_alone(record: Sequence[Write], *, store: Store) -> None:
    """What a model was asked has cost money, whatever became of the draft."""
    with suppress(Conflict):  # it was kept with the draft, by a commit whose answer was lost
        store.commit(*record)


def planned_work(run: Run) -> tuple[Context, Plan]:
    """What the plan stage left; Permanent when a run claims to be planned without it."""
    if run.context is None or run.plan is None:
        raise Permanent(f"run {run.id} has no plan")
    return run.context, run.plan


def voice_of(operator: Operator, *, workspace: Workspace, store: Store) -> VoiceProfile:
    """The operator's profile, or a plain one until there is something to learn from."""
    return _speaking(store.get(VoiceProfile, workspace_id=workspace.id, id=operator.id), operator, workspace)


def _speaking(found: Snapshot[VoiceProfile] | None, operator: Operator, workspace: Workspace) -> VoiceProfile:
    signature = operator.signature or f"{operator.name}\n{workspace.company_name}"
    plain = VoiceProfile(id=operator.id, workspace_id=workspace.id, operator_id=operator.id, signature=signature)
    voice = found.entity if found else plain
    return voice.model_copy(update={"signature": operator.name}) if operator.send_as else voice  # Gmail's own stands below the mail


def _draft(run: Run, operator: Operator, context: Context, text: DraftText, authorship: Authorship, now: datetime) -> Draft:
    thread = context.reading.thread if context.reading else None
    head = thread.head if thread else None
    return Draft(
        id=draft_id_for(run.id),
        workspace_id=run.workspace_id,
        run_id=RunId(run.id),
        operator_id=operator.id,
        mailbox=operator.email,
        recipient=run.recipient,
        recipient_name=context.identity.contact.header_name,
        company=context.identity.company.name if context.identity.company else "",
        thread_id=thread.id if thread else "",
        reply_to_message_id=head.message_id if head else "",
        references=(*head.references, head.message_id) if head else (),
        answers=thread.newest_from((run.recipient, *context.identity.contact.addresses)) if thread else "",
        knows_until=context.looked_at,
        text=text,
        evidence=context.evidence,
        authorship=authorship,
        synthetic=run.synthetic,
        touch=touch_of(context),
        created_at=now,
        updated_at=now,
    )


def _told(authorship: Authorship) -> str:
    took_over = f"; took over because {authorship.fallback_reason}" if authorship.fell_back else ""
    return f"written by {authorship.model}{took_over}"
