"""The mailbox of one operator."""

from collections.abc import Callable, Sequence
from typing import Protocol

from shared.domain.conversation import MailRef, Thread
from shared.domain.draft import Draft, Placement
from shared.domain.entity import Value
from shared.domain.workspace import Operator


class FoundDraft(Value):
    """A draft that stands in the mailbox. `ours` is our own header's value (the draft's id), empty for a person's draft.

    `content_hash` is `shared.domain.draft.content_hash` of what stands there now.
    """

    gmail_draft_id: str
    gmail_message_id: str
    thread_id: str
    ours: str
    content_hash: str
    url: str = ""


class SendAs(Value):
    """An identity the operator may write under."""

    address: str
    display_name: str
    signature: str
    is_default: bool


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

    def replace_draft(self, *, gmail_draft_id: str, draft: Draft) -> Placement:
        """Overwrites a draft of ours; the message id changes, the draft id does not. NotFound when it is gone."""

    def send_as(self) -> Sequence[SendAs]: ...


MailboxOf = Callable[[Operator], Mailbox]
