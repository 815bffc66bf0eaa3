"""Whether an approved mail may leave at this moment: everything is judged anew at the wire, by one pure function. For the send stage."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.approval import Approval, ApprovalState
from shared.domain.audit import ActorKind
from shared.domain.draft import Draft, DraftState
from shared.domain.guardrails import Relationship, refusals
from shared.domain.heard import Heard, MailboxState
from shared.domain.lawfulness import Letter, unlawful
from shared.domain.policy import Policy
from shared.domain.quotas import Books, Reservation, refusal
from shared.domain.send_time import next_open
from shared.domain.sends import Send
from shared.domain.workspace import Operator

LISTENING = timedelta(minutes=30)
"""A mailbox whose history was read no later than this ago counts as listening."""
CLOCKS_AGREE = timedelta(hours=1)
"""Gmail's clock and ours never differ by more."""
KILLED = "the kill switch is on"


@dataclass(frozen=True)
class Situation:
    """Everything the judgement rests on, read at one moment."""

    send: Send
    approval: Approval
    draft: Draft
    policy: Policy
    operator: Operator
    relationship: Relationship
    books: Books
    mailbox: MailboxState | None
    heard: Heard | None
    suppressed: str  # why the recipient must not be written to; empty when nothing forbids it
    zone: str  # the recipient's
    production: bool
    now: datetime


@dataclass(frozen=True)
class Go:
    """Nothing speaks against it."""

    place: Reservation


@dataclass(frozen=True)
class Wait:
    """Not now. `until` None: until somebody changes something. `in_line`: that moment is to be kept free for it."""

    reason: str
    until: datetime | None
    in_line: bool = False


@dataclass(frozen=True)
class Void:
    """What was approved no longer holds: the draft asks again."""

    reason: str
    rule: str


Judgement = Go | Wait | Void


def judged(case: Situation) -> Judgement:
    """What can never become right again comes first, then what must be waited for."""
    return _void(case) or _waiting(case) or Go(place_of(case.send, at=case.now))


def place_of(send: Send, *, at: datetime) -> Reservation:
    return Reservation(send_id=send.id, touch=send.touch, new_thread=send.new_thread, at=at)


def _void(case: Situation) -> Void | None:
    return _void_by_approval(case) or _void_by_policy(case) or _void_by_contact(case)


def _void_by_approval(case: Situation) -> Void | None:
    if case.approval.state is not ApprovalState.GIVEN or case.draft.state is not DraftState.APPROVED:
        return Void(f"the draft is {case.draft.state} and no longer approved", "approval")
    if case.draft.revision != case.approval.revision:
        return Void("the text has changed since it was approved", "approval")
    return None


def _void_by_policy(case: Situation) -> Void | None:
    rules = case.policy.rules
    if not rules.sends_for(case.send.operator_id):
        return Void("sending is not allowed any more: the mode is DRAFT_ONLY for this operator", "mode")
    if case.approval.actor.kind is ActorKind.RULE and not rules.auto_approval.trusts(case.approval.actor.id):
        return Void("the rule that approved it is not trusted any more: a person decides", "auto_approval")
    people = (case.send.recipient, case.draft.recipient, *case.draft.cc)
    if not case.production and not all(rules.allows_outside_production(one) for one in people):
        return Void("outside production only allow-listed recipients are sent to", "allowed_recipients")
    return None


def _void_by_contact(case: Situation) -> Void | None:
    if case.suppressed:
        return Void(case.suppressed, "suppression")
    refused = refusals(case.policy.rules.guardrails, case.relationship, operator=case.operator)
    if refused:
        return Void(refused[0].reason, refused[0].rule)
    letter = Letter.of(case.draft, unseen=case.approval.actor.kind is ActorKind.RULE)
    against = unlawful(case.policy.rules.compliance, case.relationship.footing, letter=letter, now=case.now)
    if against:
        return Void(against[0].told, against[0].rule)
    if case.heard is not None and _is_new(case.heard, case):
        return Void("they have written since this was approved", "heard")
    return None


def _is_new(heard: Heard, case: Situation) -> bool:
    """Not the mail that was known when it was approved, or that the text answers, and none from before the mailbox was read for the draft.

    In its own thread the newest mail says more.
    """
    if heard.gmail_message_id in (case.approval.heard, case.draft.answers):
        return False
    answered = case.draft.thread_id == heard.thread_id
    return heard.at > case.draft.known_until - (timedelta(0) if answered else CLOCKS_AGREE)


def _waiting(case: Situation) -> Wait | None:
    rules, now = case.policy.rules, case.now
    if rules.kill_switch.on:
        return Wait(KILLED, None)
    if case.mailbox is None or case.mailbox.trouble or now - case.mailbox.read_at > LISTENING:
        return Wait("the mailbox is not being listened to", None)
    if case.send.due_at > now:
        return Wait("its time has not come", case.send.due_at)
    opens = next_open(rules.window, now, zone=case.zone) if case.send.touch in rules.window.touches else now
    if opens > now:
        return Wait("outside the hours in which the recipient is written to", opens)
    turn = case.books.mailbox.turn_of(case.send.id, gap=rules.pace.gap, now=now)
    if turn > now:
        return Wait("other mails of this mailbox leave before it", turn, in_line=True)
    full = refusal(rules.quotas, case.books, place=place_of(case.send, at=now), zone=case.operator.hours.timezone)
    return Wait(full.told(case.operator.hours.timezone), full.resets_at) if full else None
