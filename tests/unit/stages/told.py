"""A workspace whose people are told: its queue of tasks in virtual time, delivered as they fall due. Used by the tests of telling."""

from datetime import datetime, timedelta
from typing import Any

from shared.domain.draft import Draft, DraftState
from shared.domain.ids import DraftId, OperatorId
from shared.domain.notice_books import NoticeBook, book_of
from shared.domain.notices import Concern, Matter, Notice, owed_notice
from shared.domain.outbox import Outgoing, Queue
from shared.domain.places import Medium, Place
from shared.domain.planning import Priority
from shared.domain.work import Work
from shared.ports.errors import Busy
from shared.ports.store import Create, Put
from shared.stages.telling.gathering import gather
from shared.stages.telling.teller import Teller
from shared.stages.telling.telling import tell
from tests.builders import OPERATOR, WORKSPACE, a_draft, a_placement, a_workspace, an_operator
from tests.fakes.noticeboards import MemoryBoards
from tests.unit.stages.world import JO, StageWorld

SLACK = Place(medium=Medium.SLACK)
MAIL = Place(medium=Medium.MAIL, operator_id=OPERATOR)
ANSWERED_IN = timedelta(seconds=90)


class Addresses:
    public_url = "https://sdr.example"


class ToldWorld:
    """Maria is told in Slack and by mail unless `settings` say otherwise. `run_until` delivers every task when it is due."""

    def __init__(self, *, slack_channel: str = "C0SALES001", by_mail: bool = True) -> None:
        self.world = StageWorld()
        self.store, self.clock, self.outbox = self.world.store, self.world.clock, self.world.outbox
        self.boards = MemoryBoards()
        self.set(slack_channel=slack_channel, operators=(an_operator(notices_by_mail=by_mail), JO))
        self._delivered = 0
        self._tasks: list[Outgoing] = []
        self.told_at: dict[str, datetime] = {}
        self.boards.at(SLACK).before = self._remember

    def _remember(self) -> None:
        """What the notice that is just being posted in Slack tells of, as far as it still waits."""
        for key in self.book().trying:
            draft = self.world.draft(key.removesuffix("-0"))
            if draft.state is DraftState.PENDING:
                self.told_at.setdefault(key, self.clock.now())

    def set(self, **changes: Any) -> None:
        self.store.save_workspace(workspace=a_workspace(**changes))

    @property
    def at(self) -> Teller:
        return Teller(self.store, self.outbox, self.clock, self.world.ids, self.boards, Addresses())

    def over(self, store: Any) -> Teller:
        return Teller(store, self.outbox, self.clock, self.world.ids, self.boards, Addresses())

    # What happens
    def waits(self, number: int, **changes: Any) -> Draft:
        """A draft was placed, and its notice owed."""
        urgency = Priority.URGENT if changes.pop("urgent", False) else Priority.NORMAL
        usual = {"id": DraftId(f"draft_{number}"), "company": f"Company {number}", "placement": a_placement(), "urgency": urgency}
        draft = a_draft(**{**usual, "created_at": self.clock.now(), **changes})
        self.store.commit(Put(draft))
        self.owe(Matter(concern=Concern.APPROVALS, id=draft.id, occasion="0"))
        return draft

    def decided(self, number: int) -> None:
        draft = self.world.draft(f"draft_{number}")
        self.store.commit(Put(draft.model_copy(update={"state": DraftState.APPROVED})))

    def owe(self, matter: Matter) -> None:
        owed = owed_notice(matter, workspace_id=WORKSPACE, at=self.clock.now())
        self.store.commit(Create(owed))
        self.outbox.flush(entries=[owed])

    # What is delivered
    def run_until(self, moment: datetime) -> None:
        """A delivery that is Busy, or dies, comes again."""
        while (one := self._next(moment)) is not None:
            due = one.not_before or one.created_at
            self.clock.at = max(self.clock.at, due)
            self.deliver(one)
        self.clock.at = max(self.clock.at, moment)

    def run_for(self, **time: float) -> None:
        self.run_until(self.clock.now() + timedelta(**time))

    def deliver(self, one: Outgoing, at: Teller | None = None) -> None:
        work = Work.model_validate(one.payload)
        try:
            if not gather(work, at=at or self.at):
                tell(work, at=at or self.at)
        except Busy:
            again = self.clock.now() + ANSWERED_IN
            self._tasks.append(one.model_copy(update={"not_before": again}))

    def again(self, one: Outgoing) -> None:
        """Its delivery died: the queue brings it once more."""
        self._tasks.append(one.model_copy(update={"not_before": self.clock.now() + timedelta(seconds=10)}))

    def _next(self, moment: datetime) -> Outgoing | None:
        new = self.outbox.flushed[self._delivered :]
        self._delivered = len(self.outbox.flushed)
        self._tasks += [one for one in new if one.destination == Queue.NOTIFY]
        due = [one for one in self._tasks if (one.not_before or one.created_at) <= moment]
        if not due:
            return None
        first = min(due, key=lambda one: one.not_before or one.created_at)
        self._tasks.remove(first)
        return first

    def take(self) -> Outgoing:
        """The next task, whenever it is due: the clock goes there."""
        one = self._next(datetime.max.replace(tzinfo=self.clock.now().tzinfo))
        assert one is not None
        self.clock.at = max(self.clock.at, one.not_before or one.created_at)
        return one

    # What people see
    def slack(self) -> list[Notice]:
        return self.boards.at(SLACK).notices

    def mail(self, operator_id: OperatorId = OPERATOR) -> list[Notice]:
        return self.boards.at(Place(medium=Medium.MAIL, operator_id=operator_id)).notices

    def book(self, id: str = "slack-approvals") -> NoticeBook:
        """An empty one while nothing was gathered."""
        found = self.store.get(NoticeBook, workspace_id=WORKSPACE, id=id)
        return found.entity if found else book_of(SLACK, Concern.APPROVALS, WORKSPACE)
