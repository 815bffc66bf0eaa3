"""The chores that go on at once when an account is connected, instead of in their turn; owed by whoever connects it."""

from collections.abc import Sequence
from datetime import timedelta

from shared.domain.connections import Connection
from shared.domain.outbox import Outgoing, Queue, owed_work
from shared.ports.clock import Ids

OF_GOOGLE = (Queue.RESUME_RUNS, Queue.SYNC_MAILBOX, Queue.INDEX_DRIVE)
SECOND_CALL = timedelta(minutes=2)
"""Whoever was refused a moment ago keeps the old credentials for a minute: what waits is told twice."""


def woken_by(connection: Connection, queues: Sequence[Queue], *, ids: Ids) -> Sequence[Outgoing]:
    """What waited for this goes on now, and once more when the last process has noticed the new credentials."""
    name = f"{connection.id}-{connection.secret_version}"

    def chore(queue: Queue, period: str, after: timedelta) -> Outgoing:
        """Named after the workspace too: a task's name is taken for everybody, and two portals are connected for the first time alike."""
        workspace_id, at = connection.workspace_id, connection.connected_at + after
        return owed_work(queue, period, workspace_id=workspace_id, at=at, trace_id=ids.new(), id=f"{workspace_id}-{queue}-{period}")

    return [*(chore(one, name, timedelta(0)) for one in queues), *(chore(one, f"{name}-again", SECOND_CALL) for one in queues)]
