"""How a send ends: sent, parked, cancelled, failed or voided, in one commit with what that means for its draft, approval and quotas."""

from dataclasses import dataclass
from enum import StrEnum

from shared.domain.approval import Approval, ApprovalState
from shared.domain.audit import Actor
from shared.domain.draft import DraftState, moved
from shared.domain.sends import Attempt, Departure, Send, SendState
from shared.ports.errors import Conflict, NotFound
from shared.ports.mailbox import Mailbox, SentMail
from shared.ports.store import Replace, Snapshot, Write
from shared.stages.auditing import Noted
from shared.stages.case import Case, released
from shared.stages.desk import Desk


class End(StrEnum):
    SENT = "sent"
    PARKED = "parked"
    CANCELLED = "cancelled"
    FAILED = "failed"
    VOIDED = "voided"


ASKS_AGAIN = frozenset({End.CANCELLED, End.FAILED, End.VOIDED})
"""Nothing left, and the draft waits for another decision."""


@dataclass(frozen=True)
class Ending:
    """`reason` in an operator's words; `rule` names what decided it."""

    end: End
    reason: str
    rule: str = ""
    departure: Departure | None = None


def end_send(
    send: Snapshot[Send], approval: Snapshot[Approval], case: Case, ending: Ending, *, by: Actor, desk: Desk
) -> Snapshot[Send] | None:
    """The send as it ended; None when somebody else has moved it meanwhile: whoever that is meets the same mailbox, and the same truth."""
    now = desk.clock.now()
    attempts = _told(send.entity.attempts, ending)
    departure = ending.departure or send.entity.departure
    over = send.entity.moved(
        SendState(ending.end),
        at=now,
        note=ending.reason,
        lease=None,
        attempts=attempts,
        departure=departure,
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
        [version, *_] = desk.store.commit(Replace(send, over), *_consequences(send.entity, approval, case, ending, desk=desk), *entries)
    except Conflict:
        return None
    return Snapshot(over, version)


def _told(attempts: tuple[Attempt, ...], ending: Ending) -> tuple[Attempt, ...]:
    if not attempts:
        return attempts
    return (*attempts[:-1], attempts[-1].model_copy(update={"outcome": ending.end.value}))


def _consequences(send: Send, approval: Snapshot[Approval], case: Case, ending: Ending, *, desk: Desk) -> list[Write]:
    if ending.end is End.PARKED:
        return []
    if ending.end is End.SENT:
        return [_became(approval, ApprovalState.USED)]
    writes = [_became(approval, ApprovalState.WITHDRAWN), *released(case, send.id)]
    draft = case.draft
    if draft.entity.state is DraftState.APPROVED:
        asks = moved(draft.entity, DraftState.PENDING, reason=ending.reason, at=desk.clock.now())
        writes.append(Replace(draft, asks.model_copy(update={"decided_by": None, "decided_at": None})))
    return writes


def _became(approval: Snapshot[Approval], state: ApprovalState) -> Write:
    return Replace(approval, approval.entity.model_copy(update={"state": state}))


def departure_of(sent: SentMail) -> Departure:
    return Departure(gmail_message_id=sent.gmail_message_id, thread_id=sent.thread_id, message_id=sent.message_id, at=sent.sent_at)


def settle(send: Snapshot[Send], *, mailbox: Mailbox, desk: Desk) -> None:
    """Read back what really left: its Message-ID, by which answers will name it, and its thread."""
    departure = send.entity.departure
    note = "left without a trace in the mailbox" if departure is None else ""
    if departure is not None:
        try:
            departure = departure_of(mailbox.sent_mail(gmail_message_id=departure.gmail_message_id))
        except NotFound:
            note = "the sent mail was deleted before it could be read back"
    settled = send.entity.moved(SendState.SETTLED, at=desk.clock.now(), note=note, departure=departure)
    try:
        desk.store.commit(Replace(send, settled))
    except Conflict:
        return  # another delivery has read it back
