"""What becomes of a send that cannot leave now: it waits, is tried later, or is looked into later. It always owes its next task."""

from dataclasses import replace
from datetime import datetime, timedelta

from shared.domain.audit import by_stage
from shared.domain.lease import Lease
from shared.domain.quotas import Turn
from shared.domain.sends import SEND_LEASE, Send, SendState
from shared.domain.wire import Wait
from shared.ports.errors import Busy, Conflict, ReconnectNeeded, SalesAgentError, Transient
from shared.ports.store import Create, Replace, Snapshot, Write
from shared.stages.audit.trail import Noted
from shared.stages.deciding.case import Case, released, reread
from shared.stages.deciding.send_tasks import owed_send
from shared.stages.sending.leaving import Leaving, Wire

RECHECK = timedelta(minutes=5)
"""What waits for somebody to change something is looked at again after so long, should nobody call it."""
RETRY_FROM, RETRY_TO = timedelta(seconds=10), timedelta(minutes=30)
RECONNECT = "the mailbox has to be connected again"


def wait(leaving: Leaving, why: Wait, *, wire: Wire) -> None:
    """Held until then, its place in the quotas free; a turn in the line of its mailbox is its own from this commit on."""
    entry, now, reason = leaving.send.entity, wire.clock.now(), why.reason
    due = why.until + _jitter(leaving, wire) if why.until is not None else now + RECHECK
    books = leaving.case.shelf.books.without(entry.id)
    kept = leaving.case.shelf.writes(books.with_turn(Turn(send_id=entry.id, at=due), now=now) if why.in_line else books)
    if entry.state is SendState.HELD and entry.reason == reason:  # known: no line of history for every look
        held = entry.model_copy(update={"due_at": due, "round": entry.round + 1, "updated_at": now})
        _keep(leaving, held, *kept, wire=wire)
        return
    tried = _tried(entry, "refused") if entry.state is SendState.CLAIMED else entry
    held = tried.moved(SendState.HELD, at=now, note=reason, due_at=due, round=entry.round + 1, lease=_over(entry, now))
    _keep(leaving, held, *kept, *_entries(leaving, held, reason, wire=wire), wire=wire)


def _jitter(leaving: Leaving, wire: Wire) -> timedelta:
    return timedelta(seconds=leaving.case.policy.rules.pace.jitter_s * wire.ids.fraction())


def try_later(leaving: Leaving, error: SalesAgentError, *, wire: Wire) -> None:
    """Something failed that certainly had no effect: approved as before, tried again after a while, or when the vendor says."""
    leaving = replace(leaving, case=_case_of_now(leaving, wire))  # its own claim has written in the books
    entry, now = leaving.send.entity, wire.clock.now()
    told = _tried(entry, "refused")
    if isinstance(error, ReconnectNeeded):
        held = told.moved(SendState.HELD, at=now, note=RECONNECT, due_at=now + RECHECK, round=entry.round + 1, lease=_over(entry, now))
        _keep(leaving, held, *released(leaving.case, entry.id), *_entries(leaving, held, RECONNECT, wire=wire), wire=wire)
        return
    asked = error.retry_after if isinstance(error, Transient) else None
    backoff = min(RETRY_FROM * 2 ** min(len(entry.attempts) - 1, 12), RETRY_TO) * (0.9 + 0.2 * wire.ids.fraction())
    due = now + max(asked or timedelta(0), backoff)
    back = told.moved(SendState.APPROVED, at=now, note=error.detail, due_at=due, round=entry.round + 1, lease=_over(entry, now))
    _keep(leaving, back, *released(leaving.case, entry.id), wire=wire)


def look_later(leaving: Leaving, error: SalesAgentError, *, wire: Wire) -> None:
    """It may have left. Nobody may touch it for five minutes; then somebody looks."""
    entry, now = leaving.send.entity, wire.clock.now()
    until = now + SEND_LEASE
    lease = entry.lease.model_copy(update={"until": until}) if entry.lease else None
    told = _tried(entry, "unknown")
    waiting = told.moved(SendState.CLAIMED, at=now, note=error.detail, lease=lease, due_at=until, round=entry.round + 1)
    _keep(leaving, waiting, *_entries(leaving, waiting, "nobody knows yet whether it left", wire=wire), wire=wire)


def given_back(leaving: Leaving, note: str, *, wire: Wire) -> Leaving:
    """Approved as before the claim, its place in the quotas free, to be tried at once."""
    entry, now = leaving.send.entity, wire.clock.now()
    back = entry.moved(SendState.APPROVED, at=now, note=note, lease=_over(entry, now))
    try:
        [version, *_] = wire.store.commit(Replace(leaving.send, back), *released(leaving.case, entry.id))
    except Conflict:
        raise Busy(f"send {entry.id} or its quotas have just changed") from None
    return replace(leaving, send=Snapshot(back, version), case=_case_of_now(leaving, wire))


def _case_of_now(leaving: Leaving, wire: Wire) -> Case:
    return reread(leaving.case, store=wire.store, suppressions=wire.desk.suppressions)


def _keep(leaving: Leaving, moved: Send, *others: Write, wire: Wire) -> None:
    owed = owed_send(moved)
    try:
        wire.store.commit(Replace(leaving.send, moved), *others, Create(owed))
    except Conflict:
        raise Busy(f"send {moved.id} or its quotas have just changed") from None
    wire.desk.outbox.flush(entries=[owed])


def _entries(leaving: Leaving, moved: Send, reason: str, *, wire: Wire) -> tuple[Write, ...]:
    action = "send.unknown" if moved.state is SendState.CLAIMED else f"send.{moved.state}"
    told = Noted(action=action, send=moved, draft=leaving.case.draft.entity, reason=reason, policy_version=leaving.case.policy.version)
    return wire.desk.audit.writes(told, by=by_stage("send"), workspace_id=moved.workspace_id)


def _tried(entry: Send, outcome: str) -> Send:
    """The last attempt knows how it went."""
    if not entry.attempts:
        return entry
    return entry.model_copy(update={"attempts": (*entry.attempts[:-1], entry.attempts[-1].model_copy(update={"outcome": outcome}))})


def _over(entry: Send, now: datetime) -> Lease | None:
    """A lease that has ended, whose fence the next claim goes beyond."""
    return entry.lease.model_copy(update={"until": now}) if entry.lease else None
