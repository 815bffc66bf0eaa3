"""The mailbox of one operator."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from shared.domain.conversation import Direction, MailRef, Thread
from shared.domain.draft import Draft, Placement
from shared.domain.entity import Value
from shared.domain.sender import Sender
from shared.domain.workspace import Operator
from shared.ports.errors import NotFound, ReconnectNeeded


class FoundDraft(Value):
    """A draft that stands in the mailbox. `ours` is our own header's value (the draft's id), empty for a person's draft.

    `content_hash` is `shared.domain.draft.content_hash` of what stands there now, other parts than the text included. `sender` is
    what `shared.domain.sender.headers_of` makes of From and Reply-To. `bare`: nobody in copy.
    """

    gmail_draft_id: str
    gmail_message_id: str
    thread_id: str
    ours: str
    content_hash: str
    sender: tuple[str, str, str] = ("", "", "")
    bare: bool = True
    url: str = ""


class SenderUnusable(ReconnectNeeded):
    """Gmail would send under another address: the operator has to set up this one again. `detail` says how."""


class SentMail(Value):
    """A mail that has left. `ours` is our own header's value (the draft's id); `message_id` the RFC 5322 one it really bears."""

    gmail_message_id: str
    thread_id: str
    message_id: str
    ours: str
    sent_at: datetime


class SeenMail(Value):
    """A mail that history tells of, by its headers alone."""

    gmail_message_id: str
    thread_id: str
    direction: Direction
    sender: str  # address, lower case
    ours: str = ""  # our own header's value: a draft of ours that was sent
    automatic: bool = False
    sent_at: datetime


class MailNews(Value):
    """What has happened since a cursor. `gone` are Gmail ids of messages that vanished: a draft saved anew, sent or deleted, or a mail."""

    cursor: str
    arrived: tuple[SeenMail, ...] = ()  # received or sent; drafts, spam and trash are not among them
    gone: tuple[str, ...] = ()


class HistoryGone(NotFound):
    """The cursor is older than what the mailbox remembers: look at everything that matters, one by one."""


class Mailbox(Protocol):
    def thread(self, *, thread_id: str) -> Thread:
        """Raises NotFound."""

    def newest_thread_with(self, *, address: str) -> Thread | None:
        """The most recent conversation with this person (either direction); drafts, spam and trash do not count."""

    def listed_about(self, *, addresses: Sequence[str], domains: Sequence[str], limit: int) -> Sequence[MailRef]:
        """The newest mails from or to these addresses or domains, in one round trip; trash, spam and drafts do not count."""

    def drafts_to(self, *, recipient: str, thread_id: str) -> Sequence[FoundDraft]:
        """Drafts in this thread, or (thread_id empty) to this recipient."""

    def find_draft(self, *, gmail_draft_id: str) -> FoundDraft | None: ...

    def create_draft(self, *, draft: Draft) -> Placement:
        """Puts the draft into its thread with our header. Raises OutcomeUnknown when it may have happened."""

    def replace_draft(self, *, gmail_draft_id: str, draft: Draft, files: Sequence[bytes] = ()) -> Placement:
        """Overwrites a draft of ours; the message id changes, the draft id does not. NotFound when it is gone."""

    def composed(self, *, draft: Draft, files: Sequence[bytes] = ()) -> bytes:
        """The RFC 5322 message of a draft: the same bytes every time. Rejected, naming the field, when it cannot be one.

        `files` are what `draft.text.files` describe, in their order.
        """

    def send_draft(self, *, gmail_draft_id: str, raw: bytes, thread_id: str) -> SentMail:
        """Sends this draft with exactly these bytes; afterwards the draft is gone, which is the fence: a second call finds nothing.

        Raises NotFound when it is gone, OutcomeUnknown when it may have left, and anything else when it certainly has not.
        """

    def withdraw_draft(self, *, gmail_draft_id: str) -> None:
        """Takes a draft away without sending it. NotFound when it is gone."""

    def keep_sent(self, *, raw: bytes, thread_id: str) -> SentMail:
        """Puts what left another way among the sent mails, in its thread. OutcomeUnknown when it may have happened: look with `sent_of`."""

    def sent_of(self, *, draft_id: str, thread_id: str) -> SentMail | None:
        """The mail with our header of this draft, looked for in the thread and among the newest sent mails."""

    def sent_mail(self, *, gmail_message_id: str) -> SentMail:
        """Reads back what left. Raises NotFound."""

    def position(self) -> str:
        """The cursor of this moment."""

    def news(self, *, since: str) -> MailNews:
        """Everything since that cursor. Raises HistoryGone."""

    def sender(self, *, address: str) -> Sender:
        """One of the identities the operator may send as, as it is now. Raises SenderUnusable when it is none, or not confirmed."""


MailboxOf = Callable[[Operator], Mailbox]
