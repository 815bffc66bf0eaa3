"""How what waits in a book reads, looked up at the moment it is told: what somebody has seen to meanwhile is not in it. Used by tell.

Names, companies and ids, as the console's list shows them; nothing a prospect has written.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from shared.domain.dead_letter import DeadLetter, DeadLetterState
from shared.domain.draft import Draft, DraftState
from shared.domain.entity import Entity
from shared.domain.heard import MailboxState
from shared.domain.notice_books import NoticeBook
from shared.domain.notices import Concern, Matter, Notice
from shared.domain.policy import PolicyVersion
from shared.domain.polling import FORMS, FormPolls
from shared.domain.run import Run, RunState
from shared.domain.sends import Send, SendState
from shared.domain.workspace import Workspace
from shared.stages.telling import words
from shared.stages.telling.teller import Teller

E = TypeVar("E", bound=Entity)
MOST_COUNTED = 200
PORTAL = "hubspot"
"""What a portal to be connected again is called; an operator's mailbox goes by their id."""


@dataclass(frozen=True)
class Telling:
    """Which book is told of, and to whom."""

    book: NoticeBook
    workspace: Workspace
    at: Teller


def notice_of(book: NoticeBook, workspace: Workspace, *, at: Teller) -> Notice | None:
    """None when nothing of it need be told any more."""
    matters = [Matter.from_key(book.concern, one) for one in book.waiting]
    told = TELLERS[book.concern](matters, Telling(book, workspace, at)) if matters else None
    if told is None:
        return None
    return Notice(id=book.notice_id, at=at.clock.now(), title=told.title, lines=told.lines, links=told.links)


def still_waits(draft: Draft, *, now: datetime) -> bool:
    """For a decision of a person, now."""
    asleep = draft.snoozed_until is not None and draft.snoozed_until > now
    return draft.state is DraftState.PENDING and draft.placement is not None and not draft.synthetic and not asleep


def _approvals(matters: Sequence[Matter], telling: Telling) -> words.Told | None:
    now = telling.at.clock.now()
    new = [one for one in _found(Draft, matters, telling) if still_waits(one, now=now)]
    if not new:
        return None
    where = {"state": DraftState.PENDING.value, "operator_id": new[0].operator_id}
    pending = telling.at.store.list(Draft, workspace_id=telling.book.workspace_id, where=where, limit=MOST_COUNTED)
    others = sum(still_waits(one.entity, now=now) for one in pending)
    return words.approvals(new, waiting=max(others, len(new)), console=telling.at.console)


def _switch(matters: Sequence[Matter], telling: Telling) -> words.Told | None:
    turns = sorted(_found(PolicyVersion, matters, telling), key=lambda one: one.policy.version)
    names = {str(one.id): one.name for one in telling.workspace.operators}
    return words.switch([one.policy for one in turns], names=names, console=telling.at.console) if turns else None


def _runs(matters: Sequence[Matter], telling: Telling) -> words.Told | None:
    failed = [one for one in _found(Run, matters, telling) if one.state is RunState.FAILED and not one.synthetic]
    return words.runs(failed, console=telling.at.console) if failed else None


def _sends(matters: Sequence[Matter], telling: Telling) -> words.Told | None:
    """Those that are still as they were: a person may have said what became of one."""
    found = {one.id: one for one in _found(Send, matters, telling)}
    ended = [found[one.id] for one in matters if one.id in found and found[one.id].state == SendState(one.occasion)]
    if not ended:
        return None
    drafts = telling.at.store.get_many(Draft, workspace_id=telling.book.workspace_id, ids=[one.draft_id for one in ended])
    return words.sends(ended, {id: one.entity for id, one in drafts.items()}, console=telling.at.console)


def _letters(matters: Sequence[Matter], telling: Telling) -> words.Told | None:
    still = [one for one in _found(DeadLetter, matters, telling) if one.state is DeadLetterState.OPEN]
    return words.letters(still, console=telling.at.console) if still else None


def _reconnect(matters: Sequence[Matter], telling: Telling) -> words.Told | None:
    """Those that have not been connected since."""
    boxes = {one.id for one in _found(MailboxState, matters, telling) if one.trouble}
    polls = telling.at.store.get(FormPolls, workspace_id=telling.book.workspace_id, id=FORMS)
    portal = any(one.id == PORTAL for one in matters) and polls is not None and bool(polls.entity.trouble)
    owners = [one for one in telling.workspace.operators if one.id in boxes]
    return words.reconnect(owners, portal=portal, console=telling.at.console) if owners or portal else None


def _found(kind: type[E], matters: Sequence[Matter], telling: Telling) -> Sequence[E]:
    """Each once, in the order in which they were heard of."""
    ids = list(dict.fromkeys(one.id for one in matters))
    found = telling.at.store.get_many(kind, workspace_id=telling.book.workspace_id, ids=ids)
    return [found[id].entity for id in ids if id in found]


Compose = Callable[[Sequence[Matter], Telling], words.Told | None]
TELLERS: Mapping[Concern, Compose] = {
    Concern.APPROVALS: _approvals,
    Concern.SWITCH: _switch,
    Concern.RUNS: _runs,
    Concern.SENDS: _sends,
    Concern.LETTERS: _letters,
    Concern.RECONNECT: _reconnect,
}
