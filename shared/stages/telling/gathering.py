"""Gather: what somebody owes a notice for is put into the book of every place that is to hear of it. Called by notify."""

from shared.domain.draft import Draft
from shared.domain.ids import OperatorId, WorkspaceId
from shared.domain.notice_books import RHYTHMS, URGENT, NoticeBook, Rhythm, book_of
from shared.domain.notices import Concern, Matter
from shared.domain.places import Place, places_of
from shared.domain.planning import Priority
from shared.domain.sends import Send
from shared.domain.work import Work
from shared.ports.errors import NotFound
from shared.ports.store import Create, Replace
from shared.resilience.contest import until_undisputed
from shared.stages.telling.matters import still_waits
from shared.stages.telling.notify_tasks import owed_round
from shared.stages.telling.teller import Teller


def gather(work: Work, *, at: Teller) -> bool:
    """False when the work is none of this stage's. Nothing is gathered for a workspace that is told nowhere."""
    matter = Matter.from_work(work.id)
    if matter is None:
        return False
    workspace = at.store.workspace(workspace_id=work.workspace_id)
    if not places_of(workspace):
        return True
    operator_id, rhythm = _whose(matter, work.workspace_id, at)
    for place in places_of(workspace, operator_id=operator_id) if rhythm else ():
        until_undisputed(lambda place=place: _put_into(place, matter, rhythm or URGENT, work.workspace_id, at))  # type: ignore[misc]
    return True


def _whose(matter: Matter, workspace_id: WorkspaceId, at: Teller) -> tuple[OperatorId, Rhythm | None]:
    """Whose business it is (empty: everybody's), and how soon they hear of it; no rhythm for what has been seen to already."""
    everybody, rhythm = OperatorId(""), RHYTHMS[matter.concern]
    if matter.concern is Concern.APPROVALS:
        draft = at.store.get(Draft, workspace_id=workspace_id, id=matter.id)
        if draft is None or not still_waits(draft.entity, now=at.clock.now()):
            return everybody, None
        return draft.entity.operator_id, URGENT if draft.entity.urgency is Priority.URGENT else rhythm
    if matter.concern is Concern.SENDS:
        send = at.store.get(Send, workspace_id=workspace_id, id=matter.id)
        if send is None:
            raise NotFound(f"send {matter.id} does not exist")
        return send.entity.operator_id, rhythm
    return everybody, rhythm


def _put_into(place: Place, matter: Matter, rhythm: Rhythm, workspace_id: WorkspaceId, at: Teller) -> None:
    """One commit: the book, and the task of its next notice if that comes sooner now."""
    empty, now = book_of(place, matter.concern, workspace_id), at.clock.now()
    seen = at.store.get(NoticeBook, workspace_id=workspace_id, id=empty.id)
    before = seen.entity if seen else empty
    after = before.with_matter(matter.key, rhythm=rhythm, now=now)
    if after == before:
        return
    owed = [owed_round(after, at=now)] if after.round != before.round else []
    at.store.commit(Replace(seen, after) if seen else Create(after), *(Create(one) for one in owed))
    at.outbox.flush(entries=owed)
