"""The approval queue as an operator looks at it: five views of the workspace's drafts, with counts. Called by the console."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from itertools import chain
from zoneinfo import ZoneInfo

from shared.domain.draft import Draft, DraftState
from shared.domain.ids import WorkspaceId, derived_id
from shared.domain.planning import Priority
from shared.domain.policy import CURRENT, Policy
from shared.domain.sends import Send, SendState
from shared.ports.clock import Clock
from shared.ports.store import Store
from shared.resilience.together import all_of, together
from shared.stages.policy.in_force import policy_of

MOST = 200
"""Rows of a view; what waits longer comes up as the others are decided."""
MOVING = (SendState.APPROVED, SendState.HELD, SendState.CLAIMED)
URGENCY = {Priority.URGENT: 0, Priority.NORMAL: 1, Priority.LOW: 2}


class View(StrEnum):
    DECIDE = "decide"
    SENDING = "sending"
    PARKED = "parked"
    SNOOZED = "snoozed"
    TODAY = "today"


@dataclass(frozen=True)
class Row:
    """`send` is there when one has been created."""

    draft: Draft
    send: Send | None = None


@dataclass(frozen=True)
class Queue:
    """`counts` end at the most that a view shows; `more` says that this view has others."""

    view: View
    rows: tuple[Row, ...]
    counts: Mapping[View, int]
    more: bool
    policy: Policy


def queue(workspace_id: WorkspaceId, view: View, *, zone: str, store: Store, clock: Clock) -> Queue:
    """`zone` says when the operator's day began."""
    now = clock.now()
    pending, decided, sends, policy = _read(workspace_id, store)
    drafts = _drafts_of(sends, workspace_id, store)
    by_draft = {str(one.draft_id): one for one in sends}
    asleep = [one for one in pending if one.snoozed_until is not None and one.snoozed_until > now]
    awake = [one for one in pending if one.snoozed_until is None or one.snoozed_until <= now]
    today = [one for one in decided if one.decided_at is not None and one.decided_at >= _midnight(now, zone)]
    views: Mapping[View, Sequence[Row]] = {
        View.DECIDE: [Row(one) for one in sorted(awake, key=_first_urgent_then_new)],
        View.SENDING: [Row(drafts[one.draft_id], one) for one in sends if one.state in MOVING and one.draft_id in drafts],
        View.PARKED: [Row(drafts[one.draft_id], one) for one in sends if one.state is SendState.PARKED and one.draft_id in drafts],
        View.SNOOZED: [Row(one) for one in sorted(asleep, key=lambda one: one.snoozed_until or now)],
        View.TODAY: [Row(one, by_draft.get(one.id)) for one in today],
    }
    counts = {name: min(len(rows), MOST) for name, rows in views.items()}
    return Queue(view, tuple(views[view][:MOST]), counts, len(views[view]) > MOST, policy)


def tag_of(workspace_id: WorkspaceId, *, store: Store, clock: Clock) -> str:
    """Three documents tell whether anything has changed; what changes with time alone changes within the minute."""

    def newest(kind: type[Draft] | type[Send]) -> list[str]:
        found = store.list(kind, workspace_id=workspace_id, newest_by="updated_at", limit=1)
        return [derived_id(one.entity.id, str(one.version)) for one in found]

    drafts, sends, policy = together(
        lambda: newest(Draft), lambda: newest(Send), lambda: store.get(Policy, workspace_id=workspace_id, id=CURRENT)
    )
    return "-".join([*drafts, *sends, str(policy_of(policy, workspace_id).version), f"{clock.now():%H%M}"])


def _read(workspace_id: WorkspaceId, store: Store) -> tuple[list[Draft], list[Draft], list[Send], Policy]:
    """One more of everything than is shown, all at once."""

    def drafts(where: Mapping[str, object], newest_by: str) -> list[Draft]:
        found = store.list(Draft, workspace_id=workspace_id, where={"synthetic": False, **where}, newest_by=newest_by, limit=MOST + 1)
        return [one.entity for one in found]

    (pending, decided), sends, policy = together(
        lambda: together(lambda: drafts({"state": DraftState.PENDING.value}, "created_at"), lambda: drafts({}, "decided_at")),
        lambda: all_of([partial(_sends, state, workspace_id, store) for state in (*MOVING, SendState.PARKED)]),
        lambda: store.get(Policy, workspace_id=workspace_id, id=CURRENT),
    )
    return pending, decided, sorted(chain.from_iterable(sends), key=lambda one: one.due_at), policy_of(policy, workspace_id)


def _sends(state: SendState, workspace_id: WorkspaceId, store: Store) -> list[Send]:
    return [one.entity for one in store.list(Send, workspace_id=workspace_id, where={"state": state.value}, limit=MOST + 1)]


def _drafts_of(sends: Sequence[Send], workspace_id: WorkspaceId, store: Store) -> Mapping[str, Draft]:
    found = store.get_many(Draft, workspace_id=workspace_id, ids=[one.draft_id for one in sends])
    return {id: one.entity for id, one in found.items()}


def _first_urgent_then_new(draft: Draft) -> tuple[int, float]:
    return URGENCY[draft.urgency], -draft.created_at.timestamp()


def _midnight(now: datetime, zone: str) -> datetime:
    return now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
