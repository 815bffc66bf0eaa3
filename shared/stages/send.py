"""Send: lets an approved mail leave exactly once, or says why it does not. Called by the send queue, as often as it takes.

The Gmail draft is the fence: it can be sent once. Everything is judged anew after the claim; a call of which nobody knows the end is looked
into after five minutes and never repeated blindly.
"""

import base64
from contextlib import suppress
from dataclasses import replace

from shared.domain.approval import Approval
from shared.domain.audit import by_stage
from shared.domain.draft import Draft
from shared.domain.lease import Lease
from shared.domain.sends import SEND_LEASE, WAITING, Attempt, Send, SendState
from shared.domain.wire import Go, Judgement, Situation, Void, Wait, judged
from shared.domain.work import Work
from shared.ports.errors import Busy, Conflict, NotFound, OutcomeUnknown, Permanent, ReconnectNeeded, SalesAgentError, Transient
from shared.ports.mailbox import FoundDraft, Mailbox
from shared.ports.store import Replace, Snapshot
from shared.stages.case import Case, read_case, reread
from shared.stages.desk import placed_as
from shared.stages.ending import End, Ending, departure_of, end_send, settle
from shared.stages.leaving import Leaving, Wire
from shared.stages.listening import Listener, catch_up, stands_untouched
from shared.stages.postponing import given_back, look_later, try_later, wait

GONE_FROM_GMAIL = "the draft is not in Gmail any more"
NOBODY_KNOWS = "nobody can tell whether it left: look into the mailbox, then say what happened"


def send(work: Work, *, wire: Wire) -> None:
    """`work.id` names a send. One that is over is left alone; one that somebody is sending right now makes this delivery Busy."""
    found = wire.store.get(Send, workspace_id=work.workspace_id, id=work.id)
    if found is None:
        raise NotFound(f"send {work.id} does not exist")
    entry, now = found.entity, wire.clock.now()
    if entry.state is SendState.SENT:
        settle(found, mailbox=_mailbox_of(entry, wire), desk=wire.desk)
    elif entry.state in WAITING:
        _try_to_leave(_read(found, wire=wire), wire=wire)
    elif entry.state is SendState.CLAIMED:
        if entry.lease is not None and entry.lease.until > now:
            raise Busy(f"send {entry.id} is being sent")
        _look_first(_read(found, wire=wire), wire=wire)


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
            production=wire.production,
            now=wire.clock.now(),
        )
    )


def _try_to_leave(leaving: Leaving, *, wire: Wire) -> None:
    """Nothing has been tried yet, or what was tried certainly failed."""
    leaving = _listened(leaving, wire=wire)
    match _judged(leaving, wire=wire):
        case Void(reason, rule):
            _end(leaving, End.VOIDED, reason, rule, wire=wire)
        case Wait(reason, until):
            wait(leaving, reason, until, wire=wire)
        case Go():
            _leave(_claimed(leaving, wire=wire), wire=wire)


def _listened(leaving: Leaving, *, wire: Wire) -> Leaving:
    """With everything the mailbox has heard up to now. One that cannot be read is judged as one that is not listened to."""
    with suppress(ReconnectNeeded):
        catch_up(_ears(leaving.case, wire))
    return replace(leaving, case=reread(leaving.case, store=wire.store, suppressions=wire.desk.suppressions))


def _ears(case: Case, wire: Wire) -> Listener:
    desk = wire.desk
    return Listener(case.workspace, case.operator, desk.mailbox(case.operator), desk.store, desk.clock, desk.audit)


def _claimed(leaving: Leaving, *, wire: Wire) -> Leaving:
    """Ours until the lease ends, with a place in every quota, in one commit. Busy when another delivery was faster."""
    entry, now, case = leaving.send.entity, wire.clock.now(), leaving.case
    fence = entry.lease.fence + 1 if entry.lease else 1
    lease = Lease(holder=wire.ids.new(), until=now + SEND_LEASE, fence=fence)
    attempts = (*entry.attempts, Attempt(fence=fence, at=now))
    claimed = entry.moved(SendState.CLAIMED, at=now, note="", lease=lease, attempts=attempts)
    go = _judged(leaving, wire=wire)
    books = case.shelf.books.with_place(go.place, now=now) if isinstance(go, Go) else case.shelf.books
    try:
        [version, *_] = wire.store.commit(Replace(leaving.send, claimed), *case.shelf.writes(books))
    except Conflict:
        raise Busy(f"send {entry.id} or its quotas have just changed") from None
    return replace(leaving, send=Snapshot(claimed, version))


