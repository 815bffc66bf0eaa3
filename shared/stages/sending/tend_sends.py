"""Tend: calls again every send whose time has passed and that nobody has called. A chore of every workspace: nothing is ever lost.

Never a burst: whoever is called waits for the gap of its mailbox like everybody else.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from shared.domain.ids import WorkspaceId
from shared.domain.outbox import Outgoing
from shared.domain.sends import Send, SendState
from shared.domain.work import Work
from shared.ports.bus import Outbox
from shared.ports.clock import Clock
from shared.ports.errors import Conflict
from shared.ports.store import Create, Replace, Snapshot, Store
from shared.stages.deciding.send_tasks import owed_send

OVERDUE = timedelta(minutes=3)
"""A task may be so late without being lost."""
UNFINISHED = (SendState.APPROVED, SendState.HELD, SendState.CLAIMED, SendState.SENT)
PAGE = 200


def tend_sends(work: Work, *, store: Store, outbox: Outbox, clock: Clock) -> int:
    """How many were called again. `work.id` is the period."""
    return call_again(_forgotten(work.workspace_id, clock.now(), store=store), store=store, outbox=outbox, clock=clock)


def call_again(sends: Iterable[Snapshot[Send]], *, store: Store, outbox: Outbox, clock: Clock) -> int:
    """How many of these were called, each at once: the next round of theirs is owed."""
    now = clock.now()
    owed = [one for found in sends if (one := _called_again(found, now, store=store))]
    outbox.flush(entries=owed)
    return len(owed)


def _forgotten(workspace_id: WorkspaceId, now: datetime, *, store: Store) -> Iterator[Snapshot[Send]]:
    for state in UNFINISHED:
        yield from (one for one in sends_in(state, workspace_id, store=store) if _is_overdue(one.entity, now))


def sends_in(state: SendState, workspace_id: WorkspaceId, *, store: Store) -> Iterator[Snapshot[Send]]:
    """All of them, page by page."""
    after = ""
    while page := store.list(Send, workspace_id=workspace_id, where={"state": state.value}, limit=PAGE, after=after):
        yield from page
        after = page[-1].entity.id


def _is_overdue(entry: Send, now: datetime) -> bool:
    """One that somebody holds a lease on is theirs, or was: then its lease ends first."""
    held = entry.state is SendState.CLAIMED and entry.lease is not None and entry.lease.until > now
    return not held and entry.due_at + OVERDUE < now


def _called_again(found: Snapshot[Send], now: datetime, *, store: Store) -> Outgoing | None:
    """None when somebody was faster: then it is being seen to."""
    again = found.entity.model_copy(update={"due_at": now, "round": found.entity.round + 1, "updated_at": now})
    owed = owed_send(again)
    try:
        store.commit(Replace(found, again), Create(owed))
    except Conflict:
        return None
    return owed
