"""Whether a draft may leave without a person: what speaks for it, what stands against it, and the answer in one line. Pure."""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from shared.domain.audit import ActorKind, AuditEntry
from shared.domain.autonomy import BY_CAUSE, Standing, TrackRecord, standing
from shared.domain.considered import Answer, Considered
from shared.domain.draft import Draft, DraftState
from shared.domain.entity import Value
from shared.domain.ids import OperatorId, derived_id
from shared.domain.people import FREE_MAIL_DOMAINS, Identity, mail_domain, normal_domain
from shared.domain.policy import AutoApproval, AutoRule, Rules
from shared.domain.sends import Touch
from shared.domain.verdict import Outcome

FLAG = "auto_approval"
"""Named in the policy's flags, it lets only that share of drafts leave unseen."""
ANSWERED_WITHIN = timedelta(days=90)
WENT_WELL_AFTER = timedelta(days=7)
"""Bounces and complaints come within days."""
LEAST_ICP = 0.9
WATCHING = "auto-approval only watches"
NAMES = {
    AutoRule.REPLIED_BEFORE: "replied before",
    AutoRule.KNOWN_GOOD: "known good",
    AutoRule.HIGH_ICP: "high ICP",
    AutoRule.APPROVED_TEMPLATE: "approved template",
}


class Facts(Value):
    """What the rules look at, read at one moment."""

    heard_at: datetime | None  # when they last wrote to us
    reached_well: bool  # a mail that a person approved has reached them, and nobody was sorry
    icp: float | None
    recipient_domain: str
    company_domain: str
    template: str  # the name of the approved one whose wording this is; empty for any other
    now: datetime


class Occasion(Value):
    """A draft and everything its consideration rests on. `record` is None while the log is not read to its end."""

    draft: Draft
    rules: Rules
    facts: Facts
    record: TrackRecord | None
    answers_a_person: bool
    objections: tuple[str, ...]  # what would be said to a person who approved it now
    draw: float
    wording: str


def considered(case: Occasion) -> Considered:
    """The answer. What stands against the mail itself makes no rule speak for it, and so earns and costs none anything."""
    against = next(_against_the_mail(case), "")
    speaking = {} if against else matching(case.facts, case.rules.auto_approval.rules)
    if not speaking:
        return _answer(case, Answer.ASK, (), None, f"A person decides: {against or 'no rule speaks for sending it unseen'}.")
    rule, why = chosen(
        tuple(speaking), auto=case.rules.auto_approval, operator_id=case.draft.operator_id, touch=case.draft.touch, record=case.record
    )
    hindrance = next(_against_the_moment(case), "")
    if rule is None:
        return _answer(case, Answer.ASK, tuple(speaking), rule, f"A person decides: {hindrance or why}.")
    reason = f"{speaking[rule]} ({NAMES[rule]}, {why})"
    if hindrance:
        return _answer(case, Answer.ASK, tuple(speaking), rule, f"A person decides: {hindrance}. A rule would have approved it: {reason}.")
    if case.draw < case.rules.auto_approval.sampled:
        told = f"A person checks this one, picked by chance; a rule would have approved it: {reason}."
        return _answer(case, Answer.SAMPLED, tuple(speaking), rule, told)
    return _answer(case, Answer.APPROVE, tuple(speaking), rule, f"Approved by a rule: {reason}.")


def _answer(case: Occasion, answer: Answer, rules: tuple[AutoRule, ...], rule: AutoRule | None, told: str) -> Considered:
    return Considered(answer=answer, rules=rules, rule=rule, told=told, draw=case.draw, wording=case.wording, at=case.facts.now)


def is_untouched(draft: Draft, *, now: datetime) -> bool:
    """It waits for its first decision, and no person has begun with it."""
    awake = draft.snoozed_until is None or draft.snoozed_until <= now
    begun = draft.revision > 1 or draft.rewriting is not None or draft.approvals > 0
    return draft.state is DraftState.PENDING and draft.placement is not None and not begun and awake and not draft.synthetic


def _against_the_mail(case: Occasion) -> Iterator[str]:
    verdict = case.draft.verdict
    if verdict is None or verdict.outcome is not Outcome.PASS:
        yield "the gate wants it looked at"
    if case.answers_a_person and not case.rules.auto_approval.answers_to_people:
        yield "it answers what a person wrote"
    yield from case.objections


def _against_the_moment(case: Occasion) -> Iterator[str]:
    yield from switched_off(case.rules, case.draft)
    if case.record is None:
        yield "the log of decisions is still being read"


def switched_off(rules: Rules, draft: Draft) -> Iterator[str]:
    """What always wins, whatever a rule has earned."""
    if not rules.sends_for(draft.operator_id):
        yield "the mode is DRAFT_ONLY for this operator"
    if rules.kill_switch.on:
        yield "the kill switch is on"
    if FLAG in rules.flags and not rules.has(FLAG, draft.id):
        yield f"the flag {FLAG} leaves it out"
    if not any(rules.auto_approval.trusts(one) for one in rules.auto_approval.rules):
        yield WATCHING


