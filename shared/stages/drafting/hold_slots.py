"""Hold: keeps the times a placed draft offers free in the operator's calendar, each once, for nobody else. Called on draft.placed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.draft import Draft
from shared.domain.holds import MOST_FENCES, STANDING, FoundHold, Hold, HoldState, ended, event_id_of, held, offered, wanted
from shared.domain.lease import claimed
from shared.domain.run import Run
from shared.domain.slots import TakenTime
from shared.domain.work import Work
from shared.ports.calendar import Calendar, CalendarOf
from shared.ports.clock import Clock
from shared.ports.errors import Busy, Conflict, NotFound, OutcomeUnknown, Permanent, SalesAgentError, Transient
from shared.ports.store import Create, Replace, Snapshot, Store, Write
from shared.stages.drafting.draft import planned_work
from shared.stages.drafting.loading import load
from shared.stages.policy.staff import operator_of

TAKEN = "something else has been put there since the draft was planned"
OFFERED_TO_ANOTHER = "the same time was offered to somebody else a moment earlier"
TOO_LATE = "the time had come before it could be held"
TOO_OFTEN = "it was held and given back too often"
REMOVED = "removed in the calendar by the operator"


@dataclass
class Outcomes:
    """What became of the holds; `trouble` is why some of them have still to be tried."""

    writes: list[Write] = field(default_factory=list)
    in_doubt: list[str] = field(default_factory=list)
    trouble: SalesAgentError | None = None


def hold_slots(work: Work, *, store: Store, clock: Clock, calendar: CalendarOf) -> None:
    """`work.id` names a draft. Times that cannot be held mark the draft; they never fail its run. Busy while another delivery holds."""
    draft = _load(work, store=store)
    if draft.entity.state not in STANDING or draft.entity.placement is None:
        return
    known = load(Work(workspace_id=work.workspace_id, id=draft.entity.run_id), store=store)
    claims = _claim(_offered_times(draft.entity, known.run.entity, now=clock.now()), store=store, clock=clock)
    if not claims:
        return
    outcomes = _tried(claims, calendar(operator_of(known.workspace, draft.entity.operator_id)), now=clock.now())
    _record(outcomes, draft, store=store, now=clock.now())
    if outcomes.trouble is not None:
        raise outcomes.trouble


def _load(work: Work, *, store: Store) -> Snapshot[Draft]:
    found = store.get(Draft, workspace_id=work.workspace_id, id=work.id)
    if found is None:
        raise NotFound(f"draft {work.id} does not exist")
    return found


def _offered_times(draft: Draft, run: Run, *, now: datetime) -> Sequence[Hold]:
    context, _ = planned_work(run)
    return [wanted(slot, draft=draft, now=now) for slot in offered(draft, context.slots)]


def _claim(holds: Sequence[Hold], *, store: Store, clock: Clock) -> list[Snapshot[Hold]]:
    """Those that have still to be held, ours until their lease ends."""
    if not holds:
        return []
    ids, workspace_id, now = [one.id for one in holds], holds[0].workspace_id, clock.now()
    known = store.get_many(Hold, workspace_id=workspace_id, ids=ids)
    claims: list[tuple[Hold, Create | Replace]] = []
    for hold in holds:
        seen = known.get(hold.id)
        if seen is not None and seen.entity.state is not HoldState.WANTED:
            continue
        lease = claimed(seen.entity.lease if seen else None, holder=hold.draft_id, now=now)
        if lease is None:
            raise Busy("another delivery is holding the times of this draft")
        ours = (seen.entity if seen else hold).model_copy(update={"lease": lease})
        claims.append((ours, Replace(seen, ours) if seen else Create(ours)))
    return _committed(claims, store=store)


def _committed(claims: Sequence[tuple[Hold, Create | Replace]], *, store: Store) -> list[Snapshot[Hold]]:
    if not claims:
        return []
    try:
        versions = store.commit(*(write for _, write in claims))
    except Conflict:
        raise Busy("another delivery has just begun to hold the times of this draft") from None
    return [Snapshot(hold, version) for (hold, _), version in zip(claims, versions, strict=True)]


def _tried(claims: Sequence[Snapshot[Hold]], calendar: Calendar, *, now: datetime) -> Outcomes:
    outcomes = Outcomes()
    taken = _Taken(calendar, [one.entity for one in claims])
    for claim in claims:
        try:
            done = _try(claim.entity, taken, calendar, now=now)
        except OutcomeUnknown as error:  # the lease stays: nobody may look before this attempt is certainly over
            outcomes.trouble = error
            continue
        except Permanent as error:
            done = _refused(claim.entity, error, now=now)
        except SalesAgentError as error:
            outcomes.trouble = outcomes.trouble or error
            done = claim.entity.model_copy(update={"lease": None})
        outcomes.writes.append(Replace(claim, done))
        outcomes.in_doubt += [done.spoken] if done.reason else []
    return outcomes


def _refused(hold: Hold, error: Permanent, *, now: datetime) -> Hold:
    """Over, unless an earlier attempt may have left an event behind: then it waits to be given back."""
    if hold.lease is not None and hold.lease.fence > 1:
        return hold.model_copy(update={"lease": None, "reason": error.detail, "updated_at": now})
    return ended(hold, HoldState.FAILED, reason=error.detail, at=now)


class _Taken:
    """What stands in the way of these holds; the calendar is asked once for all of them, when the first one wants to know."""

    def __init__(self, calendar: Calendar, holds: Sequence[Hold]) -> None:
        self._calendar, self._holds = calendar, holds
        self._known: TakenTime | None = None

    def leaves_free(self, hold: Hold) -> bool:
        if self._known is None:
            first, last = min(one.start for one in self._holds), max(one.end for one in self._holds)
            self._known = TakenTime(self._calendar.busy(start=first, end=last, held_for=hold.party))
        return self._known.leaves_free(hold.start, hold.end)


def _try(hold: Hold, taken: _Taken, calendar: Calendar, *, now: datetime) -> Hold:
    """The hold after one attempt. Whoever wants this half hour walks the same ids, so one of them gets the first that is left."""
    late = now >= hold.expires_at
    free = not late and taken.leaves_free(hold)
    for fence in range(MOST_FENCES):
        event_id = event_id_of(hold.start, fence=fence)
        if free and _inserted(hold, event_id, calendar):
            return held(hold, event_id=event_id, at=now)
        found = calendar.find(event_id=event_id)
        if found is None and not free:
            return ended(hold, HoldState.FAILED, reason=TOO_LATE if late else TAKEN, at=now)
        met = _met(hold, found, now=now) if found else None
        if met is not None:
            return met
    return ended(hold, HoldState.FAILED, reason=TOO_OFTEN, at=now)


def _inserted(hold: Hold, event_id: str, calendar: Calendar) -> bool:
    try:
        calendar.hold(hold=hold, event_id=event_id)
    except Conflict:
        return False
    return True


def _met(hold: Hold, found: FoundHold, *, now: datetime) -> Hold | None:
    """What an event under an id we want means for us: an earlier attempt of ours, somebody else's, or nothing any more."""
    if found.hold_id == hold.id:
        return ended(hold, HoldState.RELEASED, reason=REMOVED, at=now) if found.cancelled else held(hold, event_id=found.event_id, at=now)
    if found.covers(hold.start, hold.end) and found.party != hold.party:
        return ended(hold, HoldState.FAILED, reason=OFFERED_TO_ANOTHER, at=now)
    return None


def _record(outcomes: Outcomes, draft: Snapshot[Draft], *, store: Store, now: datetime) -> None:
    """Transient when something has changed meanwhile: what was done is found again after the lease."""
    writes = list(outcomes.writes)
    if outcomes.in_doubt:
        doubts = tuple(dict.fromkeys((*draft.entity.times_in_doubt, *outcomes.in_doubt)))
        writes.append(Replace(draft, draft.entity.model_copy(update={"times_in_doubt": doubts, "updated_at": now})))
    try:
        if writes:
            store.commit(*writes)
    except Conflict:
        raise Transient(f"draft {draft.entity.id} or its holds have changed meanwhile") from None
