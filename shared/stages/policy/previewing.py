"""Preview: a proposed policy against the decisions of the last thirty days. Reads in pages, writes nothing. Called by the API."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from shared.domain.autonomy import TrackRecord
from shared.domain.draft import Draft
from shared.domain.entity import Entity
from shared.domain.guardrails import Relationship, relationship_of
from shared.domain.heard import Heard, heard_ids
from shared.domain.ids import OperatorId, WorkspaceId
from shared.domain.lawfulness import RULES, Letter
from shared.domain.planning import Context
from shared.domain.policy import Guardrails, Policy, Rules
from shared.domain.policy_changes import differences
from shared.domain.preview import Candidate, Decision, Left, Preview, against_contact, previewed, unattended
from shared.domain.quotas import Reservation
from shared.domain.run import Run
from shared.domain.sends import COUNTED, Send, SendState
from shared.domain.verdict import Outcome
from shared.domain.workspace import Operator
from shared.ports.clock import Clock
from shared.ports.store import Snapshot, Store
from shared.stages.policy.earned_levels import candidates
from shared.stages.policy.policies import Policies, Proposal
from shared.stages.policy.track_records import track_record

E = TypeVar("E", bound=Entity)

LOOKS_BACK = timedelta(days=30)
PAGE = 50
MOST = 1_000
"""Drafts and sends, each, that are looked at; the newest first."""
MOST_TOLD = 100
"""Decisions that are named; the counts are of all."""
REPLAYED = frozenset({*Guardrails.model_fields, *RULES})


@dataclass(frozen=True)
class Past:
    """What was decided since then; not `complete` when there was more than is looked at."""

    decisions: Sequence[Decision]
    left: Sequence[Left]
    candidates: Sequence[Candidate]
    records: Mapping[OperatorId, TrackRecord]
    since: datetime
    complete: bool


def preview(proposal: Proposal, *, workspace_id: WorkspaceId, policies: Policies, store: Store, clock: Clock) -> Mapping[str, object]:
    """As data: what would change in the rules, and what those would have changed. Rejected for rules that cannot be."""
    policy, rules = policies.proposed(proposal, workspace_id=workspace_id)
    past = past_of(policy, store=store, clock=clock)
    return _told(policy, rules, past, _previewed(rules, past, policy), _previewed(policy.rules, past, policy))


def _previewed(rules: Rules, past: Past, policy: Policy) -> Preview:
    return previewed(rules, decisions=past.decisions, left=past.left, workspace_id=policy.workspace_id)


def past_of(policy: Policy, *, store: Store, clock: Clock) -> Past:
    since = clock.now() - LOOKS_BACK
    operators = {one.id: one for one in store.workspace(workspace_id=policy.workspace_id).operators}
    sends, all_sends = _since(Send, store, policy.workspace_id, since)
    drafts, all_drafts = _since(Draft, store, policy.workspace_id, since, where={"synthetic": False}, only=_tells_something)
    by_draft = {str(one.draft_id): one for one in reversed(sends)}
    records = _records([one for one in drafts if one.considered is not None], policy, store, clock)
    return Past(
        candidates=candidates(drafts, records),
        records=records,
        decisions=list(_decisions([one for one in drafts if _decided(one)], by_draft, operators, policy, store)),
        left=[_left(one, operators[one.operator_id]) for one in sends if one.state in COUNTED and one.operator_id in operators],
        since=since,
        complete=all_sends and all_drafts,
    )


def _records(considered: Sequence[Draft], policy: Policy, store: Store, clock: Clock) -> Mapping[OperatorId, TrackRecord]:
    """Of the operators they are of; none while the log is not read to its end."""
    ids = dict.fromkeys(one.operator_id for one in considered)
    found = {id: track_record(policy.workspace_id, id, store=store, clock=clock) for id in ids}
    return {id: one for id, one in found.items() if one is not None}


def _since(
    kind: type[E],
    store: Store,
    workspace_id: WorkspaceId,
    since: datetime,
    *,
    where: Mapping[str, object] | None = None,
    only: Callable[[E], bool] = lambda _: True,
) -> tuple[list[E], bool]:
    """Those created since then, the newest first, and whether that is all of them."""
    kept: list[E] = []
    last, seen = "", 0
    while seen < MOST:
        page = store.list(kind, workspace_id=workspace_id, where=where, newest_by="created_at", limit=PAGE, after=last)
        young = [one.entity for one in page if _created(one) >= since]
        kept += filter(only, young)
        if len(young) < PAGE:
            return kept, True
        last, seen = young[-1].id, seen + len(young)
    return kept, False


def _created(found: Snapshot[Any]) -> datetime:
    created: datetime = found.entity.created_at
    return created


def _tells_something(draft: Draft) -> bool:
    return draft.considered is not None or _decided(draft)


def _decided(draft: Draft) -> bool:
    return draft.approvals > 0 or bool(_rules_against(draft))


def _rules_against(draft: Draft) -> tuple[str, ...]:
    """As the gate wrote them down."""
    failed = (one.check for one in draft.verdict.violations if one.outcome is Outcome.FAIL) if draft.verdict else ()
    return tuple(dict.fromkeys(check for check in failed if check in REPLAYED))


def _decisions(
    drafts: Sequence[Draft], sends: Mapping[str, Send], operators: Mapping[OperatorId, Operator], policy: Policy, store: Store
) -> Iterator[Decision]:
    """With the relationship as their runs recorded it; without those of operators who have left."""
    known = [one for one in drafts if one.operator_id in operators]
    for start in range(0, len(known), PAGE):
        page = known[start : start + PAGE]
        runs = store.get_many(Run, workspace_id=policy.workspace_id, ids=list(dict.fromkeys(one.run_id for one in page)))
        heard = _heard(page, runs, policy, store)
        for draft in page:
            run = runs.get(draft.run_id)
            if run is not None and run.entity.context is not None:
                relationship = _relationship(draft, run.entity.context, heard)
                yield _decision(draft, relationship, sends.get(draft.id), operators[draft.operator_id], policy)


def _heard(drafts: Sequence[Draft], runs: Mapping[str, Snapshot[Run]], policy: Policy, store: Store) -> Mapping[str, Heard]:
    """The newest mails of those they are meant for, by id."""
    known = [(one, runs[one.run_id].entity.context) for one in drafts if one.run_id in runs]
    ids = dict.fromkeys(id for draft, context in known if context is not None for id in heard_ids(draft, context))
    found = store.get_many(Heard, workspace_id=policy.workspace_id, ids=list(ids))
    return {id: one.entity for id, one in found.items()}


def _relationship(draft: Draft, context: Context, heard: Mapping[str, Heard]) -> Relationship:
    """As it was when the draft was decided: what they wrote later was no reason yet."""
    mails = [heard[id].at for id in heard_ids(draft, context) if id in heard]
    return relationship_of(context).having_heard(max((at for at in mails if at <= _moment(draft)), default=None))


def _moment(draft: Draft) -> datetime:
    return draft.decided_at or draft.created_at


def _decision(draft: Draft, relationship: Relationship, send: Send | None, operator: Operator, policy: Policy) -> Decision:
    """A send that was voided names no rule: those of the policy in force that are against it stand in."""
    refused_by, at = _rules_against(draft), _moment(draft)
    letter = Letter.of(draft)
    if send is not None and send.state is SendState.VOIDED:
        refused_by = tuple(one.rule for one in against_contact(policy.rules, relationship, operator=operator, letter=letter, at=at))
    failed = draft.verdict.violations if draft.verdict else ()
    return Decision(
        draft_id=draft.id,
        at=at,
        operator=operator,
        relationship=relationship,
        letter=letter,
        sent=send is not None and send.state is not SendState.VOIDED,
        refused_by=refused_by,
        otherwise=any(one.outcome is Outcome.FAIL and one.check not in REPLAYED for one in failed),
    )


def _left(send: Send, operator: Operator) -> Left:
    at = send.departure.at if send.departure else send.attempts[-1].at if send.attempts else send.updated_at
    place = Reservation(send_id=send.id, touch=send.touch, new_thread=send.new_thread, at=at)
    return Left(place=place, operator=operator, recipient=send.recipient)


def _unattended(rules: Rules, past: Past) -> Mapping[str, object]:
    return unattended(rules, past.candidates, past.records).model_dump(mode="json")


def _told(policy: Policy, rules: Rules, past: Past, proposed: Preview, now: Preview) -> Mapping[str, object]:
    before, after = differences(policy.rules, rules)
    return {
        "based_on": policy.version,
        "before": before,
        "after": after,
        "since": past.since.isoformat(),
        "complete": past.complete,
        "decisions": proposed.decisions,
        "refused": len(proposed.refused),
        "refused_by_rule": proposed.refused_by_rule,
        "refused_decisions": [one.model_dump(mode="json") for one in proposed.refused[:MOST_TOLD]],
        "allowed": len(proposed.allowed),
        "allowed_by_rule": proposed.allowed_by_rule,
        "allowed_decisions": [one.model_dump(mode="json") for one in proposed.allowed[:MOST_TOLD]],
        "sends": proposed.left,
        "waited": proposed.waited,
        "waited_now": now.waited,
        "auto_approval": _unattended(rules, past),
        "auto_approval_now": _unattended(policy.rules, past),
    }
