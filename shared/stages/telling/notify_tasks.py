"""The task of a book's next notice: its name is the book and its round, for names of finished tasks stay taken. Used by this room."""

from datetime import datetime

from shared.domain.ids import derived_id
from shared.domain.notice_books import TELL, NoticeBook
from shared.domain.outbox import Outgoing, Queue, owed_work


def owed_round(book: NoticeBook, *, at: datetime) -> Outgoing:
    """The task of the book's present round, when its time has come."""
    id = f"{TELL}{book.id}-{book.round}"
    return owed_work(
        Queue.NOTIFY,
        id,
        workspace_id=book.workspace_id,
        at=at,
        trace_id=derived_id("notice", book.workspace_id, id),
        not_before=book.due_at,
    )
