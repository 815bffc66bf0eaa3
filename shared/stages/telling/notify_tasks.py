"""The task of a book's next notice: its name is the book and its round, for names of finished tasks stay taken. Used by this room."""

from datetime import datetime

from shared.domain.ids import TraceId, derived_id
from shared.domain.notice_books import TELL, NoticeBook
from shared.domain.outbox import Channel, Outgoing, Queue


def owed_round(book: NoticeBook, *, at: datetime) -> Outgoing:
    """The task of the book's present round, when its time has come."""
    id = f"{TELL}{book.id}-{book.round}"
    return Outgoing(
        id=f"{book.workspace_id}-{id}",
        workspace_id=book.workspace_id,
        channel=Channel.TASK,
        destination=Queue.NOTIFY.value,
        payload={"workspace_id": book.workspace_id, "id": id},
        trace_id=TraceId(derived_id("notice", book.workspace_id, id)),
        created_at=at,
        not_before=book.due_at,
    )
