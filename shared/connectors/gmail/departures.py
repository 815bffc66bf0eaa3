"""Drafts that leave, and what of ours has left: sent by draft id, found again by our own header; used by the adapter."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email import message_from_bytes
from functools import partial

from shared.connectors.gmail.client import GmailClient
from shared.connectors.gmail.mime import MESSAGE_ID, OWN_HEADER
from shared.connectors.gmail.wire import GmailMessage, MessageRef
from shared.ports.clock import Clock
from shared.ports.errors import NotFound
from shared.ports.mailbox import SentMail
from shared.resilience.together import all_of, together

NEWEST = 50
"""Sent mails that are looked at one by one: what we look for left minutes ago."""
HEADERS = (OWN_HEADER, "Message-ID")
SENT = "SENT"


class Departures:
    """What leaves one mailbox."""

    def __init__(self, *, client: GmailClient, clock: Clock) -> None:
        self._client, self._clock = client, clock

    def send(self, draft_id: str, raw: bytes, *, thread_id: str) -> SentMail:
        """Gmail puts these bytes in the draft's place and sends them in one call. Its Message-ID is told by `read` only."""
        return self._named(self._client.send_draft(draft_id, raw, thread_id=thread_id), raw)

    def keep(self, raw: bytes, *, thread_id: str) -> SentMail:
        """A thread that somebody has deleted meanwhile leaves it to Gmail where the copy belongs."""
        try:
            kept = self._client.insert(raw, labels=[SENT], thread_id=thread_id)
        except NotFound:
            kept = self._client.insert(raw, labels=[SENT])
        return self._named(kept, raw)

    def _named(self, left: MessageRef, raw: bytes) -> SentMail:
        ours = str(message_from_bytes(raw)[OWN_HEADER] or "").strip()
        return SentMail(gmail_message_id=left.id, thread_id=left.thread_id, message_id="", ours=ours, sent_at=self._clock.now())

    def read(self, gmail_message_id: str) -> SentMail:
        return _sent_mail(self._client.headers(gmail_message_id, *HEADERS))

    def of(self, draft_id: str, *, thread_id: str) -> SentMail | None:
        in_thread, newest = together(partial(self._in_thread, thread_id), self._newest)
        found = (one for one in (*in_thread, *newest) if SENT in one.label_ids)
        return next((mail for mail in map(_sent_mail, found) if mail.ours == draft_id), None)

    def _in_thread(self, thread_id: str) -> Sequence[GmailMessage]:
        with suppress(NotFound):
            return self._client.thread_headers(thread_id, *HEADERS).messages if thread_id else ()
        return ()

    def _newest(self) -> Iterable[GmailMessage]:
        def headers(message_id: str) -> GmailMessage | None:
            with suppress(NotFound):  # deleted since it was listed
                return self._client.headers(message_id, *HEADERS)
            return None

        listed = self._client.newest(label=SENT, limit=NEWEST).messages
        return [one for one in all_of([partial(headers, ref.id) for ref in listed]) if one]


def _sent_mail(found: GmailMessage) -> SentMail:
    return SentMail(
        gmail_message_id=found.id,
        thread_id=found.thread_id,
        message_id=next(iter(MESSAGE_ID.findall(found.payload.header("Message-ID"))), ""),
        ours=found.payload.header(OWN_HEADER).strip(),
        sent_at=datetime.fromtimestamp(found.internal_date / 1000, UTC),
    )
