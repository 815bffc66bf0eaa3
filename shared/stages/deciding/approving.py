"""Approve: a person lets exactly what they saw leave. Everything that speaks against it is looked at before the decision is stored.

Called by the API, the console and the command line; and by considering, in a person's place.
"""

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.domain.approval import Approval, approval_id_for, fingerprint_of
from shared.domain.audit import Actor, ActorKind
from shared.domain.draft import Draft, DraftState, moved
from shared.domain.guardrails import refusals
from shared.domain.ids import TraceId, WorkspaceId
from shared.domain.send_time import next_open
from shared.domain.sends import Send, SendState, SendStep, Touch, send_id_for
from shared.domain.verdict import Outcome, Verdict
from shared.ports.errors import Conflict, Rejected
from shared.ports.mailbox import FoundDraft, Mailbox
from shared.ports.store import Create, Replace, Write
from shared.resilience.together import together
from shared.stages.audit.trail import Noted
from shared.stages.deciding.case import Case, read_case
from shared.stages.deciding.desk import Desk, already, thread_head, who_was_faster
from shared.stages.deciding.draft_tasks import owed_writing
from shared.stages.deciding.enclosing import why_not_enclosed
from shared.stages.deciding.send_tasks import owed_send
from shared.stages.drafting.senders import why_not_from
from shared.stages.listening.catching_up import stands_untouched
from shared.stages.policy.staff import left_words

UNTROUBLED = {"snoozed_until": None, "rewriting": None}
"""Whoever decides needs neither a reminder nor another text."""


