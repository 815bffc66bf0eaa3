"""What must hold in a running suite whatever happened: nothing lost, nothing twice, nothing stuck, nothing given up. Used by doctor."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from infra.cli.findings import Finding, broken, fine
from infra.cli.vendors import GmailDraft
from shared.domain.dead_letter import UNROUTED, DeadLetter, DeadLetterState
from shared.domain.draft import Draft, DraftState
from shared.domain.entity import Entity
from shared.domain.holds import OPEN, Hold, HoldState
from shared.domain.ids import WorkspaceId
from shared.domain.run import Progress, Run
from shared.ports.store import Store

E = TypeVar("E", bound=Entity)

OUTBOX_AGE = timedelta(minutes=3)
"""The sweep publishes every minute what is older than 30 seconds: anything older than this it could not publish."""
STUCK_AFTER = timedelta(minutes=10)
PAGE = 100


def outbox_is_young(store: Store, *, now: datetime) -> Finding:
    old = store.overdue_outbox(before=now - OUTBOX_AGE, limit=PAGE)
    if old:
        oldest = old[0].entity
        told = f"{len(old)} entries wait for longer than {OUTBOX_AGE.seconds // 60} minutes; the oldest is for {oldest.destination}"
        return broken("outbox", told, "look at the functions' log for the sweep")
    return fine("outbox", "nothing waits to be published")


def runs_move_on(store: Store, workspace_id: WorkspaceId, *, now: datetime) -> Finding:
    runs = list(_all(store, Run, workspace_id))
    stuck = [one for one in runs if one.progress in (Progress.PENDING, Progress.STARTED) and now - one.updated_at > STUCK_AFTER]
    if stuck:
        first, more = stuck[0], f" and {len(stuck) - 1} more" if len(stuck) > 1 else ""
        told = f"{first.id} has stood at “{first.state}” since {first.updated_at:%d %b %H:%M} UTC{more}"
        return broken("runs", told, f"sdr trace {first.id}")
    ended = Counter(str(one.progress) for one in runs)
    return fine("runs", ", ".join(f"{count} {progress}" for progress, count in sorted(ended.items())) or "none yet")


def drafts_stand(store: Store, workspace_id: WorkspaceId, standing: Sequence[GmailDraft]) -> Finding:
    """Every draft that claims to stand in Gmail does, once; one that does not any more says why in its state."""
    placed = [one for one in _all(store, Draft, workspace_id) if one.placement is not None and one.state is DraftState.PENDING]
    copies = Counter(one.ours for one in standing if one.ours)
    ids = {one.id for one in standing}
    twice = [one.id for one in placed if copies[one.id] > 1]
    gone = [one.id for one in placed if one.placement is not None and one.placement.gmail_draft_id not in ids]
    if twice:
        return broken(
            "drafts", f"{twice[0]} stands {copies[twice[0]]} times in Gmail", f"sdr drafts show {twice[0]}; delete the other copies"
        )
    if gone:
        told = f"{len(gone)} placed drafts are not in Gmail any more, first {gone[0]}"
        return broken("drafts", told, "fine if a person sent or deleted them there; if not, fill in the form again")
    return fine("drafts", f"{len(placed)} placed, each stands in Gmail once")


def times_are_held(store: Store, workspace_id: WorkspaceId, standing: Sequence[str], *, now: datetime) -> Finding:
    """Every hold has a draft, every event of ours a hold that is not over, and none of them is kept for longer than it is needed."""
    holds = {one.id: one for one in _all(store, Hold, workspace_id)}
    drafts = {one.id for one in _all(store, Draft, workspace_id)}
    open_ones = {id for id, one in holds.items() if one.state in OPEN}
    theirs = {id for id, one in holds.items() if one.state is HoldState.TAKEN_OVER}
    late = [id for id in sorted(open_ones) if now - holds[id].expires_at > STUCK_AFTER]
    if lost := sorted({id for id, one in holds.items() if one.draft_id not in drafts and id in open_ones}):
        return broken("holds", f"{lost[0]} holds a time for a draft that does not exist", "the rounds give it back within five minutes")
    if strays := sorted(set(standing) - open_ones - theirs):
        return broken("holds", f"{len(strays)} times are held in the calendar for nobody, first for {strays[0]}", "delete them there")
    if late:
        return broken("holds", f"{late[0]} should have been given back", "look at the functions' log for release_holds")
    return fine("holds", f"{len(open_ones)} times held, each for a draft")


def nothing_was_given_up(store: Store, workspace_id: WorkspaceId) -> Finding:
    found = [one.entity for home in (workspace_id, UNROUTED) for one in store.list(DeadLetter, workspace_id=home, limit=PAGE)]
    open_ones = [one for one in found if one.state is DeadLetterState.OPEN]
    if open_ones:
        first = open_ones[0]
        told = f"{len(open_ones)} open, first {first.id} from {first.function}: {first.reason}"
        return broken("dead letters", told, f"sdr trace {first.run_id}" if first.run_id else "read its payload in the store")
    return fine("dead letters", "none open")


def _all(store: Store, kind: type[E], workspace_id: WorkspaceId) -> Iterator[E]:
    after = ""
    while page := store.list(kind, workspace_id=workspace_id, limit=PAGE, after=after):
        yield from (one.entity for one in page)
        after = page[-1].entity.id
