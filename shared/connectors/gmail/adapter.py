"""The Mailbox port over Gmail: reads conversations, places and sends drafts. Built by the composition root, one per operator."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice

from shared.connectors.gmail import mime, reading
from shared.connectors.gmail.client import GmailClient
from shared.connectors.gmail.departures import Departures
from shared.connectors.gmail.news import news_since
from shared.connectors.gmail.signature import sender_of
from shared.connectors.gmail.wire import DraftRef, GmailDraft, GmailMessage, GmailThread
from shared.domain.conversation import MailRef, Message, Thread
from shared.domain.draft import Draft, Placement, content_hash, draft_hash
from shared.domain.sender import Sender, headers_of
from shared.domain.workspace import Operator
from shared.ports.clock import Clock
from shared.ports.errors import NotFound, Permanent
from shared.ports.mailbox import FoundDraft, MailNews, SentMail
from shared.resilience.together import all_of, together

SEARCHABLE = re.compile(r"[^\s\"(){}<>:,;\\]+")
"""What may stand in a query as an address or a domain; anything else would be another query."""
CANDIDATES = 20
JUST_WRITTEN = 10
"""Gmail's search index lags by seconds: the newest drafts are looked at even when the search does not name them."""


class GmailMailbox:
    """One operator's mailbox."""

    def __init__(self, *, operator: Operator, client: GmailClient, clock: Clock, app_url: str) -> None:
        self._operator, self._client, self._clock, self._app_url = operator, client, clock, app_url.rstrip("/")
        self._departures = Departures(client=client, clock=clock)

    def thread(self, *, thread_id: str) -> Thread:
        found = self._conversation(self._client.thread(thread_id))
        if found is None:
            raise NotFound(f"the thread {thread_id} holds no mail", source="gmail")
        return found

    def newest_thread_with(self, *, address: str) -> Thread | None:
        query = _people_query([address])
        listed = self._client.messages(query=query, limit=CANDIDATES) if query else None
        for thread_id in dict.fromkeys(one.thread_id for one in (listed.messages if listed else ())):
            found = self._conversation(self._client.thread(thread_id))
            if found is not None and any(_involves(one, address.lower()) for one in found.messages):
                return found
        return None

    def listed_about(self, *, addresses: Sequence[str], domains: Sequence[str], limit: int) -> Sequence[MailRef]:
        query = _people_query([*addresses, *domains])
        listed = self._client.messages(query=query, limit=limit).messages if query else ()
        return [MailRef(id=one.id, thread_id=one.thread_id) for one in listed]

    def drafts_to(self, *, recipient: str, thread_id: str) -> Sequence[FoundDraft]:
        if thread_id:
            return [self._standing(one) for one in self._drafts(ref for ref in self._client.drafts() if ref.message.thread_id == thread_id)]
        query = " ".join(_terms([recipient], "to"))
        newest, named = together(
            lambda: list(islice(self._client.drafts(), JUST_WRITTEN)), lambda: list(self._client.drafts(query=query)) if query else []
        )
        refs = {ref.id: ref for ref in (*newest, *named)}
        addressed = (one for one in self._drafts(refs.values()) if recipient.lower() in reading.addresses(one.message.payload, "To"))
        return [self._standing(one) for one in addressed]

    def find_draft(self, *, gmail_draft_id: str) -> FoundDraft | None:
        try:
            return self._standing(self._client.draft(gmail_draft_id))
        except NotFound:
            return None

    def create_draft(self, *, draft: Draft) -> Placement:
        return self._placed(draft, self._client.create_draft(self._written(draft), thread_id=draft.thread_id))

    def replace_draft(self, *, gmail_draft_id: str, draft: Draft, files: Sequence[bytes] = ()) -> Placement:
        return self._placed(draft, self._client.update_draft(gmail_draft_id, self._written(draft, files), thread_id=draft.thread_id))

    def composed(self, *, draft: Draft, files: Sequence[bytes] = ()) -> bytes:
        raw = self._written(draft, files)
        mime.check_readable(raw, draft, sender=draft.sent_as(self._operator.name))
        return raw

    def send_draft(self, *, gmail_draft_id: str, raw: bytes, thread_id: str) -> SentMail:
        return self._departures.send(gmail_draft_id, raw, thread_id=thread_id)

    def withdraw_draft(self, *, gmail_draft_id: str) -> None:
        self._client.delete_draft(gmail_draft_id)

    def keep_sent(self, *, raw: bytes, thread_id: str) -> SentMail:
        return self._departures.keep(raw, thread_id=thread_id)

    def sent_of(self, *, draft_id: str, thread_id: str) -> SentMail | None:
        return self._departures.of(draft_id, thread_id=thread_id)

    def sent_mail(self, *, gmail_message_id: str) -> SentMail:
        return self._departures.read(gmail_message_id)

    def position(self) -> str:
        return self._client.profile().history_id

    def news(self, *, since: str) -> MailNews:
        return news_since(since, client=self._client, operator=self._operator)

    def sender(self, *, address: str) -> Sender:
        known = self._client.identities().send_as
        found = next((one for one in known if one.send_as_email.lower() == address.strip().lower()), None)
        return sender_of(found, address=address, operator=self._operator)

    def _conversation(self, found: GmailThread) -> Thread | None:
        """The thread without drafts, spam and trash, oldest first; None when nothing is left."""
        mails = sorted((one for one in found.messages if _readable(one)), key=lambda one: one.internal_date)
        messages = tuple(reading.message(one, operator=self._operator) for one in mails)
        if not messages:
            return None
        return Thread(id=found.id, subject=messages[0].subject, messages=messages, mailbox=self._operator.email)

    def _drafts(self, refs: Iterable[DraftRef]) -> Iterator[GmailDraft]:
        """Their content, without those a person has sent or deleted since they were listed."""

        def content(ref: DraftRef) -> GmailDraft | None:
            with suppress(NotFound):
                return self._client.draft(ref.id)
            return None

        return (one for one in all_of([partial(content, ref) for ref in refs]) if one)

    def _standing(self, draft: GmailDraft) -> FoundDraft:
        payload = draft.message.payload
        _, recipient = reading.first_address(payload.header("To"))
        name, address = reading.first_address(payload.header("From"))
        html, files = reading.other_parts(payload)
        words = content_hash(
            subject=payload.header("Subject"), body=reading.visible_text(payload), recipient=recipient, html=html, files=files
        )
        return FoundDraft(
            gmail_draft_id=draft.id,
            gmail_message_id=draft.message.id,
            thread_id=draft.message.thread_id,
            ours=payload.header(mime.OWN_HEADER).strip(),
            content_hash=words,
            sender=headers_of(address, name, reading.first_address(payload.header("Reply-To"))[1]),
            bare=not any(payload.header(name) for name in ("Cc", "Bcc")),
            url=self._url(draft.message.id),
        )

    def _written(self, draft: Draft, files: Sequence[bytes] = ()) -> bytes:
        if not self._operator.owns_address(draft.mailbox):
            raise Permanent("the draft's mailbox is no address of this operator", source="gmail")
        return mime.composed(draft, sender=draft.sent_as(self._operator.name), files=files)

    def _placed(self, draft: Draft, ref: DraftRef) -> Placement:
        return Placement(
            gmail_draft_id=ref.id,
            gmail_message_id=ref.message.id,
            thread_id=ref.message.thread_id,
            content_hash=draft_hash(draft),
            placed_at=self._clock.now(),
            url=self._url(ref.message.id),
        )

    def _url(self, message_id: str) -> str:
        return f"{self._app_url}/mail/u/{self._operator.email}/#drafts/{message_id}"


def _readable(found: GmailMessage) -> bool:
    return not reading.UNREAD_PLACES & set(found.label_ids)


def _people_query(names: Iterable[str]) -> str:
    """Mail from or to any of these addresses or domains; empty when none of them can be searched for."""
    terms = _terms(names, "from", "to")
    return f"{{{' '.join(terms)}}} -in:drafts -in:chats" if terms else ""


def _terms(names: Iterable[str], *fields: str) -> list[str]:
    return [f'{field}:"{name}"' for name in names if SEARCHABLE.fullmatch(name) for field in fields]


def _involves(message: Message, address: str) -> bool:
    return address in {message.sender, *message.recipients}
