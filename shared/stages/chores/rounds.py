"""Rounds: hands every workspace the chores that are due. Called every five minutes."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from shared.domain.chores import CHORES, Chore, ChoreRecord, period_id
from shared.domain.ids import TraceId, WorkspaceId, derived_id
from shared.domain.outbox import Channel, Outgoing
from shared.ports.bus import Outbox
from shared.ports.clock import Clock
from shared.ports.errors import Conflict
from shared.ports.store import Create, Replace, Snapshot, Store


def rounds(*, store: Store, outbox: Outbox, clock: Clock, chores: Sequence[Chore] = CHORES) -> int:
    """How many chores were handed out. Each period's chore is handed out once, however often and late the rounds come."""
    now = clock.now()
    owed = [one for workspace in store.workspaces() for one in _handed_out(workspace.id, chores, now, store=store)]
    outbox.flush(entries=owed)
    return len(owed)


def _handed_out(workspace_id: WorkspaceId, chores: Sequence[Chore], now: datetime, *, store: Store) -> list[Outgoing]:
    """Nothing when other rounds were quicker: they owe it then."""
    known = store.get_many(ChoreRecord, workspace_id=workspace_id, ids=[chore.queue.value for chore in chores])
    due = [chore for chore in chores if _is_due(chore, known, now)]
    owed = [_owed(workspace_id, chore, now) for chore in due]
    try:
        if owed:
            store.commit(*(_recorded(workspace_id, chore, known, now) for chore in due), *(Create(one) for one in owed))
    except Conflict:
        return []
    return owed


def _is_due(chore: Chore, known: Mapping[str, Snapshot[ChoreRecord]], now: datetime) -> bool:
    latest = known.get(chore.queue.value)
    return latest is None or latest.entity.period < chore.period(now)


def _recorded(workspace_id: WorkspaceId, chore: Chore, known: Mapping[str, Snapshot[ChoreRecord]], now: datetime) -> Create | Replace:
    record = ChoreRecord(id=chore.queue.value, workspace_id=workspace_id, period=chore.period(now))
    latest = known.get(record.id)
    return Replace(latest, record) if latest else Create(record)


def _owed(workspace_id: WorkspaceId, chore: Chore, now: datetime) -> Outgoing:
    """The work's id is the period: a task that comes late can tell."""
    period = period_id(chore.period(now))
    return Outgoing(
        id=f"{workspace_id}-{chore.queue.value}-{period}",
        workspace_id=workspace_id,
        channel=Channel.TASK,
        destination=chore.queue.value,
        payload={"workspace_id": workspace_id, "id": period},
        trace_id=TraceId(derived_id("chore", workspace_id, chore.queue.value, period)),
        created_at=now,
    )