class NotApproved(Rejected):
    """What speaks against it, all of it; nothing was stored. 409: look again."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons), status=409, reasons=reasons)


@dataclass(frozen=True)
class Approved:
    """What was decided. `send` is None in DRAFT_ONLY: the approved bytes are in Gmail, and the operator sends them."""

    approval: Approval
    send: Send | None


def approve(
    workspace_id: WorkspaceId,
    draft_id: str,
    *,
    fingerprint: str,
    actor: Actor,
    trace_id: str,
    desk: Desk,
    also: Callable[[Case], Sequence[str]] = lambda _: (),
) -> Approved:
    """`fingerprint` is of what the person saw; `also` says what stands against it besides, for whoever is no person.

    Raises NotApproved, NotFound; Conflict when somebody else has just decided.
    """
    case = read_case(workspace_id, draft_id, store=desk.store, suppressions=desk.suppressions)
    draft = case.draft.entity
    _check([*_asked(case, fingerprint, actor, desk), *also(case)])
    mailbox = desk.mailbox(case.operator)
    found, head, not_from, (files, not_enclosed) = together(
        lambda: _standing(draft, mailbox),
        lambda: thread_head(draft, mailbox),
        lambda: why_not_from(draft, case.operator, mailbox),
        lambda: why_not_enclosed(draft, case.workspace, desk=desk),
    )
    _check(_gmail_objections(draft, found, head) + [one for one in (not_from, not_enclosed) if one])
    raw = _composed(draft, mailbox, files)
    approved = _approved(case, actor=actor, head=head, raw=raw, trace_id=trace_id, now=desk.clock.now())
    _store(case, approved, trace_id=trace_id, desk=desk)
    return approved


def _asked(case: Case, fingerprint: str, actor: Actor, desk: Desk) -> list[str]:
    unseen = actor.kind is ActorKind.RULE
    return objections(case, fingerprint, production=desk.production, now=desk.clock.now(), unseen=unseen)


def fingerprint_shown(draft: Draft, operator_name: str) -> str:
    """What a page or an answer that shows a draft carries, to be given back with the decision."""
    return fingerprint_of(draft, sender_name=operator_name, thread_head=draft.reply_to_message_id)


def _check(objections: Sequence[str]) -> None:
    if objections:
        raise NotApproved(objections)


def objections(case: Case, fingerprint: str, *, production: bool, now: datetime, unseen: bool = False) -> list[str]:
    """What our own books know against it; a page shows them before anybody decides. Empty when nothing does."""
    draft = case.draft.entity
    if draft.state is not DraftState.PENDING:
        return [already(draft)]
    if case.sender is None:
        return [f"{left_words(draft.operator_id)}: reject it, or have them added again"]
    if fingerprint != fingerprint_shown(draft, case.sender.name):
        return ["the draft has changed since you looked at it: look again"]
    found = _gate_objections(draft.verdict)
    if draft.placement is None:
        found.append(draft.state_reason or "it does not stand in Gmail")
    found += _not_listed(case) if not production else ()
    if case.suppressed:
        found.append(case.suppressed)
    found += [one.reason for one in refusals(case.policy.rules.guardrails, case.relationship, operator=case.sender)]
    found += case.unlawful(unseen=unseen, now=now)
    found += _heard_objections(case)
    found += [f"it offers {one}, which could not be held in the calendar: edit it out" for one in draft.times_in_doubt]
    return found


def _not_listed(case: Case) -> list[str]:
    """Whom we would not send to, where only those on a list are sent to. What the operator sends from Gmail is theirs."""
    draft, rules = case.draft.entity, case.policy.rules
    unknown = [one for one in (draft.recipient, *draft.cc) if not rules.allows_outside_production(one)]
    named = f"outside production nobody is sent to who is not among the policy's allowed_recipients: {', '.join(unknown)}"
    return [named] if unknown and rules.sends_for(case.operator.id) else []


def _heard_objections(case: Case) -> list[str]:
    """What they wrote in this very thread a new text can answer; one that does knows their mail by its id."""
    draft, heard = case.draft.entity, case.heard
    if heard is None or heard.at <= draft.known_until or heard.gmail_message_id == draft.answers:
        return []
    helps = "write it anew, so that it answers them" if heard.thread_id == draft.thread_id else "reject it and answer them from Gmail"
    return [f"they have written since this was drafted: {helps}"]


def _gate_objections(verdict: Verdict | None) -> list[str]:
    if verdict is None:
        return ["the gate has not judged it yet"]
    failed = [f"the gate: {one.reason}" for one in verdict.violations if one.outcome is Outcome.FAIL]
    return failed or (["the gate refuses it"] if verdict.outcome is Outcome.FAIL else [])


def _standing(draft: Draft, mailbox: Mailbox) -> FoundDraft | None:
    return mailbox.find_draft(gmail_draft_id=draft.placement.gmail_draft_id) if draft.placement else None


def _composed(draft: Draft, mailbox: Mailbox, files: Sequence[bytes]) -> bytes:
    try:
        return mailbox.composed(draft=draft, files=files)
    except Rejected as error:
        raise NotApproved([error.detail]) from None


def _gmail_objections(draft: Draft, found: FoundDraft | None, head: str) -> list[str]:
    if found is None:
        return ["it does not stand in Gmail any more"]
    if not stands_untouched(draft, found):
        return ["it was changed in Gmail: send it from there"]
    if head != draft.reply_to_message_id:
        return ["the conversation has gone on since this was drafted: write it anew, or reject it and answer from Gmail"]
    return []


def _approved(case: Case, *, actor: Actor, head: str, raw: bytes, trace_id: str, now: datetime) -> Approved:
    draft = case.draft.entity
    approval = Approval(
        id=approval_id_for(draft, number=draft.approvals + 1),
        workspace_id=draft.workspace_id,
        draft_id=draft.id,
        revision=draft.revision,
        actor=actor,
        fingerprint=fingerprint_of(draft, sender_name=case.operator.name, thread_head=head),
        raw="" if draft.text.files else base64.urlsafe_b64encode(raw).decode(),
        raw_digest=hashlib.sha256(raw).hexdigest(),
        thread_head=head,
        heard=case.heard.gmail_message_id if case.heard else "",
        policy_version=case.policy.version,
        at=now,
    )
    sends = case.policy.rules.sends_for(case.operator.id)
    return Approved(approval, _send(case, approval, trace_id=trace_id, now=now) if sends else None)


def _send(case: Case, approval: Approval, *, trace_id: str, now: datetime) -> Send:
    draft, rules = case.draft.entity, case.policy.rules
    due = now + rules.pace.hold
    if draft.touch in rules.window.touches:
        due = next_open(rules.window, due, zone=case.zone)
    return Send(
        id=send_id_for(approval.id),
        workspace_id=draft.workspace_id,
        approval_id=approval.id,
        draft_id=draft.id,
        operator_id=draft.operator_id,
        mailbox=draft.mailbox,
        recipient=draft.recipient,
        touch=draft.touch,
        way=case.operator.way,
        new_thread=not draft.thread_id and draft.touch is Touch.OUTREACH,
        due_at=due,
        history=(SendStep(state=SendState.APPROVED, at=now, note=f"approved by {approval.actor.label}"),),
        trace_id=TraceId(trace_id),
        created_at=now,
        updated_at=now,
    )


def _store(case: Case, approved: Approved, *, trace_id: str, desk: Desk) -> None:
    """One commit: the decision, the send it creates, what they owe, and the audit entry. Conflict tells who was faster."""
    draft, approval, send = case.draft, approved.approval, approved.send
    decided = moved(draft.entity, DraftState.APPROVED, reason="", at=approval.at).model_copy(
        update={"approvals": draft.entity.approvals + 1, "decided_by": approval.actor, "decided_at": approval.at, **UNTROUBLED}
    )
    owed = owed_send(send) if send else owed_writing(decided, trace_id=trace_id, at=approval.at)
    told = Noted(
        action="draft.approved",
        draft=decided,
        send=send,
        policy_version=approval.policy_version,
        evidence=(approval.id, approval.fingerprint, f"mode:{case.policy.rules.mode}"),
    )
    entries = desk.audit.writes(told, by=approval.actor, workspace_id=decided.workspace_id)
    made: list[Write] = [Create(send)] if send else []
    try:
        desk.store.commit(Replace(draft, decided), Create(approval), *made, Create(owed), *entries)
    except Conflict:
        raise Conflict(who_was_faster(draft.entity, store=desk.store)) from None
    desk.outbox.flush(entries=[owed])
