"""Release: gives back the times nobody needs any more, and leaves alone what a person has made their own. A chore of every workspace."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.domain.conversation import Direction
from shared.domain.draft import Draft
from shared.domain.holds import MOST_FENCES, OPEN, FoundHold, Hold, HoldState, ended, event_id_of, reason_to_release
from shared.domain.work import Work
from shared.domain.workspace import Workspace
from shared.ports.calendar import Calendar, CalendarOf
from shared.ports.clock import Clock
from shared.ports.errors import NotFound, SalesAgentError
from shared.ports.mailbox import MailboxOf
from shared.ports.store import Replace, Snapshot, Store
from shared.stages.policy.staff import left_words, operator_of

MOST = 200
"""Holds of one round in each open state; the next round takes the rest."""
ANSWERED = "the conversation was answered"
TAKEN_OVER = "a person has made it their own"


@dataclass(frozen=True)
class Round:
    """What came of one round. `postponed` could not be looked at and come again with the next."""

    ended: int
    postponed: int


def release_holds(work: Work, *, store: Store, clock: Clock, calendar: CalendarOf, mailbox: MailboxOf) -> Round:
    """`work.id` is the period. One hold that cannot be given back keeps none of the others."""
    workspace, now = store.workspace(workspace_id=work.workspace_id), clock.now()
    holds = list(_open_holds(work, store=store, now=now))
    drafts = store.get_many(Draft, workspace_id=work.workspace_id, ids=sorted({one.entity.draft_id for one in holds})) if holds else {}
    answers = _Answers(workspace, mailbox)
    done = postponed = 0
    for hold in holds:
        try:
            done += _looked_at(hold, workspace, drafts, answers, calendar, store=store, now=now)
        except SalesAgentError:  # vendor away, event or hold changed meanwhile: the next round looks again
            postponed += 1
    return Round(done, postponed)


def _looked_at(
    hold: Snapshot[Hold],
    workspace: Workspace,
    drafts: Mapping[str, Snapshot[Draft]],
    answers: "_Answers",
    calendar: CalendarOf,
    *,
    store: Store,
    now: datetime,
) -> bool:
    """Whether it ended. The calendar of an operator who was removed is their own business again."""
    operator = workspace.operator_if_here(hold.entity.operator_id)
    if operator is None:
        told = left_words(hold.entity.operator_id)
        store.commit(Replace(hold, ended(hold.entity, HoldState.TAKEN_OVER, reason=told, at=now)))
        return True
    reason = _reason(hold.entity, drafts, answers, now=now)
    if reason:
        _give_back(hold, reason, calendar(operator), store=store, now=now)
    return bool(reason)


def _open_holds(work: Work, *, store: Store, now: datetime) -> Iterator[Snapshot[Hold]]:
    """Without those that a delivery is placing at this moment."""
    for state in OPEN:
        for one in store.list(Hold, workspace_id=work.workspace_id, where={"state": state.value}, limit=MOST):
            if one.entity.lease is None or one.entity.lease.until <= now:
                yield one


def _reason(hold: Hold, drafts: Mapping[str, Snapshot[Draft]], answers: "_Answers", *, now: datetime) -> str:
    seen = drafts.get(hold.draft_id)
    draft = seen.entity if seen else None
    return reason_to_release(hold, draft, now=now) or (ANSWERED if draft is not None and answers.to(draft) else "")


class _Answers:
    """Whether a person has written in the conversation since the draft was placed there; each is read once a round."""

    def __init__(self, workspace: Workspace, mailbox: MailboxOf) -> None:
        self._workspace, self._mailbox = workspace, mailbox
        self._known: dict[str, bool] = {}

    def to(self, draft: Draft) -> bool:
        if draft.id not in self._known:
            self._known[draft.id] = self._read(draft)
        return self._known[draft.id]

    def _read(self, draft: Draft) -> bool:
        if draft.placement is None:
            return False
        mailbox, since = self._mailbox(operator_of(self._workspace, draft.operator_id)), draft.placement.placed_at
        try:
            thread = mailbox.thread(thread_id=draft.placement.thread_id)
        except NotFound:  # nothing but our draft stands there, or the operator has deleted it all
            return False
        return any(one.direction is Direction.INBOUND and not one.automatic and one.sent_at > since for one in thread.messages)


def _give_back(hold: Snapshot[Hold], reason: str, calendar: Calendar, *, store: Store, now: datetime) -> None:
    found = _event_of(hold.entity, calendar)
    if found is not None and found.touched:
        store.commit(Replace(hold, ended(hold.entity, HoldState.TAKEN_OVER, reason=TAKEN_OVER, at=now)))
        return
    if found is not None and not found.cancelled:
        calendar.release(found=found)
    store.commit(Replace(hold, ended(hold.entity, HoldState.RELEASED, reason=reason, at=now)))


def _event_of(hold: Hold, calendar: Calendar) -> FoundHold | None:
    """The event that holds it. An attempt that never said how it ended may have left one under any of the ids it walked."""
    if hold.event_id:
        found = calendar.find(event_id=hold.event_id)
        return found if found is not None and found.hold_id == hold.id else None
    for fence in range(MOST_FENCES):
        found = calendar.find(event_id=event_id_of(hold.start, fence=fence))
        if found is None or found.hold_id == hold.id:
            return found
    return None