def _leave(leaving: Leaving, *, wire: Wire) -> None:
    """After the claim: look at Gmail, judge once more with what is true now, then the one call that cannot be taken back."""
    try:
        mailbox = wire.desk.mailbox(leaving.case.operator)
        found = mailbox.find_draft(gmail_draft_id=placed_as(leaving.case.draft.entity).gmail_draft_id)
        leaving = _listened(leaving, wire=wire)
        verdict = _last_word(leaving, found, mailbox, wire=wire)
    except SalesAgentError as error:  # certainly nothing has left
        try_later(leaving, error, wire=wire)
        return
    if found is None and len(leaving.send.entity.attempts) > 1:  # an earlier attempt has had its effect after all
        _search(leaving, mailbox, wire=wire)
        return
    match verdict:
        case Void(reason, rule):
            _end(leaving, End.VOIDED, reason, rule, wire=wire)
        case Wait(reason, until):
            wait(leaving, reason, until, wire=wire)
        case Go():
            _over_the_wire(leaving, mailbox, wire=wire)


def _last_word(leaving: Leaving, found: FoundDraft | None, mailbox: Mailbox, *, wire: Wire) -> Judgement:
    draft, approval = leaving.case.draft.entity, leaving.approval.entity
    if found is None:
        return Void(GONE_FROM_GMAIL, "fence")
    if not stands_untouched(draft, found):
        return Void("it was changed in Gmail", "fence")
    if draft.thread_id and _head_of(draft, mailbox) != approval.thread_head:
        return Void("the conversation has gone on since this was approved", "fingerprint")
    # its own place in the books is not in its way, nor is the moment of its own claim
    books = leaving.case.shelf.books
    mine = leaving.send.entity.attempts[-1].at
    paced = books.mailbox.model_copy(update={"last_at": None}) if books.mailbox.last_at == mine else books.mailbox
    shelf = replace(leaving.case.shelf, books=books.model_copy(update={"mailbox": paced}))
    return _judged(replace(leaving, case=replace(leaving.case, shelf=shelf)), wire=wire)


def _head_of(draft: Draft, mailbox: Mailbox) -> str:
    head = mailbox.thread(thread_id=draft.thread_id).head
    return head.message_id if head else ""


def _over_the_wire(leaving: Leaving, mailbox: Mailbox, *, wire: Wire) -> None:
    placement = placed_as(leaving.case.draft.entity)
    raw = base64.urlsafe_b64decode(leaving.approval.entity.raw)
    try:
        sent = mailbox.send_draft(gmail_draft_id=placement.gmail_draft_id, raw=raw, thread_id=leaving.case.draft.entity.thread_id)
    except OutcomeUnknown as error:
        look_later(leaving, error, wire=wire)
    except NotFound:  # somebody else has sent or deleted the draft at this very moment
        look_later(leaving, OutcomeUnknown(GONE_FROM_GMAIL), wire=wire)
    except (Transient, ReconnectNeeded) as error:
        try_later(leaving, error, wire=wire)
    except SalesAgentError as error:
        _end(leaving, End.FAILED, error.detail, "gmail", wire=wire)
    else:
        _has_left(leaving, Ending(End.SENT, "sent", departure=departure_of(sent)), mailbox, wire=wire)


def _look_first(leaving: Leaving, *, wire: Wire) -> None:
    """A delivery died, or never heard what became of its call. The draft still there: it has not left. Gone: it is found, or parked."""
    draft = leaving.case.draft.entity
    mailbox, placement = wire.desk.mailbox(leaving.case.operator), placed_as(draft)
    found = mailbox.find_draft(gmail_draft_id=placement.gmail_draft_id)
    if found is not None:
        _try_to_leave(given_back(leaving, "the draft still stands in Gmail: it has not left", wire=wire), wire=wire)
        return
    _search(leaving, mailbox, wire=wire)


def _search(leaving: Leaving, mailbox: Mailbox, *, wire: Wire) -> None:
    """The draft is gone and something has been tried: found, it has left; not found, a person has to say."""
    draft = leaving.case.draft.entity
    sent = mailbox.sent_of(draft_id=draft.id, thread_id=placed_as(draft).thread_id)
    if sent is None:
        _end(leaving, End.PARKED, NOBODY_KNOWS, "unknown", wire=wire)
        return
    _has_left(leaving, Ending(End.SENT, "found among the sent mails", departure=departure_of(sent)), mailbox, wire=wire)


def _has_left(leaving: Leaving, ending: Ending, mailbox: Mailbox, *, wire: Wire) -> None:
    sent = end_send(leaving.send, leaving.approval, leaving.case, ending, by=by_stage("send"), desk=wire.desk)
    if sent is not None:
        settle(sent, mailbox=mailbox, desk=wire.desk)


def _end(leaving: Leaving, end: End, reason: str, rule: str, *, wire: Wire) -> None:
    end_send(leaving.send, leaving.approval, leaving.case, Ending(end, reason, rule=rule), by=by_stage("send"), desk=wire.desk)


def _mailbox_of(entry: Send, wire: Wire) -> Mailbox:
    return wire.desk.mailbox(wire.store.workspace(workspace_id=entry.workspace_id).operator(entry.operator_id))
