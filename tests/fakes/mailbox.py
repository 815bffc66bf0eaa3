"""A mailbox in memory: threads to read, drafts that are placed, edited, deleted and sent, history that can be followed and forgotten."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes

from shared.connectors.gmail import mime
from shared.domain.conversation import Direction, MailRef, Message, Thread
from shared.domain.draft import Draft, Placement, draft_hash
from shared.domain.people import mail_domain
from shared.domain.sender import Sender
from shared.domain.workspace import Operator
from shared.ports.clock import Clock
from shared.ports.errors import NotFound, OutcomeUnknown, Permanent, Transient
from shared.ports.mailbox import FoundDraft, HistoryGone, MailNews, SeenMail, SenderUnusable, SentMail
from tests.builders import MONDAY

SENDING = ("fine", "refuses", "rejects", "fails before", "fails after", "arrives late")
"""What may happen to a call that sends: done; not now; never; no answer and not done; no answer and done; no answer and done later."""


@dataclass(frozen=True)
class Left:
    """A mail that really left, by our call or by the operator's hand."""

    mail: SentMail
    raw: bytes
    by_hand: bool


class MemoryMailbox:
    """`left` is the truth; what the operator has deleted from it, `forgot`, nobody finds any more."""

    def __init__(self, *threads: Thread, senders: Sequence[Sender] = (), clock: Clock | None = None) -> None:
        self.threads = list(threads)
        self.senders = {one.address: one for one in senders}
        self.drafts: dict[str, tuple[FoundDraft, Draft]] = {}
        self.calls: list[str] = []
        self.sender_name = "Maria Costa"
        self.sending = "fine"
        self.on_wire: Callable[[str, bytes], None] = lambda _id, _raw: None
        self.left: list[Left] = []
        self.kept: list[tuple[SentMail, bytes]] = []
        self.forgot: set[str] = set()
        self.late: list[tuple[str, bytes]] = []
        self.late_calls: list[Callable[[], None]] = []  # of other ways out
        self.log: list[SeenMail | str] = []
        self.remembers_from = 0
        self._clock = clock
        self._drafts, self._mails = itertools.count(1), itertools.count(1)

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
        return self._keep(f"r-{next(self._drafts)}", draft)

    def replace_draft(self, *, gmail_draft_id: str, draft: Draft, files: Sequence[bytes] = ()) -> Placement:
        self.calls.append("replace_draft")
        if gmail_draft_id not in self.drafts:
            raise NotFound(f"no draft {gmail_draft_id}")
        if files or draft.text.files:  # the wrong ones are refused
            mime.composed(draft, sender=draft.sent_as(self.sender_name), files=files)
        return self._keep(gmail_draft_id, draft)

    def composed(self, *, draft: Draft, files: Sequence[bytes] = ()) -> bytes:
        return mime.composed(draft, sender=draft.sent_as(self.sender_name), files=files)

    def send_draft(self, *, gmail_draft_id: str, raw: bytes, thread_id: str) -> SentMail:
        self.calls.append("send_draft")
        self.on_wire(gmail_draft_id, raw)
        if self.sending == "refuses":
            raise Transient("Gmail is busy", retry_after=timedelta(minutes=2))
        if self.sending == "rejects":
            raise Permanent("Gmail does not want this mail")
        if self.sending == "fails before":
            raise OutcomeUnknown("no answer from Gmail")
        if self.sending == "arrives late":
            self.late.append((gmail_draft_id, raw))
            raise OutcomeUnknown("no answer from Gmail")
        sent = self._gone_out(gmail_draft_id, raw, by_hand=False)
        if self.sending == "fails after":
            raise OutcomeUnknown("no answer from Gmail")
        return sent

    def withdraw_draft(self, *, gmail_draft_id: str) -> None:
        self.calls.append("withdraw_draft")
        if gmail_draft_id not in self.drafts:
            raise NotFound(f"no draft {gmail_draft_id}")
        self.delete(gmail_draft_id)

    def keep_sent(self, *, raw: bytes, thread_id: str) -> SentMail:
        self.calls.append("keep_sent")
        id, read = self._new_id(), message_from_bytes(raw)
        kept = SentMail(
            gmail_message_id=id,
            thread_id=thread_id or f"t-{id}",
            message_id=str(read["Message-ID"]),
            ours=str(read[mime.OWN_HEADER]),
            sent_at=self._now(),
        )
        self.kept.append((kept, raw))
        seen = {"thread_id": kept.thread_id, "direction": Direction.OUTBOUND, "sent_at": kept.sent_at}
        message = {"sender": str(read["From"]), "recipients": (str(read["To"]),), "message_id": kept.message_id}
        self._take(Message(id=id, **seen, **message), ours=kept.ours)
        return kept

    def sent_of(self, *, draft_id: str, thread_id: str) -> SentMail | None:
        self.calls.append("sent_of")
        shown = [one for one in (*(left.mail for left in self.left), *(kept for kept, _ in self.kept)) if one.gmail_message_id]
        return next((one for one in shown if one.ours == draft_id and one.gmail_message_id not in self.forgot), None)

    def sent_mail(self, *, gmail_message_id: str) -> SentMail:
        self.calls.append("sent_mail")
        for one in self.left:
            if one.mail.gmail_message_id == gmail_message_id and gmail_message_id not in self.forgot:
                return one.mail
        raise NotFound(f"no mail {gmail_message_id}")

    def position(self) -> str:
        self.calls.append("position")
        return str(len(self.log))

    def news(self, *, since: str) -> MailNews:
        self.calls.append("news")
        if int(since) < self.remembers_from:
            raise HistoryGone("this is no longer remembered")
        new = self.log[int(since) :]
        arrived = tuple(one for one in new if isinstance(one, SeenMail) and one.gmail_message_id not in self.forgot)
        return MailNews(cursor=str(len(self.log)), arrived=arrived, gone=tuple(one for one in new if isinstance(one, str)))

    def sender(self, *, address: str) -> Sender:
        self.calls.append("sender")
        if address not in self.senders:
            raise SenderUnusable(f"Gmail does not send as {address}")
        return self.senders[address]

    @property
    def is_late(self) -> bool:
        """Whether a call is under way of which nobody has heard the end."""
        return bool(self.late or self.late_calls)

    # What others do
    def arrive_late(self) -> None:
        """Calls of which nobody heard the end have their effect now, if their drafts still stand."""
        for gmail_draft_id, raw in self.late:
            if gmail_draft_id in self.drafts:
                self._gone_out(gmail_draft_id, raw, by_hand=False)
        self.late.clear()
        for call in self.late_calls:
            call()
        self.late_calls.clear()

    def edit(self, gmail_draft_id: str, *, words: bool = True) -> None:
        """The operator changes the words, or only what the words do not show: a copy, a file."""
        found, draft = self.drafts[gmail_draft_id]
        changes = {"gmail_message_id": self._new_id()} | ({"content_hash": "other words"} if words else {})
        self.log.append(found.gmail_message_id)
        self.drafts[gmail_draft_id] = found.model_copy(update=changes), draft

    def delete(self, gmail_draft_id: str) -> None:
        found, _ = self.drafts.pop(gmail_draft_id)
        self.log.append(found.gmail_message_id)

    def send_by_hand(self, gmail_draft_id: str) -> SentMail:
        return self._gone_out(gmail_draft_id, b"whatever the operator made of it", by_hand=True)

    def arrive(self, sender: str, *, thread_id: str = "", automatic: bool = False) -> Message:
        """Somebody writes, in that thread or in a new one."""
        id = self._new_id()
        message = Message(
            id=id,
            thread_id=thread_id or f"t-{id}",
            direction=Direction.INBOUND,
            sender=sender,
            recipients=("maria@northwind.example",),
            sent_at=self._now(),
            message_id=f"<{id}@theirs.example>",
            automatic=automatic,
        )
        self._take(message, ours="")
        return message

    def forget_history(self) -> None:
        self.remembers_from = len(self.log) + 1
        self.log.append("")

    def forget_sent(self, gmail_message_id: str) -> None:
        """The operator deletes a sent mail."""
        self.forgot.add(gmail_message_id)
        self.log.append(gmail_message_id)
        for number, thread in enumerate(self.threads):
            kept = tuple(one for one in thread.messages if one.id != gmail_message_id)
            self.threads[number] = thread.model_copy(update={"messages": kept})
        self.threads = [one for one in self.threads if one.messages]

    def _gone_out(self, gmail_draft_id: str, raw: bytes, *, by_hand: bool) -> SentMail:
        if gmail_draft_id not in self.drafts:
            raise NotFound(f"no draft {gmail_draft_id}")
        found, draft = self.drafts[gmail_draft_id]
        self.delete(gmail_draft_id)
        id = self._new_id()
        mail = SentMail(
            gmail_message_id=id, thread_id=found.thread_id, message_id=f"<{id}@ours.example>", ours=found.ours, sent_at=self._now()
        )
        self.left.append(Left(mail, raw, by_hand))
        message = Message(
            id=id,
            thread_id=mail.thread_id,
            direction=Direction.OUTBOUND,
            sender=draft.mailbox,
            recipients=(draft.recipient,),
            sent_at=mail.sent_at,
            message_id=mail.message_id,
        )
        self._take(message, ours=found.ours)
        return mail

    def _take(self, message: Message, *, ours: str) -> None:
        for number, thread in enumerate(self.threads):
            if thread.id == message.thread_id:
                self.threads[number] = thread.model_copy(update={"messages": (*thread.messages, message)})
                break
        else:
            self.threads.append(Thread(id=message.thread_id, subject="Their words", messages=(message,), mailbox="maria@northwind.example"))
        seen = {name: getattr(message, name) for name in ("thread_id", "direction", "sender", "automatic", "sent_at")}
        self.log.append(SeenMail(gmail_message_id=message.id, ours=ours, **seen))

    def _keep(self, gmail_draft_id: str, draft: Draft) -> Placement:
        thread_id = draft.thread_id or f"new-{gmail_draft_id}"
        message_id = self._new_id()
        if gmail_draft_id in self.drafts:
            self.log.append(self.drafts[gmail_draft_id][0].gmail_message_id)
        found = FoundDraft(
            gmail_draft_id=gmail_draft_id,
            gmail_message_id=message_id,
            thread_id=thread_id,
            ours=draft.id,
            content_hash=draft_hash(draft),
            sender=draft.sent_as(self.sender_name).headers,
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

    def _new_id(self) -> str:
        return f"gm-{next(self._mails)}"

    def _now(self) -> datetime:
        return self._clock.now() if self._clock else MONDAY


def _with(message: Message, addresses: set[str], domains: set[str]) -> bool:
    people = {message.sender.lower(), *(one.lower() for one in message.recipients)}
    return bool(people & addresses) or any(mail_domain(one) in domains for one in people)
