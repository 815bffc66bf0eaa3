"""What must hold in a running suite whatever happened: nothing lost, nothing twice, nothing stuck, nothing given up. Used by doctor."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from infra.cli.findings import Finding, broken, doubtful, fine
from infra.cli.vendors import GmailDraft
from shared.domain.audit import Unsealed
from shared.domain.canary_fate import LATEST, OVERDUE, Canary, Fate, fate_of
from shared.domain.dead_letter import UNROUTED, DeadLetter, DeadLetterState
from shared.domain.draft import Draft, DraftState
from shared.domain.entity import Entity
from shared.domain.hints import Hint, HintState
from shared.domain.holds import OPEN, Hold, HoldState
from shared.domain.ids import WorkspaceId
from shared.domain.polling import FORMS, FormPolls
from shared.domain.run import Progress, Run
from shared.domain.workspace import Workspace
from shared.ports.store import Store
from shared.stages.arriving.canary import run_of

E = TypeVar("E", bound=Entity)

OUTBOX_AGE = timedelta(minutes=3)
"""The sweep publishes every minute what is older than 30 seconds: anything older than this it could not publish."""
UNSEALED_AGE = timedelta(minutes=5)
STUCK_AFTER = timedelta(minutes=10)
RECENT = timedelta(days=1)
"""Failures that somebody may not have seen yet."""
PAGE = 100


def outbox_is_young(store: Store, *, now: datetime) -> Finding:
    old = store.overdue_outbox(before=now - OUTBOX_AGE, limit=PAGE)
    if old:
        oldest = old[0].entity
        told = f"{len(old)} entries wait for longer than {OUTBOX_AGE.seconds // 60} minutes; the oldest is for {oldest.destination}"
        return broken("outbox", told, "look at the functions' log for the sweep")
    return fine("outbox", "nothing waits to be published")


def log_is_sealed(store: Store, workspace_id: WorkspaceId, *, now: datetime) -> Finding:
    """The sealer comes every minute: an entry that has waited for longer shows that it does not, or cannot."""
    oldest = store.list(Unsealed, workspace_id=workspace_id, limit=1)  # ids begin with the moment
    if oldest and now - oldest[0].entity.at > UNSEALED_AGE:
        told = f"an entry has waited for its seal since {_moment(oldest[0].entity.at)}"
        return broken("audit log", told, "look at the functions' log for seal_audit")
    return fine("audit log", "nothing waits for its seal")


def runs_move_on(store: Store, workspace_id: WorkspaceId, *, now: datetime) -> Finding:
    runs = [one for one in all_of_kind(store, Run, workspace_id) if not one.synthetic]
    under_way = [one for one in runs if one.progress in (Progress.PENDING, Progress.STARTED) and not one.paused]
    stuck = [one for one in under_way if now - one.updated_at > STUCK_AFTER]
    if stuck:
        first, more = stuck[0], f" and {len(stuck) - 1} more" if len(stuck) > 1 else ""
        told = f"{first.id} has stood at “{first.state}” since {first.updated_at:%d %b %H:%M} UTC{more}"
        return broken("runs", told, f"sdr trace {first.id}")
    ended = Counter(str(one.progress) for one in runs)
    told = ", ".join(f"{count} {progress}" for progress, count in sorted(ended.items())) or "none yet"
    failed = [one for one in runs if one.progress is Progress.FAILURE and now - one.updated_at <= RECENT]
    if failed:
        last = max(failed, key=lambda one: one.updated_at)
        return doubtful("runs", f"{told}; the last failed in {last.failed_stage}: {last.failure_reason}", f"sdr trace {last.id}")
    return fine("runs", told)


def nothing_is_paused(store: Store, workspace_id: WorkspaceId) -> Finding:
    """Nobody waits for an account to be connected again."""
    runs = [f"{one.id} in {one.paused}" for one in all_of_kind(store, Run, workspace_id) if one.paused and not one.synthetic]
    hints = store.list(Hint, workspace_id=workspace_id, where={"state": HintState.PAUSED.value}, limit=PAGE)
    waiting = [*runs, *(f"{one.entity.id}: {one.entity.reason}" for one in hints)]
    if waiting:
        return broken(
            "paused", f"{len(waiting)} paused, first {waiting[0]}", "connect the account again: they go on by themselves within ten minutes"
        )
    return fine("paused", "nothing waits for an account")


def drafts_stand(store: Store, workspace_id: WorkspaceId, standing: Sequence[GmailDraft]) -> Finding:
    """Every draft that claims to stand in Gmail does, once; one that does not any more says why in its state."""
    placed = [one for one in all_of_kind(store, Draft, workspace_id) if one.placement is not None and one.state is DraftState.PENDING]
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
    holds = {one.id: one for one in all_of_kind(store, Hold, workspace_id)}
    drafts = {one.id for one in all_of_kind(store, Draft, workspace_id)}
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
        return broken(
            "dead letters", told, f"sdr dead-letters show {first.id}" if first.workspace_id != UNROUTED else "read its payload in the store"
        )
    return fine("dead letters", "none open")


def forms_are_polled(store: Store, workspace_id: WorkspaceId, *, now: datetime) -> Finding:
    """The last look is young, and what it saw has its runs."""
    found = store.get(FormPolls, workspace_id=workspace_id, id=FORMS)
    if found is None:
        return doubtful("forms", "never polled", "the rounds do it every five minutes; look at the functions' log if they do not")
    polls = found.entity
    told = f"last poll {_moment(polls.polled_at)}, {polls.seen} submissions seen, {polls.repaired} repaired"
    if polls.silent(now):
        return broken("forms", f"{told}; {polls.trouble or 'no look since'}", "lost webhooks go unnoticed; look at the log of poll_forms")
    if polls.waiting:
        fix = "`sdr runs list` shows where they stand; the log of plan says why"
        return broken("forms", f"{told}; {polls.waiting} of them still have no run", fix)
    gone = [one.form_id for one in polls.watches if one.gone]
    if polls.trouble or gone:
        trouble = polls.trouble or f"HubSpot shows nothing of form {gone[0]}"
        return doubtful(
            "forms", f"{told}; {trouble}", "check crm.form_ids of the workspace" if gone else "the next look is in five minutes"
        )
    return fine("forms", told)


def canary_sings(store: Store, workspace: Workspace, *, now: datetime) -> Finding:
    """The last synthetic submission came through, or may still do so."""
    if not workspace.canary:
        return doubtful("canary", "switched off for this workspace", "set canary to true to hear of a broken pipeline within the hour")
    found = store.get(Canary, workspace_id=workspace.id, id=LATEST)
    if found is None:
        return doubtful("canary", "none sent yet", "the rounds send the first one within five minutes")
    last = found.entity
    fate, reason = fate_of(last, run_of(last, store=store), now=now)
    told = f"sent {_moment(last.sent_at)}: {fate}"
    if fate is Fate.FAILED or (fate is Fate.UNDER_WAY and last.alarm):
        return broken(
            "canary", f"{told}: {reason or last.alarm}", f"sdr trace {last.handle}" if last.handle else "look at the log of canary"
        )
    if now - last.sent_at > OVERDUE:
        return broken("canary", f"{told}, and none since", "look at the functions' log for rounds and canary")
    return fine("canary", told)


def _moment(at: datetime | None) -> str:
    return f"{at:%d %b %H:%M} UTC" if at else "never"


def all_of_kind(store: Store, kind: type[E], workspace_id: WorkspaceId) -> Iterator[E]:
    after = ""
    while page := store.list(kind, workspace_id=workspace_id, limit=PAGE, after=after):
        yield from (one.entity for one in page)
        after = page[-1].entity.id
