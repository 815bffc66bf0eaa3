"""Which identity a mail is written under, and whether Gmail still sends under it. Used by place_draft and by everybody who decides."""

from shared.domain.draft import Draft
from shared.domain.sender import Sender
from shared.domain.workspace import Operator
from shared.ports.mailbox import Mailbox, SenderUnusable

WRITE_AGAIN = "edit it, or have it written anew, and it will say so"


def chosen_sender(operator: Operator, mailbox: Mailbox) -> Sender | None:
    """As Gmail tells it now; None where the operator has chosen none. Raises SenderUnusable."""
    return mailbox.sender(address=operator.send_as) if operator.send_as else None


def next_sender(draft: Draft, operator: Operator, mailbox: Mailbox) -> Sender | None:
    """Of a text that is written now. An identity that cannot be used stays as it was: nobody can approve it before that is mended."""
    try:
        return chosen_sender(operator, mailbox)
    except SenderUnusable:
        return draft.sender


def why_not_from(draft: Draft, operator: Operator, mailbox: Mailbox) -> str:
    """Why it must not be written or leave under its sender, in words that say what to do; empty when it may."""
    try:
        chosen = chosen_sender(operator, mailbox)
    except SenderUnusable as error:
        return error.detail
    if chosen == draft.sender:
        return ""
    now, written = ((one.address if one else draft.mailbox) for one in (chosen, draft.sender))
    if now != written:
        return f"it was written as {written}, and you write as {now} now: {WRITE_AGAIN}"
    return f"the name or signature of {now} was changed in Gmail since it was written: {WRITE_AGAIN}"
