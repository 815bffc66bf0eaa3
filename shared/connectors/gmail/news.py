"""What has happened in a mailbox since a cursor: history to its end, new mails by headers, and by parts where those may say more.

Used by the adapter.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

from shared.connectors.gmail import reading
from shared.connectors.gmail.client import GmailClient
from shared.connectors.gmail.mime import OWN_HEADER
from shared.connectors.gmail.wire import GmailMessage, HistoryPage, HistoryRecord
from shared.domain.conversation import Direction
from shared.domain.workspace import Operator
from shared.ports.errors import NotFound
from shared.ports.mailbox import HistoryGone, MailNews, SeenMail
from shared.resilience.together import all_of

HEADERS = (
    "From", "Sender", "Return-Path", "Content-Type", "Auto-Submitted", "Precedence", *reading.MACHINE_HEADERS, OWN_HEADER,
)  # fmt: skip
HIDDEN = frozenset({"SPAM", "TRASH"})
"""Labels under which a mail is out of sight; one that loses them has arrived."""


def news_since(cursor: str, *, client: GmailClient, operator: Operator) -> MailNews:
    """Raises HistoryGone, also when there is so much that looking at everything that matters is less."""
    try:
        pages = client.history(since=cursor)
    except NotFound as error:
        raise HistoryGone("Gmail remembers nothing as old as this", source="gmail", raw=error.raw) from None
    if pages is None:
        raise HistoryGone("there is more history than can be read", source="gmail")
    records = [record for page in pages for record in page.history]
    gone = tuple(dict.fromkeys(_vanished(records)))
    new = [one for one in dict.fromkeys(_appeared(records)) if one not in gone]
    arrived = tuple(sorted(_seen(new, client, operator), key=lambda one: one.sent_at))
    return MailNews(cursor=_cursor(pages), arrived=arrived, gone=gone)


def _cursor(pages: Iterable[HistoryPage]) -> str:
    """The first page's: what happens while the others are read is told again next time, rather than never."""
    return next(iter(pages)).history_id


def _vanished(records: Iterable[HistoryRecord]) -> Iterator[str]:
    for record in records:
        yield from (one.message.id for one in record.messages_deleted)


def _appeared(records: Iterable[HistoryRecord]) -> Iterator[str]:
    """Those that came, were sent, or were taken out of spam and trash."""
    for record in records:
        for one in record.messages_added:
            if not reading.UNREAD_PLACES & set(one.message.label_ids):
                yield one.message.id
        yield from (one.message.id for one in record.labels_added if "SENT" in one.label_ids)
        yield from (one.message.id for one in record.labels_removed if HIDDEN & set(one.label_ids))


def _seen(ids: Iterable[str], client: GmailClient, operator: Operator) -> Iterator[SeenMail]:
    def headers(id: str) -> GmailMessage | None:
        with suppress(NotFound):  # deleted while we were reading
            found = client.headers(id, *HEADERS)
            return client.message(id) if _parts_may_tell(found, operator) else found
        return None

    for found in all_of([partial(headers, id) for id in ids]):
        if found is not None and not reading.UNREAD_PLACES & set(found.label_ids):
            yield _mail(found, operator)


def _parts_may_tell(found: GmailMessage, operator: Operator) -> bool:
    """Whether a button of an invitation was pressed, and whether a person has typed words beside it, headers alone do not show."""
    mail, payload = _mail(found, operator), found.payload
    in_parts = payload.mime_type.startswith("multipart/") or payload.mime_type == "text/calendar"
    return mail.direction is Direction.INBOUND and in_parts and not reading.certainly_a_machine(payload, mail.sender)


def _mail(found: GmailMessage, operator: Operator) -> SeenMail:
    _, sender = reading.first_address(found.payload.header("From"))
    ours = "SENT" in found.label_ids or operator.owns_address(sender)
    return SeenMail(
        gmail_message_id=found.id,
        thread_id=found.thread_id,
        direction=Direction.OUTBOUND if ours else Direction.INBOUND,
        sender=sender,
        ours=found.payload.header(OWN_HEADER).strip(),
        automatic=reading.automatic(found.payload, sender),
        sent_at=datetime.fromtimestamp(found.internal_date / 1000, UTC),
    )
