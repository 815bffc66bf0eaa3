"""Write: brings the Gmail draft to what ours says, unless a person has touched it. Called by the write-draft queue, as often as it takes.

One delivery writes at a time, by the lease of the conversation. Before it writes it notes the hash of what it is going to write: whatever
becomes of the call, the next delivery tells our own work from a person's.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.approval import Approval, ApprovalState, approval_id_for
from shared.domain.audit import by_stage
from shared.domain.draft import Draft, DraftState, OpenDraft, Placement, draft_hash, moved, open_draft_id
from shared.domain.lease import claimed
from shared.domain.sends import Send, send_id_for
from shared.domain.verdict import Outcome
from shared.domain.work import Work
from shared.domain.workspace import Operator, Workspace
from shared.ports.errors import Busy, Conflict, NotFound, OutcomeUnknown, SalesAgentError, Transient
from shared.ports.mailbox import FoundDraft, Mailbox
from shared.ports.store import Key, Replace, Snapshot, Write
from shared.stages.audit.trail import Noted
from shared.stages.deciding.desk import Desk, drafted, placed_as
from shared.stages.deciding.enclosing import why_not_enclosed
from shared.stages.drafting.senders import why_not_from
from shared.stages.listening.catching_up import stands_untouched
from shared.stages.policy.staff import left_words

RACES = 5
NOT_AS_APPROVED = "it can no longer be written as it was approved: approve it again"


@dataclass(frozen=True)
class Writing:
    """A draft as it was read, with the approval that holds if there is one, and whether a send takes care of it."""

    draft: Snapshot[Draft]
    approval: Snapshot[Approval] | None
    leaves: bool

    @property
    def is_owed(self) -> bool:
        """What the gate refused never reaches Gmail; what a send takes along needs no writing."""
        draft = self.draft.entity
        if draft.placement is None or draft.verdict is None or draft.verdict.outcome is Outcome.FAIL or self.leaves:
            return False
        if draft.state is DraftState.APPROVED:
            return self.approval is not None and self.approval.entity.state is ApprovalState.GIVEN
        return draft.state is DraftState.PENDING and (draft.placement.revision != draft.revision or bool(draft.placement.writing))


@dataclass(frozen=True)
class Fate:
    """What became of it, when it is not written."""

    state: DraftState
    reason: str


def write_draft(work: Work, *, desk: Desk) -> None:
    """`work.id` names a draft; one that needs no writing (any more) is left alone. Busy while another delivery writes there."""
    writing = _read(work, desk)
    if not writing.is_owed:
        return
    workspace = desk.store.workspace(workspace_id=work.workspace_id)
    operator = workspace.operator_if_here(writing.draft.entity.operator_id)
    if operator is None:
        _end(writing, Fate(DraftState.PENDING, left_words(writing.draft.entity.operator_id)), desk)
        return
    claim = _claim(writing, desk)
    if claim is None:
        _overtaken(writing, desk)
        return
    writing, pointer = claim
    try:
        outcome = _brought(writing, workspace, operator, desk)
    except OutcomeUnknown:
        raise  # the lease stays: nobody may try again before this attempt is certainly over
    except SalesAgentError:
        _release(pointer, desk)
        raise
    _finish(work, pointer, outcome, desk)


def _read(work: Work, desk: Desk) -> Writing:
    draft = drafted(work.workspace_id, work.id, store=desk.store)
    id = approval_id_for(draft.entity, number=draft.entity.approvals)
    approval, send = desk.store.read(Key(Approval, work.workspace_id, id), Key(Send, work.workspace_id, send_id_for(id)))
    return Writing(draft, approval, leaves=send is not None and draft.entity.state is DraftState.APPROVED)


def _claim(writing: Writing, desk: Desk) -> tuple[Writing, Snapshot[OpenDraft]] | None:
    """The conversation is ours, and what we may write there is noted. None when a newer draft has taken the conversation."""
    draft, now = writing.draft.entity, desk.clock.now()
    seen = desk.store.get(OpenDraft, workspace_id=draft.workspace_id, id=_pointer_id(draft))
    if seen is None or seen.entity.draft_id != draft.id:
        return None
    lease = claimed(seen.entity.lease, holder=draft.id, now=now)
    if lease is None:
        raise Busy("another delivery is writing in this conversation")
    held = seen.entity.model_copy(update={"lease": lease})
    placement = placed_as(draft)
    hashes = tuple(dict.fromkeys((*placement.writing, draft_hash(draft))))
    noted = draft.model_copy(update={"placement": placement.model_copy(update={"writing": hashes})})
    try:
        version, pointer_version = desk.store.commit(Replace(writing.draft, noted), Replace(seen, held))
    except Conflict:
        raise Busy("the draft has just changed, or another delivery has begun to write it") from None
    return Writing(Snapshot(noted, version), writing.approval, writing.leaves), Snapshot(held, pointer_version)


def _overtaken(writing: Writing, desk: Desk) -> None:
    state = DraftState.EXPIRED if writing.draft.entity.state is DraftState.APPROVED else DraftState.SUPERSEDED
    _end(writing, Fate(state, "a newer draft stands in its place"), desk)


def _end(writing: Writing, fate: Fate, desk: Desk) -> None:
    try:
        desk.store.commit(*_ended(writing, fate, desk))
    except Conflict:
        raise Busy("the draft has just changed") from None


def _pointer_id(draft: Draft) -> str:
    return open_draft_id(workspace_id=draft.workspace_id, mailbox=draft.mailbox, recipient=draft.recipient, thread_id=draft.thread_id)


def _brought(writing: Writing, workspace: Workspace, operator: Operator, desk: Desk) -> Placement | Fate:
    draft = writing.draft.entity
    placement = placed_as(draft)
    mailbox = desk.mailbox(operator)
    found = mailbox.find_draft(gmail_draft_id=placement.gmail_draft_id)
    if found is None:
        sent = mailbox.sent_of(draft_id=draft.id, thread_id=placement.thread_id)
        return Fate(DraftState.SENT_BY_OPERATOR, "sent from Gmail") if sent else Fate(DraftState.DISCARDED, "deleted in Gmail")
    if not stands_untouched(draft, found):
        return Fate(DraftState.EDITED_OUTSIDE, "changed in Gmail")
    files, not_enclosed = why_not_enclosed(draft, workspace, desk=desk)
    if reason := why_not_from(draft, operator, mailbox) or not_enclosed:
        return Fate(DraftState.PENDING, reason)
    return _written(writing, found, files, operator, mailbox)


def _written(writing: Writing, found: FoundDraft, files: Sequence[bytes], operator: Operator, mailbox: Mailbox) -> Placement | Fate:
    draft = writing.draft.entity
    approval = writing.approval.entity if writing.approval and draft.state is DraftState.APPROVED else None
    if approval is not None and hashlib.sha256(mailbox.composed(draft=draft, files=files)).hexdigest() != approval.raw_digest:
        return Fate(DraftState.PENDING, NOT_AS_APPROVED)
    if found.content_hash == draft_hash(draft) and found.sender == draft.sent_as(operator.name).headers:
        return _as_found(placed_as(draft), found, draft)
    try:
        written = mailbox.replace_draft(gmail_draft_id=found.gmail_draft_id, draft=draft, files=files)
    except NotFound as error:
        raise Transient("the draft to be written is gone: look again", source=error.source, raw=error.raw) from None
    return written.model_copy(update={"revision": draft.revision})


def _as_found(placement: Placement, found: FoundDraft, draft: Draft) -> Placement:
    """It says that already: an earlier delivery has written it, or nothing needed to be."""
    return placement.model_copy(
        update={
            "gmail_message_id": found.gmail_message_id,
            "content_hash": found.content_hash,
            "url": found.url or placement.url,
            "revision": draft.revision,
            "writing": (),
        }
    )


def _release(pointer: Snapshot[OpenDraft], desk: Desk) -> None:
    """The effect has certainly not happened: let the next delivery try at once."""
    try:
        desk.store.commit(Replace(pointer, pointer.entity.model_copy(update={"lease": None})))
    except SalesAgentError:
        return  # the lease ends by itself


def _finish(work: Work, pointer: Snapshot[OpenDraft], outcome: Placement | Fate, desk: Desk) -> None:
    """Whatever people have decided meanwhile stands; where the draft stands is for the holder of the lease to say."""
    for _ in range(RACES):
        now = _read(work, desk)
        writes = _placed(now, outcome) if isinstance(outcome, Placement) else _ended(now, outcome, desk)
        placement = outcome if isinstance(outcome, Placement) else pointer.entity.placement
        let_go = pointer.entity.model_copy(update={"lease": None, "placement": placement})
        try:
            desk.store.commit(*writes, Replace(pointer, let_go))
        except Conflict:
            continue
        return
    raise Transient(f"draft {work.id} changes too fast to be written")


def _placed(now: Writing, placement: Placement) -> list[Write]:
    draft = now.draft.entity
    writes: list[Write] = [Replace(now.draft, draft.model_copy(update={"placement": placement}))]
    if now.is_owed and now.approval is not None and draft.state is DraftState.APPROVED and draft.revision == placement.revision:
        writes.append(_became(now.approval, ApprovalState.USED))
    return writes


def _ended(now: Writing, fate: Fate, desk: Desk) -> list[Write]:
    """What a person did in Gmail, or that the approval no longer holds. What is over, or leaves by a send, is left as it is."""
    draft = now.draft.entity
    if now.leaves or draft.state not in (DraftState.PENDING, DraftState.APPROVED):
        return []
    if draft.state is fate.state:  # it asks already
        return [Replace(now.draft, draft.model_copy(update={"state_reason": fate.reason}))]
    changed = moved(draft, fate.state, reason=fate.reason, at=desk.clock.now())
    if fate.state is DraftState.PENDING:
        changed = changed.model_copy(update={"decided_by": None, "decided_at": None})
    writes: list[Write] = [Replace(now.draft, changed)]
    if now.approval is not None and now.approval.entity.state is ApprovalState.GIVEN:
        sent = fate.state is DraftState.SENT_BY_OPERATOR
        writes.append(_became(now.approval, ApprovalState.USED if sent else ApprovalState.WITHDRAWN))
    told = Noted(action=f"draft.{fate.state}", draft=changed, reason=fate.reason)
    return [*writes, *desk.audit.writes(told, by=by_stage("write_draft"), workspace_id=draft.workspace_id)]


def _became(approval: Snapshot[Approval], state: ApprovalState) -> Write:
    return Replace(approval, approval.entity.model_copy(update={"state": state}))
