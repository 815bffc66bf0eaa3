"""After a mail has left another way than through Gmail: its copy stands among the sent mails, and its draft does not stand any more.

Never before it is known to have left: until then the draft is what an operator has. Used by settle.
"""

from contextlib import suppress

from shared.domain.approval import Approval
from shared.domain.carrying import Word
from shared.domain.draft import Draft
from shared.domain.sends import Departure, Send
from shared.domain.ways import Way
from shared.ports.errors import NotFound, Permanent, ReconnectNeeded
from shared.ports.mailbox import Mailbox
from shared.ports.store import Key
from shared.stages.deciding.desk import Desk, placed_as
from shared.stages.deciding.enclosing import why_not_enclosed
from shared.stages.listening.catching_up import stands_untouched
from shared.stages.sending.parcels import approved_bytes, as_it_leaves, left_as

NOT_KEPT = "it left; Gmail would not keep a copy of it: "


def brought_home(entry: Send, *, mailbox: Mailbox, desk: Desk) -> tuple[Departure, str]:
    """How it left, and what is to be said about it. Safe to repeat; whatever may work later is raised."""
    approval, draft = desk.store.read(Key(Approval, entry.workspace_id, entry.approval_id), Key(Draft, entry.workspace_id, entry.draft_id))
    if approval is None or draft is None:
        raise Permanent(f"send {entry.id} has no approval or no draft")
    departure, note = entry.departure or left_as(entry, draft.entity), _fate_of(entry)
    try:
        departure = _copied(entry, departure, approval.entity, draft.entity, mailbox, desk)
    except ReconnectNeeded:
        raise
    except Permanent as error:
        note = NOT_KEPT + error.detail
    _withdraw(draft.entity, mailbox)
    return departure, note


def _fate_of(entry: Send) -> str:
    if entry.way is not Way.SENDGRID:
        return ""
    if entry.fate is None:
        return "SendGrid has told nothing of it for three days"
    return "" if entry.fate.word is Word.DELIVERED else f"their mail server has not taken it ({entry.fate.word}): {entry.fate.reason}"


def _copied(entry: Send, departure: Departure, approval: Approval, draft: Draft, mailbox: Mailbox, desk: Desk) -> Departure:
    """The copy may be there: of an earlier delivery, or of a mail server that keeps them itself."""
    copy = mailbox.sent_of(draft_id=entry.draft_id, thread_id=departure.thread_id)
    if copy is None:
        files, not_enclosed = why_not_enclosed(draft, desk.store.workspace(workspace_id=entry.workspace_id), desk=desk)
        approved = b"" if not_enclosed else approved_bytes(approval, draft, mailbox, files)
        if not approved:
            raise Permanent(not_enclosed or "it can no longer be written as it was approved")
        copy = mailbox.keep_sent(raw=as_it_leaves(entry, approved), thread_id=departure.thread_id)
    return departure.model_copy(update={"gmail_message_id": copy.gmail_message_id, "thread_id": copy.thread_id})


def _withdraw(draft: Draft, mailbox: Mailbox) -> None:
    """Nothing a person has touched is ever taken away."""
    found = mailbox.find_draft(gmail_draft_id=placed_as(draft).gmail_draft_id)
    if found is not None and stands_untouched(draft, found):
        with suppress(NotFound):
            mailbox.withdraw_draft(gmail_draft_id=found.gmail_draft_id)
