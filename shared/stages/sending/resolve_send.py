"""Resolve: what became of a parked send. The mailbox is asked first; a person's word decides only what the mailbox cannot tell.

Called by the API, the console and the command line.
"""

from contextlib import suppress
from enum import StrEnum

from shared.domain.approval import Approval
from shared.domain.audit import Actor
from shared.domain.draft import DraftState
from shared.domain.ids import WorkspaceId
from shared.domain.sends import Send, SendState
from shared.ports.errors import Busy, Conflict, NotFound, Rejected, SalesAgentError
from shared.ports.mailbox import Mailbox
from shared.ports.store import Create, Key, Replace, Snapshot
from shared.stages.audit.trail import Noted
from shared.stages.deciding.case import Case, read_case
from shared.stages.deciding.desk import Desk, placed_as
from shared.stages.deciding.send_tasks import owed_send
from shared.stages.sending.ending import End, Ending, departure_of, end_send, settle


class Word(StrEnum):
    LEFT = "left"
    NOT_LEFT = "not_left"


class NotParked(Rejected):
    """There is nothing to resolve. 409."""

    def __init__(self, state: SendState) -> None:
        super().__init__(f"the send is {state}, not parked: there is nothing to resolve", status=409)
        self.state = state


class WordNeeded(Rejected):
    """The mailbox does not tell."""

    def __init__(self) -> None:
        super().__init__("the mailbox does not show whether it left: say left or not_left", field="word", status=409)


def resolve_send(workspace_id: WorkspaceId, send_id: str, *, word: Word | None, actor: Actor, desk: Desk) -> Send:
    """The send as it goes on. Raises NotParked, WordNeeded, NotFound; Busy when it has just changed."""
    [found] = desk.store.read(Key(Send, workspace_id, send_id))
    if found is None:
        raise NotFound(f"send {send_id} does not exist")
    entry: Send = found.entity
    if entry.state is not SendState.PARKED:
        raise NotParked(entry.state)
    approval = desk.store.get(Approval, workspace_id=workspace_id, id=entry.approval_id)
    if approval is None:
        raise NotFound(f"the approval of send {send_id} does not exist")
    case = read_case(workspace_id, entry.draft_id, store=desk.store, suppressions=desk.suppressions)
    mailbox, placement = desk.mailbox(case.sender) if case.sender else None, placed_as(case.draft.entity)
    stands = mailbox is not None and mailbox.find_draft(gmail_draft_id=placement.gmail_draft_id) is not None
    if stands and entry.way.has_fence:
        return _approved_again(found, case, actor=actor, desk=desk)
    ending = _ending(case, word, mailbox, stands=stands, actor=actor)
    ended = end_send(found, approval, case, ending, by=actor, desk=desk)
    if ending.end is End.SENT:
        with suppress(SalesAgentError):  # what became of it is stored; it is read back with the next look
            return settle(ended, mailbox=mailbox, desk=desk)
    return ended.entity


def _ending(case: Case, word: Word | None, mailbox: Mailbox | None, *, stands: bool, actor: Actor) -> Ending:
    """The draft is gone, nobody can look, or it is no fence. What the mailbox shows is true whatever anybody says."""
    sent = mailbox.sent_of(draft_id=case.draft.entity.id, thread_id=placed_as(case.draft.entity).thread_id) if mailbox else None
    if sent is not None:
        return Ending(End.SENT, "found among the sent mails", "mailbox", departure=departure_of(sent))
    if word is Word.LEFT:
        return Ending(End.SENT, f"{actor.label} says that it left", "person")
    if word is Word.NOT_LEFT:
        draft = DraftState.PENDING if stands else DraftState.DISCARDED
        return Ending(End.CANCELLED, f"{actor.label} says that it did not leave", "person", draft=draft)
    raise WordNeeded


def _approved_again(found: Snapshot[Send], case: Case, *, actor: Actor, desk: Desk) -> Send:
    """The draft stands, so it has not left: it goes on from where it was."""
    now, note = desk.clock.now(), "the draft still stands in Gmail: it has not left"
    entry = found.entity
    again = entry.moved(SendState.APPROVED, at=now, note=note, due_at=now, round=entry.round + 1)
    told = Noted(action="send.resumed", send=again, draft=case.draft.entity, reason=note, policy_version=case.policy.version)
    owed = owed_send(again)
    entries = desk.audit.writes(told, by=actor, workspace_id=again.workspace_id)
    try:
        desk.store.commit(Replace(found, again), Create(owed), *entries)
    except Conflict:
        raise Busy(f"send {entry.id} has just changed") from None
    desk.outbox.flush(entries=[owed])
    return again
