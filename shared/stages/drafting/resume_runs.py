"""Resume: what waits for an account to be connected again is tried again, for as long as it takes. A chore of every workspace."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from shared.domain.hints import Hint
from shared.domain.ids import WorkspaceId
from shared.domain.outbox import Channel, Outgoing, Queue, Topic
from shared.domain.pauses import Pause
from shared.domain.run import Run
from shared.domain.waiting import is_waiting
from shared.domain.work import Work
from shared.ports.bus import Outbox
from shared.ports.clock import Clock
from shared.ports.errors import Conflict
from shared.ports.store import Create, Remove, Snapshot, Store

PAGE = 100
MOST = 300
"""Tried in one round, those that have waited longest for their turn first; the next rounds take the others."""
A_MINUTE = 30
"""Tried in one minute: the vendors' limits are for whoever has just asked. The sweep hands over the later ones."""
GOES_ON_WITH: Mapping[str, Topic | Queue] = {
    "plan": Topic.LEAD_RECEIVED,
    "draft": Topic.LEAD_PLANNED,
    "gate": Topic.DRAFT_WRITTEN,
    "place_draft": Topic.DRAFT_GATED,
    "log_to_crm": Queue.CRM,
}
"""What each stage hears: it is told once more, and guards by state as always."""


def resume_runs(work: Work, *, store: Store, outbox: Outbox, clock: Clock) -> int:
    """How many are tried again. `work.id` is the period: a second delivery of it tries nothing twice."""
    now, tried = clock.now(), 0
    pauses = sorted(_all(work.workspace_id, store=store), key=lambda one: (one.entity.tried_at, one.entity.id))[:MOST]
    for start in range(0, len(pauses), PAGE):
        some = pauses[start : start + PAGE]
        waiting = _still_waiting(some, work.workspace_id, store=store)
        owed = [_owed(one.entity, work.id, at=now + timedelta(minutes=(tried + place) // A_MINUTE)) for place, one in enumerate(waiting)]
        over = [Remove(one.entity, one) for one in some if one not in waiting]
        try:
            store.commit(*(Create(one) for one in owed), *over)
        except Conflict:
            return tried  # another delivery has done it, or is about to; what it leaves the next round takes
        outbox.flush(entries=[one for one in owed if one.created_at <= now])
        tried += len(owed)
    return tried


def _all(workspace_id: WorkspaceId, *, store: Store) -> Iterator[Snapshot[Pause]]:
    last = ""
    while page := store.list(Pause, workspace_id=workspace_id, limit=PAGE, after=last):
        yield from page
        last = page[-1].entity.id


def _still_waiting(pauses: Sequence[Snapshot[Pause]], workspace_id: WorkspaceId, *, store: Store) -> list[Snapshot[Pause]]:
    """Those whose run or hint has gone on meanwhile have ended."""
    ids = {one.entity.id for one in pauses}
    of_runs = {one.entity.run_id for one in pauses} - {""}
    runs = store.get_many(Run, workspace_id=workspace_id, ids=sorted(of_runs))
    hints = store.get_many(Hint, workspace_id=workspace_id, ids=sorted(ids - of_runs))
    waiting = {id for found in (runs, hints) for id, one in found.items() if is_waiting(one.entity)}
    return [one for one in pauses if one.entity.id in waiting]


def _owed(pause: Pause, period: str, *, at: datetime) -> Outgoing:
    """Named by the period as well: the name of a task that has been done stays taken."""
    destination = GOES_ON_WITH[pause.stage]
    return Outgoing(
        id=f"{pause.id}-resumed-{period}",
        workspace_id=pause.workspace_id,
        channel=Channel.TASK if isinstance(destination, Queue) else Channel.EVENT,
        destination=destination.value,
        payload={"workspace_id": pause.workspace_id, "id": pause.work_id},
        trace_id=pause.trace_id,
        created_at=at,
    )
