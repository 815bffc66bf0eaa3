"""Consider: whether a draft that has just been placed may leave without a person. Called on draft.placed.

The answer is logged before anything follows from it: what people decide later about a draft nobody considered earns no rule anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.audit import Actor, ActorKind, AuditEntry, by_stage
from shared.domain.auto_approval import (
    Facts,
    Occasion,
    considered,
    domains_of,
    draw_of,
    has_reached_well,
    is_untouched,
    switched_off,
    template_of,
    wording_of,
)
from shared.domain.autonomy import CONSIDERED
from shared.domain.considered import Answer, Considered, SamplingKey
from shared.domain.conversation import Direction
from shared.domain.draft import Draft
from shared.domain.holds import Hold, HoldState, offered, wanted
from shared.domain.ids import WorkspaceId
from shared.domain.outbox import Outgoing
from shared.domain.policy import CURRENT, Policy, Stance
from shared.domain.sends import send_id_for
from shared.domain.work import Work
from shared.ports.clock import Ids
from shared.ports.errors import Awaited, Conflict, NotFound, ReconnectNeeded, Transient
from shared.ports.store import Create, Key, Replace, Store
from shared.resilience.together import together
from shared.stages.audit.trail import Noted, named_in_log
from shared.stages.deciding.approving import NotApproved, approve, fingerprint_shown, objections
from shared.stages.deciding.case import Case, read_case
from shared.stages.deciding.desk import Desk
from shared.stages.policy.in_force import policy_of
from shared.stages.policy.track_records import track_record

STAGE = "consider"
NEWEST = 100
"""Entries about a recipient that are looked through."""


@dataclass(frozen=True)
class Considerer:
    """What considering needs; `ids` make the sampling key."""

    desk: Desk
    ids: Ids


def consider(work: Work, *, trace_id: str, at: Considerer) -> None:
    """`work.id` names a draft. Nothing happens unless the policy wants it considered and nobody has begun with it."""
    desk = at.desk
    found, policy = desk.store.read(Key(Draft, work.workspace_id, work.id), Key(Policy, work.workspace_id, CURRENT))
    if found is None:
        raise NotFound(f"draft {work.id} does not exist")
    draft: Draft = found.entity
    rules = policy_of(policy, work.workspace_id).rules
    if not is_untouched(draft, now=desk.clock.now()):
        _publish_what_is_left(draft, desk)
        return
    settled = draft.considered is not None and draft.considered.answer is not Answer.APPROVE
    if settled or rules.auto_approval.stance is Stance.OFF or not rules.sends_for(draft.operator_id):
        return
    case = read_case(work.workspace_id, work.id, store=desk.store, suppressions=desk.suppressions)
    answer = considered(_occasion(case, at=at))
    if draft.considered is None or draft.considered.answer is not answer.answer:
        _note(case, answer, desk=desk)
    if answer.answer is Answer.APPROVE:
        _approve(case, answer, trace_id=trace_id, desk=desk)


def _occasion(case: Case, *, at: Considerer) -> Occasion:
    draft, context, desk = case.draft.entity, case.context, at.desk
    ws, rules = draft.workspace_id, case.policy.rules
    held, record, about, key = together(
        lambda: _held(case, store=desk.store),
        lambda: track_record(ws, draft.operator_id, store=desk.store, clock=desk.clock),
        lambda: _log_about(draft, store=desk.store),
        lambda: _sampling_key(ws, at=at),
    )
    wording = wording_of(draft, context.identity, operator_name=case.operator.name, times=[one.spoken for one in context.slots])
    return Occasion(
        draft=draft,
        rules=rules,
        facts=_facts(case, about, wording=wording, at=at),
        record=record,
        answers_a_person=_answers_a_person(case),
        objections=(*_objections(case, desk), *held),
        draw=draw_of(key, draft.id),
        wording=wording,
    )


def _objections(case: Case, desk: Desk) -> list[str]:
    shown = fingerprint_shown(case.draft.entity, case.operator.name)
    return objections(case, shown, production=desk.production, now=desk.clock.now())


def _facts(case: Case, about: Sequence[AuditEntry], *, wording: str, at: Considerer) -> Facts:
    draft, now = case.draft.entity, at.desk.clock.now()
    heard_at = case.heard.at if case.heard else None
    company = case.context.identity.company
    recipient_domain, company_domain = domains_of(draft, case.context.identity)
    return Facts(
        heard_at=heard_at,
        reached_well=has_reached_well(about, heard_at=heard_at, now=now),
        icp=company.icp if company else None,
        recipient_domain=recipient_domain,
        company_domain=company_domain,
        template=template_of(wording, case.policy.rules.auto_approval),
        now=now,
    )


def _answers_a_person(case: Case) -> bool:
    reading = case.context.reading
    return bool(case.draft.entity.thread_id) and reading is not None and reading.last_direction is Direction.INBOUND


def _held(case: Case, *, store: Store) -> list[str]:
    """What is wrong with the times it offers. Awaited while they are still being held."""
    draft = case.draft.entity
    slots = offered(draft, case.context.slots)
    ids = {wanted(one, draft=draft, now=draft.created_at).id: one.spoken for one in slots}
    found = store.get_many(Hold, workspace_id=draft.workspace_id, ids=list(ids)) if ids else {}
    if any(id not in found or found[id].entity.state is HoldState.WANTED for id in ids):
        raise Awaited(f"the times that draft {draft.id} offers are being held")
    return [f"it offers {told}, which is not held any more" for id, told in ids.items() if found[id].entity.state is not HoldState.HELD]


def _log_about(draft: Draft, *, store: Store) -> list[AuditEntry]:
    ws = draft.workspace_id
    name = named_in_log(_named(draft), workspace_id=ws, store=store)
    found = store.list(AuditEntry, workspace_id=ws, where={"contact": name}, newest_by="at", limit=NEWEST) if name else ()
    return [one.entity for one in found]


def _named(draft: Draft) -> str:
    return Noted(action=CONSIDERED, draft=draft).whom


def _sampling_key(workspace_id: WorkspaceId, *, at: Considerer) -> str:
    store = at.desk.store
    found = store.get(SamplingKey, workspace_id=workspace_id, id=CURRENT)
    if found is not None:
        return found.entity.key
    made = SamplingKey(id=CURRENT, workspace_id=workspace_id, key=at.ids.new())
    try:
        store.commit(Create(made))
    except Conflict:
        return _sampling_key(workspace_id, at=at)
    return made.key


def _note(case: Case, answer: Considered, *, desk: Desk) -> None:
    """With the draft, and in the log: from here on the decision about it counts. Transient when somebody has just begun with it."""
    draft = case.draft.entity
    noted = draft.model_copy(update={"considered": answer, "updated_at": answer.at})
    evidence = (
        f"answer:{answer.answer}",
        f"operator:{draft.operator_id}",
        f"touch:{draft.touch}",
        *(f"rule:{one}" for one in answer.rules),
        *([f"decided:{answer.rule}"] if answer.rule else []),
    )
    told = Noted(action=CONSIDERED, draft=noted, policy_version=case.policy.version, evidence=evidence)
    entries = desk.audit.writes(told, by=by_stage(STAGE), workspace_id=draft.workspace_id)
    try:
        desk.store.commit(Replace(case.draft, noted), *entries)
    except Conflict:
        raise Transient(f"draft {draft.id} has just changed: look again") from None


def _approve(case: Case, answer: Considered, *, trace_id: str, desk: Desk) -> None:
    """As a person would, by the same way; what stands against it now leaves it to one."""
    draft, ws = case.draft.entity, case.draft.entity.workspace_id
    actor = Actor(kind=ActorKind.RULE, id=str(answer.rule))
    shown = fingerprint_shown(draft, case.operator.name)

    def still(now: Case) -> list[str]:
        fresh, rules = now.draft.entity, now.policy.rules
        untrusted = [] if rules.auto_approval.trusts(actor.id) else ["the rule is not trusted any more"]
        begun = [] if is_untouched(fresh, now=desk.clock.now()) else ["a person has begun with it"]
        return [*switched_off(rules, fresh), *untrusted, *begun]

    try:
        approve(ws, draft.id, fingerprint=shown, actor=actor, trace_id=trace_id, desk=desk, also=still)
    except NotApproved as error:
        _leave_to_a_person(draft, answer, error.reasons[0], desk=desk)
    except ReconnectNeeded as error:
        _leave_to_a_person(draft, answer, error.detail, desk=desk)
    except Conflict:
        raise Transient(f"draft {draft.id} has just changed: look again") from None


def _leave_to_a_person(draft: Draft, answer: Considered, reason: str, *, desk: Desk) -> None:
    case = read_case(draft.workspace_id, draft.id, store=desk.store, suppressions=desk.suppressions)
    if is_untouched(case.draft.entity, now=desk.clock.now()):
        told = f"A person decides: {reason}."
        _note(case, answer.model_copy(update={"answer": Answer.ASK, "told": told, "at": desk.clock.now()}), desk=desk)


def _publish_what_is_left(draft: Draft, desk: Desk) -> None:
    """An earlier delivery of ours may have died between its commit and its publishing."""
    if draft.decided_by is None or draft.decided_by.kind is not ActorKind.RULE:
        return
    send_id = send_id_for(f"approval_{draft.id.removeprefix('draft_')}-{draft.approvals}")
    left = desk.store.get(Outgoing, workspace_id=draft.workspace_id, id=f"{send_id}-1")
    if left is not None:
        desk.outbox.flush(entries=[left.entity])
