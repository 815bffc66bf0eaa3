"""How a send ends: sent, parked, cancelled, failed or voided, in one commit with what that means for its draft, approval and quotas."""

from dataclasses import dataclass
from enum import StrEnum

from shared.domain.approval import Approval, ApprovalState
from shared.domain.audit import Actor, ActorKind
from shared.domain.draft import DraftState, moved
from shared.domain.notices import Concern, Matter, owed_notice
from shared.domain.outbox import Outgoing
from shared.domain.places import places_of
from shared.domain.sends import TOLD_WITHIN, WAITING, Attempt, Departure, Send, SendState
from shared.domain.ways import Way
from shared.ports.errors import Busy, Conflict, NotFound
from shared.ports.mailbox import Mailbox, SentMail
from shared.ports.store import Create, Replace, Snapshot, Write
from shared.stages.audit.trail import Noted
from shared.stages.deciding.case import Case, released
from shared.stages.deciding.desk import Desk
from shared.stages.policy.staff import left_words
from shared.stages.sending.bringing_home import brought_home


class End(StrEnum):
    SENT = "sent"
    PARKED = "parked"
    CANCELLED = "cancelled"
    FAILED = "failed"
    VOIDED = "voided"


@dataclass(frozen=True)
class Ending:
    """`reason` in an operator's words; `rule` names what decided it; `draft` is what becomes of the draft when nothing left."""

    end: End
    reason: str
    rule: str = ""
    departure: Departure | None = None
    draft: DraftState = DraftState.PENDING


def end_send(send: Snapshot[Send], approval: Snapshot[Approval], case: Case, ending: Ending, *, by: Actor, desk: Desk) -> Snapshot[Send]:
    """The send as it ended. Busy when it, or what its end changes, has just changed: look again."""
    over = send.entity.moved(
        SendState(ending.end),
        at=desk.clock.now(),
        note=ending.reason,
        lease=None,
        attempts=_told(send.entity, ending),
        departure=ending.departure or send.entity.departure,
        **_waiting_for_word(send.entity, ending, desk),
    )
    told = Noted(
        action=f"send.{ending.end}",
        send=over,
        draft=case.draft.entity,
        reason=ending.reason,
        policy_version=case.policy.version,
        evidence=tuple(one for one in (ending.rule, approval.entity.id) if one),
    )
    entries = desk.audit.writes(told, by=by, workspace_id=over.workspace_id)
    try:
        changes = _consequences(send.entity, approval, case, ending, desk=desk)
        owed = [Create(one) for one in _owed_notices(over, case, ending, by=by)]
        [version, *_] = desk.store.commit(Replace(send, over), *changes, *owed, *entries)
    except Conflict:
        raise Busy(f"send {over.id} or what it rests on has just changed") from None
    return Snapshot(over, version)


def _owed_notices(over: Send, case: Case, ending: Ending, *, by: Actor) -> list[Outgoing]:
    """Somebody has to act, and nobody who acts has brought it about. Left to the sweep."""
    if by.kind is not ActorKind.STAGE or ending.end in (End.SENT, End.CANCELLED) or not places_of(case.workspace):
        return []
    draft = case.draft.entity
    matter = Matter(concern=Concern.SENDS, id=over.id, occasion=over.state)
    if ending.end is End.VOIDED and ending.draft is DraftState.PENDING:  # it asks again
        matter = Matter(concern=Concern.APPROVALS, id=draft.id, occasion=str(draft.approvals))
    elif ending.end is End.VOIDED:
        return []
    return [owed_notice(matter, workspace_id=over.workspace_id, at=over.updated_at, trace_id=over.trace_id)]


def _waiting_for_word(send: Send, ending: Ending, desk: Desk) -> dict[str, object]:
    """What its carrier will tell of is called when it has been told, or when that has been waited for long enough."""
    waits = ending.end is End.SENT and send.way is Way.SENDGRID
    return {"due_at": desk.clock.now() + TOLD_WITHIN} if waits else {}


def _is_waited_for(send: Send, desk: Desk) -> bool:
    """Whether its carrier may still tell that it has not left after all."""
    return send.way is Way.SENDGRID and send.fate is None and send.due_at > desk.clock.now()


def _told(send: Send, ending: Ending) -> tuple[Attempt, ...]:
    """The attempt under way knows how it ended."""
    if not send.attempts or send.state in WAITING:
        return send.attempts
    return (*send.attempts[:-1], send.attempts[-1].model_copy(update={"outcome": ending.end.value}))


def _consequences(send: Send, approval: Snapshot[Approval], case: Case, ending: Ending, *, desk: Desk) -> list[Write]:
    if ending.end is End.PARKED:
        return []
    if ending.end is End.SENT:
        return [_became(approval, ApprovalState.USED), *_decided(case, DraftState.SENT, "", desk=desk)]
    asks = _decided(case, ending.draft, ending.reason, desk=desk, taken_back=send.state is SendState.SENT)
    return [_became(approval, ApprovalState.WITHDRAWN), *released(case, send.id), *asks]


def _became(approval: Snapshot[Approval], state: ApprovalState) -> Write:
    return Replace(approval, approval.entity.model_copy(update={"state": state}))


def _decided(case: Case, state: DraftState, reason: str, *, desk: Desk, taken_back: bool = False) -> list[Write]:
    """What becomes of the draft, unless something else has become of it already. One that asks again was decided by nobody."""
    draft = case.draft
    if draft.entity.state is not (DraftState.SENT if taken_back else DraftState.APPROVED):
        return []
    changed = moved(draft.entity, state, reason=reason, at=desk.clock.now())
    nobody: dict[str, object] = {"decided_by": None, "decided_at": None} if state is DraftState.PENDING else {}
    return [Replace(draft, changed.model_copy(update=nobody))]


def departure_of(sent: SentMail) -> Departure:
    return Departure(gmail_message_id=sent.gmail_message_id, thread_id=sent.thread_id, message_id=sent.message_id, at=sent.sent_at)


def settle(send: Snapshot[Send], *, mailbox: Mailbox | None, desk: Desk) -> Send:
    """Read back what really left: its Message-ID, by which answers will name it, and its thread; what left another way is brought home.

    No mailbox: its operator was removed.
    """
    if _is_waited_for(send.entity, desk):
        return send.entity
    departure = send.entity.departure
    note = "left without a trace in the mailbox" if departure is None else ""
    if mailbox is None:
        note = left_words(send.entity.operator_id)
    elif not send.entity.way.has_fence:
        departure, note = brought_home(send.entity, mailbox=mailbox, desk=desk)
    elif departure is not None:
        try:
            departure = departure_of(mailbox.sent_mail(gmail_message_id=departure.gmail_message_id))
        except NotFound:
            note = "the sent mail was deleted before it could be read back"
    settled = send.entity.moved(SendState.SETTLED, at=desk.clock.now(), note=note, departure=departure)
    try:
        desk.store.commit(Replace(send, settled))
    except Conflict:
        raise Busy(f"send {settled.id} is being read back") from None
    return settled
