"""Send: lets an approved mail leave exactly once, or says why it does not. Called by the send queue, as often as it takes.

The Gmail draft is the fence: it can be sent once. Other ways out have none: what has no known end there is never tried again. Everything is
judged anew after the claim; a call of which nobody knows the end is looked into after five minutes and never repeated blindly.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from shared.domain.approval import Approval
from shared.domain.audit import by_stage
from shared.domain.draft import Draft
from shared.domain.lease import Lease
from shared.domain.quotas import Reservation
from shared.domain.sends import SEND_LEASE, WAITING, Attempt, Send, SendState
from shared.domain.wire import Go, Judgement, Situation, Void, Wait, judged
from shared.domain.work import Work
from shared.ports.errors import Busy, Conflict, NotFound, OutcomeUnknown, Permanent, ReconnectNeeded, SalesAgentError, Transient
from shared.ports.mailbox import FoundDraft, Mailbox
from shared.ports.store import Replace, Snapshot
from shared.resilience.together import together
from shared.stages.deciding.case import Case, read_case, reread
from shared.stages.deciding.desk import placed_as, thread_head
from shared.stages.deciding.enclosing import why_not_enclosed
from shared.stages.drafting.senders import why_not_from
from shared.stages.listening.catching_up import Listener, catch_up, fate_of, stands_untouched
from shared.stages.policy.staff import left_words
from shared.stages.sending.ending import End, Ending, departure_of, end_send, settle
from shared.stages.sending.leaving import Leaving, Wire
from shared.stages.sending.parcels import approved_bytes, parcel_of
from shared.stages.sending.postponing import given_back, look_later, try_later, wait

GONE_FROM_GMAIL = "the draft is not in Gmail any more"
NOBODY_KNOWS = "nobody can tell whether it left: look into the mailbox, then say what happened"
NOBODY_TOLD = "nobody can tell whether it left: ask whoever carries the mail, or the recipient, then say what happened"
NOBODY_LOOKS = "nobody can look whether it left; ask them, then say what happened"
SOON = timedelta(minutes=1)
"""A task that comes so much too early waits for its time; one that comes earlier is not the one that was owed for that time."""
ENOUGH = timedelta(minutes=1)
"""What must be left of the lease when the call is made: it ends before anybody else may look."""


@dataclass(frozen=True)
class Seen:
    """What Gmail and Drive show at the last moment: our draft, the newest mail of its thread, and what speaks against sender and files."""

    draft: FoundDraft | None
    head: str
    not_from: str
    not_enclosed: str
    raw: bytes  # as they were approved; empty: they cannot be had any more


def send(work: Work, *, wire: Wire) -> None:
    """`work.id` names a send. One that is over is left alone; one that somebody is sending right now makes this delivery Busy."""
    found = wire.store.get(Send, workspace_id=work.workspace_id, id=work.id)
    if found is None:
        raise NotFound(f"send {work.id} does not exist")
    entry, now = found.entity, wire.clock.now()
    if entry.state is SendState.SENT:
        settle(found, mailbox=_mailbox_of(entry, wire), desk=wire.desk)
    elif entry.state in WAITING:
        if _its_time_has_come(entry, wire):
            _try_to_leave(_read(found, wire=wire), wire=wire)
    elif entry.state is SendState.CLAIMED:
        if entry.lease is not None and entry.lease.until > now:
            raise Busy(f"send {entry.id} is being sent")
        _look_first(_read(found, wire=wire), wire=wire)


def _its_time_has_come(entry: Send, wire: Wire) -> bool:
    """Whoever sets the time owes the task for it: a delivery of an earlier round has nothing to do, and owes nothing."""
    early = entry.due_at - wire.clock.now()
    if timedelta(0) < early <= SOON:
        raise Busy(f"send {entry.id} is due in {early.total_seconds():.0f} s")
    return early <= timedelta(0)


def _read(found: Snapshot[Send], *, wire: Wire) -> Leaving:
    entry = found.entity
    approval = wire.store.get(Approval, workspace_id=entry.workspace_id, id=entry.approval_id)
    if approval is None:
        raise Permanent(f"send {entry.id} has no approval")
    case = read_case(entry.workspace_id, entry.draft_id, store=wire.store, suppressions=wire.desk.suppressions)
    return Leaving(found, approval, case)


def _judged(leaving: Leaving, *, wire: Wire) -> Judgement:
    case = leaving.case
    return judged(
        Situation(
            send=leaving.send.entity,
            approval=leaving.approval.entity,
            draft=case.draft.entity,
            policy=case.policy,
            operator=case.operator,
            relationship=case.relationship,
            books=case.shelf.books,
            mailbox=case.mailbox,
            heard=case.heard,
            suppressed=case.suppressed,
            zone=case.zone,
            production=wire.desk.production,
            now=wire.clock.now(),
        )
    )


def _try_to_leave(leaving: Leaving, *, wire: Wire) -> None:
    """Nothing has been tried yet, or what was tried certainly failed."""
    if leaving.case.sender is None:
        reason = f"{left_words(leaving.send.entity.operator_id)}: nothing was sent"
        _end(leaving, Ending(End.FAILED, reason, "operator"), wire=wire)
        return
    _listen(leaving.case, wire)
    leaving = _of_now(leaving, wire)
    match _judged(leaving, wire=wire):
        case Void(reason, rule):
            _end(leaving, Ending(End.VOIDED, reason, rule), wire=wire)
        case Wait() as held:
            wait(leaving, held, wire=wire)
        case Go(place):
            _leave(_claimed(leaving, place, wire=wire), wire=wire)


def _listen(case: Case, wire: Wire) -> None:
    """Everything the mailbox has heard up to now is in the store. One that cannot be read is judged as one that is not listened to."""
    desk = wire.desk
    with suppress(ReconnectNeeded):
        catch_up(Listener(case.workspace, case.operator, desk.mailbox(case.operator), desk.store, desk.clock, desk.audit))


def _of_now(leaving: Leaving, wire: Wire) -> Leaving:
    return replace(leaving, case=reread(leaving.case, store=wire.store, suppressions=wire.desk.suppressions))


def _claimed(leaving: Leaving, place: Reservation, *, wire: Wire) -> Leaving:
    """Ours until the lease ends, with a place in every quota, in one commit. Busy when another delivery was faster."""
    entry, now, shelf = leaving.send.entity, wire.clock.now(), leaving.case.shelf
    fence = entry.attempts[-1].fence + 1 if entry.attempts else 1
    lease = Lease(holder=wire.ids.new(), until=now + SEND_LEASE, fence=fence)
    attempts = (*entry.attempts, Attempt(fence=fence, at=place.at))
    claimed = entry.moved(SendState.CLAIMED, at=now, note="", lease=lease, attempts=attempts)
    try:
        [version, *_] = wire.store.commit(Replace(leaving.send, claimed), *shelf.writes(shelf.books.with_place(place, now=now)))
    except Conflict:
        raise Busy(f"send {entry.id} or its quotas have just changed") from None
    return replace(leaving, send=Snapshot(claimed, version))


def _leave(leaving: Leaving, *, wire: Wire) -> None:
    """After the claim: hear, look at Gmail, judge once more with what is true now, then the one call that cannot be taken back."""
    try:
        mailbox = wire.desk.mailbox(leaving.case.operator)
        _listen(leaving.case, wire)
        seen = _seen(leaving, mailbox, wire=wire)
        leaving = _of_now(leaving, wire)
        verdict = _last_word(leaving, seen, wire=wire)
    except SalesAgentError as error:  # this attempt has certainly let nothing leave
        if _is_for_good(error) and not leaving.send.entity.doubtful:
            _end(_of_now(leaving, wire), Ending(End.FAILED, error.detail, "gmail"), wire=wire)  # its own claim has written in the books
        else:
            try_later(leaving, error, wire=wire)
        return
    if seen.draft is None and leaving.send.entity.doubtful:  # an earlier attempt has had its effect after all
        _search(leaving, mailbox, wire=wire)
        return
    match verdict:
        case Void(reason, rule):
            fate = fate_of(leaving.case.draft.entity, mailbox) if rule == "fence" else None
            ending = Ending(End.VOIDED, reason, rule, draft=fate[0]) if fate else Ending(End.VOIDED, reason, rule)
            _end(leaving, ending, wire=wire)
        case Wait() as held:
            wait(leaving, held, wire=wire)
        case Go():
            _over_the_wire(leaving, mailbox, seen.raw, wire=wire)


def _seen(leaving: Leaving, mailbox: Mailbox, *, wire: Wire) -> Seen:
    draft = leaving.case.draft.entity
    found, head, not_from, (files, not_enclosed) = together(
        partial(_standing, draft, mailbox),
        partial(thread_head, draft, mailbox),
        partial(why_not_from, draft, leaving.case.operator, mailbox),
        partial(why_not_enclosed, draft, leaving.case.workspace, desk=wire.desk),
    )
    raw = b"" if not_enclosed else approved_bytes(leaving.approval.entity, draft, mailbox, files)
    return Seen(found, head, not_from, not_enclosed, raw)


def _is_for_good(error: SalesAgentError) -> bool:
    """Repeating would ask the same for ever, and nobody would hear of it; an account can be connected again."""
    return isinstance(error, Permanent) and not isinstance(error, ReconnectNeeded)


def _standing(draft: Draft, mailbox: Mailbox) -> FoundDraft | None:
    return mailbox.find_draft(gmail_draft_id=placed_as(draft).gmail_draft_id)


def _last_word(leaving: Leaving, seen: Seen, *, wire: Wire) -> Judgement:
    draft, approval = leaving.case.draft.entity, leaving.approval.entity
    if seen.draft is None:
        return Void(GONE_FROM_GMAIL, "fence")
    if not stands_untouched(draft, seen.draft):
        return Void("it was changed in Gmail", "fence")
    if seen.head != approval.thread_head:
        return Void("the conversation has gone on since this was approved", "fingerprint")
    if seen.not_from:
        return Void(seen.not_from, "sender")
    if seen.not_enclosed:
        return Void(seen.not_enclosed, "files")
    if not seen.raw:
        return Void("it can no longer be written as it was approved", "fingerprint")
    # its own place in the books is not in its way, nor is the moment of its own claim, nor who waits behind it
    books = leaving.case.shelf.books
    mine = leaving.send.entity.attempts[-1].at
    paced = books.mailbox.model_copy(update={"last_at": None if books.mailbox.last_at == mine else books.mailbox.last_at, "line": ()})
    shelf = replace(leaving.case.shelf, books=books.model_copy(update={"mailbox": paced}))
    return _judged(replace(leaving, case=replace(leaving.case, shelf=shelf)), wire=wire)


def _over_the_wire(leaving: Leaving, mailbox: Mailbox, raw: bytes, *, wire: Wire) -> None:
    entry, case = leaving.send.entity, leaving.case
    if entry.lease is None or entry.lease.until - wire.clock.now() < ENOUGH:
        raise Busy(f"send {entry.id} was claimed too long ago to be sent now")
    try:
        way_out = wire.ways_out.open(way=entry.way, workspace=case.workspace, operator=case.operator)
        departure = way_out.bring_out(parcel=parcel_of(leaving, raw))
    except OutcomeUnknown as error:
        look_later(leaving, error, wire=wire)
    except NotFound:  # somebody else has sent or deleted it at this very moment, or the call was made twice on the way
        look_later(leaving, OutcomeUnknown(GONE_FROM_GMAIL), wire=wire)
    except (Transient, Conflict, ReconnectNeeded) as error:
        try_later(leaving, error, wire=wire)
    except SalesAgentError as error:
        _end(leaving, Ending(End.FAILED, error.detail, entry.way), wire=wire)
    else:
        _has_left(leaving, Ending(End.SENT, "sent", departure=departure), mailbox, wire=wire)


def _look_first(leaving: Leaving, *, wire: Wire) -> None:
    """A delivery died, or never heard what became of its call. The fence still there: it has not left. Else it is found, or parked."""
    if leaving.case.sender is None:
        _end(leaving, Ending(End.PARKED, f"{left_words(leaving.send.entity.operator_id)}: {NOBODY_LOOKS}", "operator"), wire=wire)
        return
    mailbox = wire.desk.mailbox(leaving.case.operator)
    if leaving.send.entity.way.has_fence and _standing(leaving.case.draft.entity, mailbox) is not None:
        _try_to_leave(given_back(leaving, "the draft still stands in Gmail: it has not left", wire=wire), wire=wire)
        return
    _search(leaving, mailbox, wire=wire)


def _search(leaving: Leaving, mailbox: Mailbox, *, wire: Wire) -> None:
    """Something has been tried and no fence stands: found, it has left; not found, a person has to say."""
    draft = leaving.case.draft.entity
    sent = mailbox.sent_of(draft_id=draft.id, thread_id=placed_as(draft).thread_id)
    if sent is None:
        nobody_knows = NOBODY_KNOWS if leaving.send.entity.way.has_fence else NOBODY_TOLD
        _end(leaving, Ending(End.PARKED, nobody_knows, "unknown"), wire=wire)
        return
    _has_left(leaving, Ending(End.SENT, "found among the sent mails", departure=departure_of(sent)), mailbox, wire=wire)


def _has_left(leaving: Leaving, ending: Ending, mailbox: Mailbox, *, wire: Wire) -> None:
    sent = end_send(leaving.send, leaving.approval, leaving.case, ending, by=by_stage("send"), desk=wire.desk)
    settle(sent, mailbox=mailbox, desk=wire.desk)


def _end(leaving: Leaving, ending: Ending, *, wire: Wire) -> None:
    end_send(leaving.send, leaving.approval, leaving.case, ending, by=by_stage("send"), desk=wire.desk)


def _mailbox_of(entry: Send, wire: Wire) -> Mailbox | None:
    operator = wire.store.workspace(workspace_id=entry.workspace_id).operator_if_here(entry.operator_id)
    return wire.desk.mailbox(operator) if operator else None
