"""A mailbox in memory: threads that can be read, drafts that can be placed, edited and deleted."""

from collections.abc import Sequence

from shared.connectors.gmail import mime
from shared.domain.conversation import MailRef, Message, Thread
from shared.domain.draft import Draft, Placement, draft_hash
from shared.domain.people import mail_domain
from shared.domain.workspace import Operator
from shared.ports.errors import NotFound
from shared.ports.mailbox import FoundDraft, SendAs, SentMail
from tests.builders import MONDAY


class MemoryMailbox:
    def __init__(self, *threads: Thread, identities: Sequence[SendAs] = ()) -> None:
        self.threads = list(threads)
        self.identities = tuple(identities)
        self.drafts: dict[str, tuple[FoundDraft, Draft]] = {}
        self.sent: list[SentMail] = []
        self.calls: list[str] = []
        self.sender_name = "Maria Costa"

    def of(self, operator: Operator) -> "MemoryMailbox":
        """As MailboxOf: the same mailbox for every operator."""
        return self

    def thread(self, *, thread_id: str) -> Thread:
        self.calls.append("thread")
        for one in self.threads:
            if one.id == thread_id:
                return one
        raise NotFound(f"no thread {thread_id}")

    def newest_thread_with(self, *, address: str) -> Thread | None:
        self.calls.append("newest_thread_with")
        known = [one for one in self.threads if any(_with(message, {address.lower()}, set()) for message in one.messages)]
        return max(known, key=lambda one: one.messages[-1].sent_at, default=None)

    def listed_about(self, *, addresses: Sequence[str], domains: Sequence[str], limit: int) -> Sequence[MailRef]:
        self.calls.append("listed_about")
        wanted, firms = {one.lower() for one in addresses}, {one.lower() for one in domains}
        found = [message for thread in self.threads for message in thread.messages if _with(message, wanted, firms)]
        newest = sorted(found, key=lambda one: one.sent_at, reverse=True)[:limit]
        return [MailRef(id=one.id, thread_id=one.thread_id) for one in newest]

    def drafts_to(self, *, recipient: str, thread_id: str) -> Sequence[FoundDraft]:
        self.calls.append("drafts_to")
        return [
            found
            for found, draft in self.drafts.values()
            if (found.thread_id == thread_id if thread_id else draft.recipient.lower() == recipient.lower())
        ]

    def find_draft(self, *, gmail_draft_id: str) -> FoundDraft | None:
        self.calls.append("find_draft")
        known = self.drafts.get(gmail_draft_id)
        return known[0] if known else None

    def create_draft(self, *, draft: Draft) -> Placement:
        self.calls.append("create_draft")
        return self._keep(f"r-{len(self.drafts) + 1}", draft)

    def replace_draft(self, *, gmail_draft_id: str, draft: Draft) -> Placement:
        self.calls.append("replace_draft")
        if gmail_draft_id not in self.drafts:
            raise NotFound(f"no draft {gmail_draft_id}")
        return self._keep(gmail_draft_id, draft)

    def composed(self, *, draft: Draft) -> bytes:
        return mime.composed(draft, sender=draft.mailbox, sender_name=self.sender_name)

    def sent_of(self, *, draft_id: str, thread_id: str) -> SentMail | None:
        self.calls.append("sent_of")
        return next((one for one in self.sent if one.ours == draft_id), None)

    def leaves(self, gmail_draft_id: str) -> SentMail:
        """The operator presses Send in Gmail."""
        found, _ = self.drafts.pop(gmail_draft_id)
        message_id = f"<{found.gmail_message_id}@mail.example>"
        sent = SentMail(
            gmail_message_id=found.gmail_message_id, thread_id=found.thread_id, message_id=message_id, ours=found.ours, sent_at=MONDAY
        )
        self.sent.append(sent)
        return sent

    def send_as(self) -> Sequence[SendAs]:
        return self.identities

    def _keep(self, gmail_draft_id: str, draft: Draft) -> Placement:
        thread_id = draft.thread_id or f"new-{gmail_draft_id}"
        message_id = f"gm-{len(self.calls)}"
        found = FoundDraft(
            gmail_draft_id=gmail_draft_id,
            gmail_message_id=message_id,
            thread_id=thread_id,
            ours=draft.id,
            content_hash=draft_hash(draft),
            url=f"https://mail.google.com/mail/#drafts/{message_id}",
        )
        self.drafts[gmail_draft_id] = (found, draft)
        return Placement(
            gmail_draft_id=gmail_draft_id,
            gmail_message_id=message_id,
            thread_id=thread_id,
            content_hash=found.content_hash,
            placed_at=MONDAY,
            url=found.url,
        )


def _with(message: Message, addresses: set[str], domains: set[str]) -> bool:
    people = {message.sender.lower(), *(one.lower() for one in message.recipients)}
    return bool(people & addresses) or any(mail_domain(one) in domains for one in people)
