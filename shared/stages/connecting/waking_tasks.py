"""The chores that go on at once when an account is connected, instead of in their turn; owed by whoever connects it."""

from collections.abc import Sequence
from datetime import timedelta

from shared.domain.connections import Connection
from shared.domain.ids import TraceId
from shared.domain.outbox import Channel, Outgoing, Queue
from shared.ports.clock import Ids

OF_GOOGLE = (Queue.RESUME_RUNS, Queue.SYNC_MAILBOX, Queue.INDEX_DRIVE)
SECOND_CALL = timedelta(minutes=2)
"""Whoever was refused a moment ago keeps the old credentials for a minute: what waits is told twice."""


def woken_by(connection: Connection, queues: Sequence[Queue], *, ids: Ids) -> Sequence[Outgoing]:
    """What waited for this goes on now, and once more when the last process has noticed the new credentials."""
    name = f"{connection.id}-{connection.secret_version}"

    def chore(queue: Queue, period: str, after: timedelta) -> Outgoing:
        return Outgoing(
            id=f"{queue}-{period}",
            workspace_id=connection.workspace_id,
            channel=Channel.TASK,
            destination=queue.value,
            payload={"workspace_id": connection.workspace_id, "id": period},
            trace_id=TraceId(ids.new()),
            created_at=connection.connected_at + after,
        )

    return [*(chore(one, name, timedelta(0)) for one in queues), *(chore(one, f"{name}-again", SECOND_CALL) for one in queues)]