# What speaks for it
def matching(facts: Facts, rules: Mapping[AutoRule, float]) -> dict[AutoRule, str]:
    """The rules of the policy that speak for it, the strongest first, each with its reason in words."""
    return {rule: why for rule, look in LOOKS.items() if rule in rules and (why := look(facts))}


def _replied_before(facts: Facts) -> str:
    if facts.heard_at is None or not timedelta(0) <= facts.now - facts.heard_at <= ANSWERED_WITHIN:
        return ""
    days = (facts.now - facts.heard_at).days
    return f"they wrote to us {days} days ago" if days > 1 else "they have just written to us"


def _known_good(facts: Facts) -> str:
    return "a mail that a person approved has reached them well" if facts.reached_well else ""


def _high_icp(facts: Facts) -> str:
    theirs, known = normal_domain(facts.recipient_domain), normal_domain(facts.company_domain)
    fits = facts.icp is not None and facts.icp >= LEAST_ICP and theirs == known and theirs not in FREE_MAIL_DOMAINS
    return "their company is just what we look for, and the address is that company's" if fits and theirs else ""


def _approved_template(facts: Facts) -> str:
    return f"its wording is the approved template “{facts.template}”" if facts.template else ""


LOOKS: Mapping[AutoRule, Callable[[Facts], str]] = {
    AutoRule.REPLIED_BEFORE: _replied_before,
    AutoRule.KNOWN_GOOD: _known_good,
    AutoRule.HIGH_ICP: _high_icp,
    AutoRule.APPROVED_TEMPLATE: _approved_template,
}


def chosen(
    speaking: Sequence[AutoRule], *, auto: AutoApproval, operator_id: OperatorId, touch: Touch, record: TrackRecord | None
) -> tuple[AutoRule | None, str]:
    """The first rule that may act, with what it has earned; else None, and why the first one may not."""
    threshold = auto.threshold_for(operator_id)
    mails = record.mails if record else ()
    reasons: list[str] = []
    for rule in speaking:
        if rule not in auto.rules:
            continue
        earned = standing(mails, rule=rule, touch=touch, confidence=auto.rules[rule])
        if auto.rules[rule] >= threshold and earned.earned:
            return rule, earned.told
        reasons.append(_not_yet(earned, threshold))
    return None, reasons[0] if reasons else "no rule speaks for sending it unseen"


def _not_yet(earned: Standing, threshold: float) -> str:
    if earned.confidence < threshold:
        return f"“{NAMES[earned.rule]}” counts for {earned.confidence:.2f}, and {threshold:.2f} is asked for"
    return f"“{NAMES[earned.rule]}” is {earned.told}"


# Chance, and what the log says about a recipient
def draw_of(key: str, draft_id: str) -> float:
    """0-1, always the same for a draft, and nobody's guess without the key."""
    digest = hmac.new(key.encode(), f"auto_approval sample {draft_id}".encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def has_reached_well(entries: Iterable[AuditEntry], *, heard_at: datetime | None, now: datetime) -> bool:
    """Of the log about one person: a mail a person approved has left, they have answered or a week has passed, and nobody was sorry."""
    known = sorted(entries, key=lambda one: one.id)
    if any(one.action == "draft.objected" or (one.action == "suppression.added" and one.reason in BY_CAUSE) for one in known):
        return False
    by_people = {one.draft_id for one in known if one.action == "draft.approved" and one.actor.kind in (ActorKind.PERSON, ActorKind.TOKEN)}
    left = [one.at for one in known if one.action == "send.sent" and one.draft_id in by_people]
    return any(now - at >= WENT_WELL_AFTER or (heard_at is not None and heard_at > at) for at in left)


# Wordings
def wording_of(draft: Draft, identity: Identity, *, operator_name: str, times: Iterable[str]) -> str:
    """What is left of the text when names, times and documents are taken out: the same for every mail made from one template."""
    contact = identity.contact
    people = (draft.recipient_name, contact.name, contact.first_name, contact.last_name, operator_name, draft.recipient)
    places = (draft.company, identity.company.name if identity.company else "")
    files = (part for one in draft.text.attachments for part in (one.url, one.name))
    parts = sorted({" ".join(one.split()) for one in (*people, *places, *times, *files) if one.strip()}, key=len, reverse=True)
    text = " ".join(f"{draft.text.subject}\n{draft.text.body}".split()).casefold()
    for part in parts:
        text = re.sub(rf"(?<!\w){re.escape(part.casefold())}(?!\w)", "…", text)
    return derived_id("wording", text)[:16]


def template_of(wording: str, auto: AutoApproval) -> str:
    """The name under which the policy approves it; empty when it does not."""
    return next((name for name, approved in auto.wordings.items() if approved == wording), "")


def domains_of(draft: Draft, identity: Identity) -> tuple[str, str]:
    """The recipient's mail domain, and their company's as the CRM knows it."""
    return mail_domain(draft.recipient), identity.company.domain if identity.company else ""
