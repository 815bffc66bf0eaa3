"""Carried: what a carrier tells of its mails settles them, fails them, or keeps us from writing again. Called by sendgrid_events.

Each event may come twice, late and out of order. Nothing is taken back that another event has proved.
"""

from collections.abc import Iterable

from shared.domain.approval import Approval
from shared.domain.audit import by_stage
from shared.domain.carrying import FINAL, TAKEN, CarrierEvent, Told, Word
from shared.domain.ids import WorkspaceId
from shared.domain.sends import FINISHED, Send, SendState
from shared.domain.suppression import Cause, Scope, Subject
from shared.domain.ways import Way
from shared.ports.errors import Busy, Conflict, Permanent, Rejected
from shared.ports.store import Create, Key, Replace, Snapshot, Write
from shared.stages.audit.trail import Noted
from shared.stages.deciding.case import read_case
from shared.stages.deciding.desk import Desk
from shared.stages.deciding.send_tasks import owed_send
from shared.stages.policy.suppressions import Wish
from shared.stages.policy.wishes import heard_wish
from shared.stages.sending.ending import End, Ending, end_send
from shared.stages.sending.parcels import left_as

BY = by_stage("sendgrid_events")
MOST_TOLD = 50
"""Of one send: a mail that is deferred for days tells so every time."""
CAUSES = {Word.COMPLAINED: Cause.COMPLAINT, Word.UNSUBSCRIBED: Cause.OPT_OUT, Word.BOUNCED: Cause.BOUNCE}
WHY_DROPPED = {
    "unsubscribed address": Cause.OPT_OUT,
    "spam reporting address": Cause.COMPLAINT,
    "bounced address": Cause.BOUNCE,
    "invalid": Cause.BOUNCE,
}
"""The carrier's own lists say why it does not write to somebody: then we must not either."""


def hear_carrier(events: Iterable[CarrierEvent], *, workspace_id: WorkspaceId, desk: Desk) -> int:
    """How many were taken in. Busy, after all the others, when a send is under way or has just changed: the batch comes again."""
    heard, busy = 0, None
    for event in events:
        try:
            heard += _heard(event, workspace_id, desk)
        except (Busy, Conflict) as error:
            busy = error
    if busy is not None:
        raise Busy(busy.detail)
    return heard


def _heard(event: CarrierEvent, workspace_id: WorkspaceId, desk: Desk) -> bool:
    _suppress(event, workspace_id, desk)
    [found] = desk.store.read(Key(Send, workspace_id, event.send_id)) if event.send_id else [None]
    if found is None or found.entity.way is not Way.SENDGRID or any(one.id == event.id for one in found.entity.told):
        return False
    if event.address == found.entity.recipient.lower():
        found = _moved_on(found, event, desk)
    _note(found, event, desk)
    return True


def _suppress(event: CarrierEvent, workspace_id: WorkspaceId, desk: Desk) -> None:
    cause = WHY_DROPPED.get(event.reason.strip().lower()) if event.word is Word.DROPPED else CAUSES.get(event.word)
    if cause is None:
        return
    subject = Subject(scope=Scope.ADDRESS, value=event.address)
    wish = Wish(subject, cause, f"SendGrid: {event.word}")
    try:
        heard_wish(wish, workspace_id=workspace_id, by=BY, suppressions=desk.suppressions, outbox=desk.outbox)
    except Rejected:
        return  # no address anybody could have


def _moved_on(found: Snapshot[Send], event: CarrierEvent, desk: Desk) -> Snapshot[Send]:
    """The send in the state this event proves, if that is another one. Raises Busy while its delivery is acting."""
    entry = found.entity
    held = entry.lease is not None and entry.lease.until > desk.clock.now()
    if entry.state is SendState.CLAIMED and held and not entry.attempts[-1].outcome:
        raise Busy(f"send {entry.id} is being sent")
    if event.word is Word.DROPPED and entry.state in (SendState.SENT, SendState.PARKED, SendState.CLAIMED):
        return _ended(found, Ending(End.FAILED, f"SendGrid has not sent it: {event.reason or 'dropped'}", "dropped"), desk)
    if event.word in TAKEN and entry.attempts and entry.state not in FINISHED:
        return _ended(found, Ending(End.SENT, "SendGrid says that it left", event.word), desk, receipt=event.receipt)
    return found


def _ended(found: Snapshot[Send], ending: Ending, desk: Desk, *, receipt: str = "") -> Snapshot[Send]:
    entry = found.entity
    approval = desk.store.get(Approval, workspace_id=entry.workspace_id, id=entry.approval_id)
    if approval is None:
        raise Permanent(f"send {entry.id} has no approval")
    case = read_case(entry.workspace_id, entry.draft_id, store=desk.store, suppressions=desk.suppressions)
    if ending.end is End.SENT:
        departure = left_as(entry, case.draft.entity).model_copy(update={"receipt": receipt})
        ending = Ending(ending.end, ending.reason, ending.rule, departure)
    return end_send(found, approval, case, ending, by=BY, desk=desk)


def _note(found: Snapshot[Send], event: CarrierEvent, desk: Desk) -> None:
    """What was told stands with the send; what ends it calls it once more, to be brought home."""
    entry, now = found.entity, desk.clock.now()
    about = "" if event.address == entry.recipient.lower() else event.address
    told = Told(id=event.id, word=event.word, at=event.at, reason=event.reason, about=about)
    ends = entry.state is SendState.SENT and event.word in FINAL and not about
    changes = {"due_at": now, "round": entry.round + 1} if ends else {}
    noted = entry.model_copy(update={"told": (*entry.told, told)[-MOST_TOLD:], "updated_at": now, **changes})
    owed = [owed_send(noted)] if ends else []
    desk.store.commit(Replace(found, noted), *(Create(one) for one in owed), *_entries(noted, event, desk))
    desk.outbox.flush(entries=owed)


def _entries(noted: Send, event: CarrierEvent, desk: Desk) -> tuple[Write, ...]:
    if event.word in (Word.PROCESSED, Word.DEFERRED):
        return ()
    told = Noted(action=f"send.{event.word}", send=noted, reason=f"told by SendGrid; the send is {noted.state}", evidence=(event.id,))
    return desk.audit.writes(told, by=BY, workspace_id=noted.workspace_id)
