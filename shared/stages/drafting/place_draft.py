"""Place: puts the draft into the operator's Gmail once, in its thread, never over a person's work. Called on draft.gated."""

from dataclasses import dataclass
from datetime import datetime

from shared.domain.canary import STOPPED
from shared.domain.draft import Draft, DraftState, OpenDraft, Placement, draft_hash, moved, open_draft_id
from shared.domain.ids import DraftId
from shared.domain.lease import claimed
from shared.domain.notices import Concern, Matter, owed_notice
from shared.domain.outbox import Outgoing, Queue, Topic
from shared.domain.places import places_of
from shared.domain.run import Run, RunState
from shared.domain.work import Work
from shared.domain.workspace import Operator
from shared.ports.bus import Outbox
from shared.ports.clock import Clock
from shared.ports.errors import Busy, Conflict, NotFound, OutcomeUnknown, SalesAgentError, Transient
from shared.ports.mailbox import FoundDraft, Mailbox, MailboxOf
from shared.ports.store import Create, Replace, Snapshot, Store, Write
from shared.resilience.together import together
from shared.stages.drafting.draft import planned_work
from shared.stages.drafting.handover import announcement_id, owed_announcement, owed_task, pass_on, publish_what_is_left
from shared.stages.drafting.loading import load
from shared.stages.drafting.placing import AlreadyThere, LeaveAlone, PlaceNew, ReplaceOurs, decide
from shared.stages.drafting.senders import chosen_sender
from shared.stages.policy.staff import operator_of

OVERTAKEN = "a newer submission of the same person has its draft here"


@dataclass(frozen=True)
class Claim:
    """The conversation is ours until the lease ends. `held` is the pointer as we hold it, `previous` the draft it named before."""

    held: Snapshot[OpenDraft]
    previous: Snapshot[Draft] | None


@dataclass(frozen=True)
class Placed:
    """What happened: where our draft stands (None: nothing was placed, see `note`) and what became of the previous one."""

    placement: Placement | None
    note: str
    before: DraftState | None = None


def place_draft(work: Work, *, store: Store, outbox: Outbox, clock: Clock, mailbox: MailboxOf) -> None:
    """`work.id` names a run in state gated; a run that is further on is left alone. Busy while another delivery places."""
    known = load(work, store=store)
    run = known.run
    if run.entity.state is not RunState.GATED:
        told = announcement_id(run.entity.draft_id or "", Topic.DRAFT_PLACED)
        asks = [_owed_notice(run.entity, at=clock.now()).id] if places_of(known.workspace) else []
        publish_what_is_left(run.entity, of=RunState.PLACED, store=store, outbox=outbox, also=[told, *asks])
        return
    draft = known.draft
    if run.entity.synthetic:
        _finish(run, draft, None, Placed(None, STOPPED), store=store, outbox=outbox, clock=clock)
        return
    if draft.entity.state is DraftState.REJECTED:
        _finish(run, draft, None, Placed(None, draft.entity.state_reason), store=store, outbox=outbox, clock=clock)
        return
    operator = operator_of(known.workspace, draft.entity.operator_id)
    draft = _under_its_sender(draft, operator, store=store, mailbox=mailbox)
    claim = _claim(run.entity, draft.entity, store=store, clock=clock)
    if claim is None:
        _finish(run, draft, None, Placed(None, OVERTAKEN), store=store, outbox=outbox, clock=clock)
        return
    try:
        placed = _place(draft.entity, claim, mailbox=mailbox(operator), now=clock.now())
    except OutcomeUnknown:
        raise  # the lease stays: nobody may try again before this attempt is certainly over
    except SalesAgentError:
        _release(claim, store=store)
        raise
    _finish(run, draft, claim, placed, tells=bool(places_of(known.workspace)), store=store, outbox=outbox, clock=clock)


def _under_its_sender(draft: Snapshot[Draft], operator: Operator, *, store: Store, mailbox: MailboxOf) -> Snapshot[Draft]:
    """Noted before anything stands in Gmail: whoever comes after a crash knows our own draft by what it says."""
    if not operator.send_as or draft.entity.sender:
        return draft
    written = draft.entity.model_copy(update={"sender": chosen_sender(operator, mailbox(operator))})
    try:
        [version] = store.commit(Replace(draft, written))
    except Conflict:
        raise Busy("the draft has just changed") from None
    return Snapshot(written, version)


def _claim(run: Run, draft: Draft, *, store: Store, clock: Clock) -> Claim | None:
    """None when a newer run holds the conversation; Busy while somebody else's lease runs."""
    id = open_draft_id(workspace_id=run.workspace_id, mailbox=draft.mailbox, recipient=draft.recipient, thread_id=draft.thread_id)
    lease = claimed(None, holder=draft.id, now=clock.now())
    first = OpenDraft(id=id, workspace_id=run.workspace_id, draft_id=DraftId(draft.id), since=_submitted_at(run), lease=lease)
    try:  # as a rule the conversation has no draft yet: the commit tells
        [version] = store.commit(Create(first))
    except Conflict:
        return _claimed_again(run, draft, id, store=store, clock=clock)
    return Claim(Snapshot(first, version), None)


