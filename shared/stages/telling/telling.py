"""Tell: what waits in a book becomes one notice, put up at its place, at least once. Called by notify when its time has come.

What is told is looked up at that moment, so nothing is told that somebody has seen to. The claim comes first, the record last: whoever
dies in between tells again, unless the place shows that it was told.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from shared.domain.lease import LEASE_FOR
from shared.domain.notice_books import REFUSED_WAIT, NoticeBook, round_from
from shared.domain.notices import Notice
from shared.domain.places import is_still
from shared.domain.work import Work
from shared.domain.workspace import Workspace
from shared.ports.errors import Busy, Conflict, OutcomeUnknown, Rejected, SalesAgentError, Transient
from shared.ports.noticeboards import Noticeboard
from shared.ports.store import Create, Replace, Snapshot
from shared.resilience.contest import until_undisputed
from shared.stages.telling.matters import notice_of
from shared.stages.telling.notify_tasks import owed_round
from shared.stages.telling.teller import Teller

SOON = timedelta(minutes=1)
UNKNOWN_WAIT = timedelta(minutes=2)
"""Before a notice that may have been told is told again: longer than its lease, and than a place needs to show it."""
assert UNKNOWN_WAIT > LEASE_FOR


@dataclass(frozen=True)
class Told:
    """`trouble` says why it was not; `is_new` when the attempt before had another one, `refused` when somebody has to change something."""

    trouble: str = ""
    refused: bool = False
    is_new: bool = False


def tell(work: Work, *, at: Teller) -> Told:
    """`work.id` names a book and a round; an earlier round has nothing to do. Busy while another delivery tells."""
    named = round_from(work.id)
    if named is None:
        raise Rejected("id: should name a matter, a period or the round of a book", field="id")
    seen = at.store.get(NoticeBook, workspace_id=work.workspace_id, id=named[0])
    if seen is None or seen.entity.round != named[1] or not _is_due(seen.entity, at):
        return Told()
    workspace = at.store.workspace(workspace_id=work.workspace_id)
    if not is_still(seen.entity.place, workspace):
        return _recorded(seen, lambda book: book.without(book.waiting), at)
    if seen.entity.lease is not None and seen.entity.lease.until > at.clock.now():
        raise Busy("another delivery is telling this")
    return _tell(seen, workspace, at)


def _is_due(book: NoticeBook, at: Teller) -> bool:
    if book.due_at is None:
        return False
    early = book.due_at - at.clock.now()
    if timedelta(0) < early <= SOON:
        raise Busy(f"the notice is due in {early.total_seconds():.0f} s")
    return early <= timedelta(0)


def _tell(seen: Snapshot[NoticeBook], workspace: Workspace, at: Teller) -> Told:
    book = seen.entity
    notice = notice_of(book, workspace, at=at)
    try:
        board = at.boards.open(place=book.place, workspace=workspace)
        if book.trying and board.shows(notice=notice or Notice(id=book.notice_id, at=at.clock.now(), title="")):
            return _recorded(seen, lambda found: found.after_telling(book.trying, now=at.clock.now()), at)
        if notice is None:
            return _recorded(seen, lambda found: found.without(book.waiting), at)
        return _posted(_claimed(seen, at), notice, board, at)
    except Busy:
        raise
    except SalesAgentError as error:  # before the claim: it was not told by this delivery
        return _put_off(seen, error, at, doubtful=bool(book.trying))


def _claimed(seen: Snapshot[NoticeBook], at: Teller) -> Snapshot[NoticeBook]:
    """Busy when somebody has claimed it, or put a matter into the book just now: that is no trouble of the place's."""
    claimed = seen.entity.claimed(seen.entity.waiting, holder=at.ids.new(), now=at.clock.now())
    if claimed is None:
        raise Busy("another delivery is telling this")
    try:
        [version] = at.store.commit(Replace(seen, claimed))
    except Conflict:
        raise Busy("the book has just been changed") from None
    return Snapshot(claimed, version)


def _posted(claimed: Snapshot[NoticeBook], notice: Notice, board: Noticeboard, at: Teller) -> Told:
    try:
        board.post(notice=notice)
    except SalesAgentError as error:
        return _put_off(claimed, error, at, doubtful=isinstance(error, OutcomeUnknown))
    return _recorded(claimed, lambda book: book.after_telling(claimed.entity.trying, now=at.clock.now()), at)


def _put_off(seen: Snapshot[NoticeBook], error: SalesAgentError, at: Teller, *, doubtful: bool) -> Told:
    now, book = at.clock.now(), seen.entity
    comes_again = isinstance(error, Transient | OutcomeUnknown)
    wait = max(book.backoff, UNKNOWN_WAIT if doubtful else timedelta(0)) if comes_again else REFUSED_WAIT
    if isinstance(error, Transient) and error.retry_after is not None:
        wait = max(error.retry_after, timedelta(seconds=1))
    _recorded(seen, lambda found: found.put_off(now + wait, trouble=error.detail, now=now, doubtful=doubtful), at)
    return Told(error.detail, refused=not comes_again, is_new=error.detail != book.trouble)


def _recorded(seen: Snapshot[NoticeBook], change: Callable[[NoticeBook], NoticeBook], at: Teller) -> Told:
    """With what has been gathered meanwhile. Nothing when the book has been taken over: then its lease had ended."""

    def record() -> None:
        found = at.store.get(NoticeBook, workspace_id=seen.entity.workspace_id, id=seen.entity.id)
        if found is None or found.entity.lease != seen.entity.lease or found.entity.number != seen.entity.number:
            return
        after = change(found.entity)
        owed = [owed_round(after, at=at.clock.now())] if after.round != found.entity.round else []
        at.store.commit(Replace(found, after), *(Create(one) for one in owed))
        at.outbox.flush(entries=owed)

    until_undisputed(record)
    return Told()
