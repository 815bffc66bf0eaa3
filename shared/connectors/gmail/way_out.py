"""The WayOut port over a Gmail mailbox: its own draft is sent, and with it goes the fence. Named in the registry."""

from shared.domain.sends import Departure
from shared.domain.workspace import Operator
from shared.ports.mailbox import Mailbox, MailboxOf
from shared.ports.ways_out import Parcel


class GmailWay:
    """One mailbox."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    def bring_out(self, *, parcel: Parcel) -> Departure:
        sent = self._mailbox.send_draft(gmail_draft_id=parcel.gmail_draft_id, raw=parcel.raw, thread_id=parcel.thread_id)
        return Departure(gmail_message_id=sent.gmail_message_id, thread_id=sent.thread_id, message_id=sent.message_id, at=sent.sent_at)


class GmailWays:
    def __init__(self, *, mailbox: MailboxOf) -> None:
        self._mailbox = mailbox

    def open(self, *, operator: Operator) -> GmailWay:
        return GmailWay(self._mailbox(operator))