def _claimed_again(run: Run, draft: Draft, id: str, *, store: Store, clock: Clock) -> Claim | None:
    """Beside the claim, the draft that stood there is read: the claim fails if anybody has acted in the conversation since."""
    seen = store.get(OpenDraft, workspace_id=run.workspace_id, id=id)
    if seen is not None and seen.entity.since > _submitted_at(run):
        return None
    lease = claimed(seen.entity.lease, holder=draft.id, now=clock.now()) if seen else None
    if seen is None or lease is None:
        raise Busy("another delivery is placing a draft in this conversation")
    ours, other = seen.entity.model_copy(update={"lease": lease}), seen.entity.draft_id
    try:
        [version], previous = together(
            lambda: store.commit(Replace(seen, ours)),
            lambda: store.get(Draft, workspace_id=run.workspace_id, id=other) if other != draft.id else None,
        )
    except Conflict:
        raise Busy("another delivery has just begun to place a draft in this conversation") from None
    return Claim(Snapshot(ours, version), previous)


def _submitted_at(run: Run) -> datetime:
    """What makes one run newer than another: announcements overtake each other."""
    context, _ = planned_work(run)
    return context.job.entry.submitted_at


def _place(draft: Draft, claim: Claim, *, mailbox: Mailbox, now: datetime) -> Placed:
    previous = claim.previous.entity if claim.previous else None
    standing = mailbox.drafts_to(recipient=draft.recipient, thread_id=draft.thread_id)
    decision = decide(draft, standing=standing, pointer=claim.held.entity, previous=previous)
    match decision:
        case AlreadyThere(found, before):
            return Placed(_placement_of(found, draft, now), "found where an earlier attempt had put it", before)
        case ReplaceOurs(found):
            return Placed(_replaced(found, draft, mailbox=mailbox), "refreshed the draft that stood there", DraftState.SUPERSEDED)
        case PlaceNew(before):
            return Placed(mailbox.create_draft(draft=draft), "placed", before)
        case LeaveAlone(reason, before):
            return Placed(None, reason, before)


def _replaced(found: FoundDraft, draft: Draft, *, mailbox: Mailbox) -> Placement:
    try:
        return mailbox.replace_draft(gmail_draft_id=found.gmail_draft_id, draft=draft)
    except NotFound as error:
        raise Transient("the draft to be refreshed is gone: look again", source=error.source, raw=error.raw) from None


def _placement_of(found: FoundDraft, draft: Draft, now: datetime) -> Placement:
    return Placement(
        gmail_draft_id=found.gmail_draft_id,
        gmail_message_id=found.gmail_message_id,
        thread_id=found.thread_id,
        content_hash=draft_hash(draft),
        placed_at=now,
        url=found.url,
    )


def _release(claim: Claim, *, store: Store) -> None:
    """The effect has certainly not happened: let the next delivery try at once."""
    try:
        store.commit(Replace(claim.held, claim.held.entity.model_copy(update={"lease": None})))
    except SalesAgentError:
        return  # the lease ends by itself


def _finish(
    run: Snapshot[Run],
    draft: Snapshot[Draft],
    claim: Claim | None,
    placed: Placed,
    *,
    tells: bool = False,
    store: Store,
    outbox: Outbox,
    clock: Clock,
) -> None:
    """`tells`: the workspace's people are told somewhere of what waits for them."""
    now = clock.now()
    note = "" if placed.placement else placed.note
    done = run.entity.moved(RunState.PLACED, stage="place_draft", at=now, note=placed.note, placement_note=note)
    if placed.placement:
        finished = draft.entity.model_copy(update={"placement": placed.placement, "updated_at": now})
    elif draft.entity.state is DraftState.PENDING:
        finished = moved(draft.entity, DraftState.SUPERSEDED, reason=placed.note, at=now)
    else:  # a newer run has already said what became of an attempt of ours that never ended
        finished = draft.entity
    writes: list[Write] = [Replace(draft, finished)]
    if claim is not None:
        writes += _conversation(run.entity, finished, claim, placed, now)
    told = [owed_announcement(finished, run.entity, Topic.DRAFT_PLACED, at=now)] if placed.placement else []
    told += [_owed_notice(run.entity, at=now)] if placed.placement and tells else []
    pass_on(run, done, *writes, owed=owed_task(done, Queue.CRM, at=now), also_owed=told, store=store, outbox=outbox)


def _owed_notice(run: Run, *, at: datetime) -> Outgoing:
    """That its draft waits for a person, and nobody has approved it yet."""
    matter = Matter(concern=Concern.APPROVALS, id=run.draft_id or "", occasion="0")
    return owed_notice(matter, workspace_id=run.workspace_id, at=at, trace_id=run.trace_id, queue=Queue.NOTIFY)


def _conversation(run: Run, draft: Draft, claim: Claim, placed: Placed, now: datetime) -> list[Write]:
    """The pointer lets go of its lease and names the draft that stands; the previous draft learns what became of it."""
    changes: dict[str, object] = {"lease": None}
    if placed.placement:
        changes |= {"draft_id": DraftId(draft.id), "since": _submitted_at(run), "placement": placed.placement}
    writes: list[Write] = [Replace(claim.held, claim.held.entity.model_copy(update=changes))]
    if claim.previous is not None and placed.before is not None and claim.previous.entity.state is DraftState.PENDING:
        writes.append(Replace(claim.previous, moved(claim.previous.entity, placed.before, reason=placed.note, at=now)))
    return writes
