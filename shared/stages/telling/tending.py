"""Tend: a notice whose time has passed and that nobody was called for is called for again. A chore of every workspace, by notify."""

from datetime import timedelta

from shared.domain.chores import period_from
from shared.domain.notice_books import NoticeBook
from shared.domain.work import Work
from shared.ports.errors import Conflict
from shared.ports.store import Create, Replace, Snapshot
from shared.stages.telling.notify_tasks import owed_round
from shared.stages.telling.teller import Teller

OVERDUE = timedelta(minutes=10)
"""A task may be so late without being lost."""
MOST = 500


def tend(work: Work, *, at: Teller) -> bool:
    """False when the work is no period."""
    try:
        period_from(work.id)
    except ValueError:
        return False
    for seen in at.store.list(NoticeBook, workspace_id=work.workspace_id, limit=MOST):
        if seen.entity.due_at is not None and seen.entity.due_at + OVERDUE < at.clock.now():
            _call_again(seen, at)
    return True


def _call_again(seen: Snapshot[NoticeBook], at: Teller) -> None:
    again = seen.entity.called_again(at.clock.now())
    owed = owed_round(again, at=at.clock.now())
    try:
        at.store.commit(Replace(seen, again), Create(owed))
    except Conflict:
        return  # somebody is seeing to it
    at.outbox.flush(entries=[owed])
