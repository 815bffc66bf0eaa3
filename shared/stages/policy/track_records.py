"""Reading what the rules have earned off the audit log. Used by considering, by preview, and by whoever asks.

What is older than a few minutes is kept folded, so that it is read once; what is newer is read every time and may still come out of order.
"""

from collections.abc import Sequence
from datetime import timedelta

from shared.domain.audit import AuditEntry, entry_id
from shared.domain.autonomy import TrackRecord, folded
from shared.domain.ids import OperatorId, WorkspaceId
from shared.ports.clock import Clock
from shared.ports.errors import Conflict
from shared.ports.store import Create, Replace, Snapshot, Store

SETTLED = timedelta(minutes=5)
"""Nobody commits an entry that he has made so long ago: no function runs that long."""
PAGE = 100
AT_ONCE = 2_000
"""Entries read by one call: the first one of an old log takes several."""
EVERYTHING = 200_000
"""Entries a replay reads at most."""


def track_record(workspace_id: WorkspaceId, operator_id: OperatorId, *, store: Store, clock: Clock) -> TrackRecord | None:
    """As of now; None while the log is not read to its end: the next call goes on."""
    seen = store.get(TrackRecord, workspace_id=workspace_id, id=operator_id)
    known = seen.entity if seen else TrackRecord(id=operator_id, workspace_id=workspace_id)
    entries, complete = _since(known.through, AT_ONCE, workspace_id=workspace_id, store=store)
    settled_before = entry_id(clock.now() - SETTLED, "")
    settled = folded(known, (one for one in entries if one.id < settled_before))
    if settled.through != known.through:
        _keep(seen, settled, store=store)
    return folded(settled, entries) if complete else None


def replayed(workspace_id: WorkspaceId, operator_id: OperatorId, *, store: Store) -> TrackRecord | None:
    """From the log alone, from its beginning; None when it is too long for one call."""
    entries, complete = _since("", EVERYTHING, workspace_id=workspace_id, store=store)
    return folded(TrackRecord(id=operator_id, workspace_id=workspace_id), entries) if complete else None


def _since(after: str, most: int, *, workspace_id: WorkspaceId, store: Store) -> tuple[Sequence[AuditEntry], bool]:
    """In the order of ids, and whether that is all."""
    found: list[AuditEntry] = []
    while len(found) < most:
        page = [one.entity for one in store.list(AuditEntry, workspace_id=workspace_id, limit=PAGE, after=after)]
        found += page
        if len(page) < PAGE:
            return found, True
        after = page[-1].id
    return found, False


def _keep(seen: Snapshot[TrackRecord] | None, settled: TrackRecord, *, store: Store) -> None:
    """Whoever was faster has read the same log."""
    try:
        store.commit(Replace(seen, settled) if seen else Create(settled))
    except Conflict:
        return
