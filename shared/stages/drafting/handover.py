"""How a stage passes the run on: one commit of the new state with what it owes, then the publishing. Used by every stage."""

from collections.abc import Sequence
from datetime import datetime

from shared.domain.draft import Draft
from shared.domain.ids import TraceId
from shared.domain.outbox import Channel, Outgoing, Queue, Topic
from shared.domain.run import Run, RunState
from shared.domain.work import Work
from shared.ports.bus import Outbox
from shared.ports.errors import Conflict, NotFound, Transient
from shared.ports.store import Create, Replace, Snapshot, Store, Write


def owed_event(run: Run, topic: Topic, *, at: datetime) -> Outgoing:
    """The event a run owes for having reached its present state."""
    return _owed(run, Channel.EVENT, topic.value, at)


def owed_task(run: Run, queue: Queue, *, at: datetime) -> Outgoing:
    """The task a run owes for having reached its present state; its name makes a second one harmless."""
    return _owed(run, Channel.TASK, queue.value, at)


def owed_takeover(failed: Run) -> tuple[Outgoing, ...]:
    """What a run owes for having failed for good: the contact's owner hears of it, unless they have or nobody needs to."""
    return (owed_task(failed, Queue.CRM, at=failed.updated_at),) if failed.owes_takeover else ()


def owed_announcement(draft: Draft, run: Run, topic: Topic, *, at: datetime) -> Outgoing:
    """The event a draft owes for what became of it: whoever hears it works on the draft, and cannot fail its run."""
    return Outgoing(
        id=announcement_id(draft.id, topic),
        workspace_id=draft.workspace_id,
        channel=Channel.EVENT,
        destination=topic.value,
        payload={"workspace_id": draft.workspace_id, "id": draft.id},
        trace_id=TraceId(run.trace_id),
        created_at=at,
    )


def announcement_id(draft_id: str, topic: Topic) -> str:
    return f"{draft_id}-{topic.value.rpartition('.')[2]}"


def load_run(work: Work, *, store: Store) -> Snapshot[Run]:
    """Raises NotFound."""
    found = store.get(Run, workspace_id=work.workspace_id, id=work.id)
    if found is None:
        raise NotFound(f"run {work.id} does not exist")
    return found


def pass_on(
    seen: Snapshot[Run], moved: Run, *others: Write, owed: Outgoing, store: Store, outbox: Outbox, also_owed: Sequence[Outgoing] = ()
) -> bool:
    """Commit and publish. False when another delivery has already moved the run: then nothing is committed, and that one owes the rest.

    Transient when something else in the commit has changed: the run has still to be moved.
    """
    try:
        store.commit(Replace(seen, moved), *others, Create(owed), *(Create(one) for one in also_owed))
    except Conflict:
        found = store.get(Run, workspace_id=moved.workspace_id, id=moved.id)
        if found is not None and found.entity.state is seen.entity.state:
            raise Transient(f"what run {moved.id} rests on has changed meanwhile") from None
        return False
    outbox.flush(entries=[owed, *also_owed])
    return True


def publish_what_is_left(run: Run, *, of: RunState, store: Store, outbox: Outbox, also: Sequence[str] = ()) -> None:
    """For a delivery that finds its work done: an earlier one may have died between commit and publishing.

    `of` is the state that the delivery's own stage leads to: what other stages owe is not for this function to publish. `also` are
    entries the stage owes beside it.
    """
    left = store.get_many(Outgoing, workspace_id=run.workspace_id, ids=[_owed_id(run.id, of), *also])
    if left:
        outbox.flush(entries=[one.entity for one in left.values()])


def _owed(run: Run, channel: Channel, destination: str, at: datetime) -> Outgoing:
    return Outgoing(
        id=_owed_id(run.id, run.state),
        workspace_id=run.workspace_id,
        channel=channel,
        destination=destination,
        payload={"workspace_id": run.workspace_id, "id": run.id},
        trace_id=TraceId(run.trace_id),
        created_at=at,
    )


def _owed_id(run_id: str, state: RunState) -> str:
    return f"{run_id}-{state.value}"
