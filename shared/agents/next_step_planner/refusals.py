"""When the right next step is none: each rule gives its reason or nothing."""

import re
from collections.abc import Callable

from shared.domain.conversation import Direction
from shared.domain.farewells import STOP, asks_to_stop, newest_from
from shared.domain.people import FREE_MAIL_DOMAINS, mail_domain
from shared.domain.planning import Context
from shared.domain.prose import words

Rule = Callable[[Context], str]

_PLAYING = frozenset("test tests testing tester asdf asdfasdf qwerty abc xyz foo bar foobar dummy fake".split())
_TEST_ADDRESS = re.compile(r"^(?:test|testing|tester|asdf\w*|qwerty|dummy|noreply|no-reply)(?:[\d._+-].*)?$")
_ERASURE = re.compile(
    r"(?:^|[.!;\n]\s*|\b(?:please|must|have to|you to) )(?:delete|erase|remove|destroy) (?:all |any )?(?:of )?(?:my|our) "
    r"(?:personal |user )?(?:data|details|information|account|records?)\b(?! (?:from|in|after|when|once|older))"
    r"|\b(?:gdpr|ccpa) (?:deletion |erasure |access )?request|\bright to (?:be forgotten|erasure)|\bdata subject (?:access )?request",
    re.IGNORECASE,
)
_LAWYERS = re.compile(
    r"\b(?:my|our) (?:lawyers?|attorneys?|solicitors?|legal team) (?:will|is|are|has|have)\b|\b(?:take|taking) legal (?:action|steps)"
    r"|\bcease and desist|\b(?:will|going to) sue\b",
    re.IGNORECASE,
)
_DECLINED = re.compile(
    r"\b(?:not interested any ?more|no longer interested)\b(?! in)"
    r"|\bnot interested(?=\s*[.!,;]|\s*$)"
    r"|\bcancel (?:my|our|the) (?:meeting|call|demo|appointment|order|subscription)\b",
    re.IGNORECASE,
)
_APPLYING = re.compile(
    r"\b(?:looking|searching) for (?:a|an) (?:new )?(?:job|internship|traineeship)\b|\bare you (?:currently |still )?hiring\b"
    r"|\bmy (?:cv|r[e\u00e9]sum[e\u00e9])\b"
    r"|\b(?:apply|applying|application) for (?:the|a|an) (?:\w+ ){0,4}?(?:job|position|role|internship)\b",
    re.IGNORECASE,
)
_LEFT_ALONE = "They ask not to be contacted any more: honour that, do not answer."
_DELETION_WANTED = "They ask for their data to be deleted or shown: whoever looks after data protection has to answer, with a deadline."
_LAWYERS_SPOKEN_OF = "They speak of lawyers: a person has to read this before anybody answers."
PRESSING = frozenset({_DELETION_WANTED, _LAWYERS_SPOKEN_OF})
"""Reasons to draft nothing that must not wait until somebody happens to look."""
NOT_TO_SELL_TO = (
    (STOP, _LEFT_ALONE),
    (_ERASURE, _DELETION_WANTED),
    (_LAWYERS, _LAWYERS_SPOKEN_OF),
    (_DECLINED, "They want no more of this: no offer of ours is an answer to that."),
    (_APPLYING, "They apply for a job: pass it on to whoever hires."),
)
"""What the words of a form may ask for that no sales mail answers, and what the operator is told."""


def reason_to_do_nothing(context: Context) -> str:
    """The first rule that speaks; empty when there is something to do."""
    return next((reason for rule in RULES if (reason := rule(context))), "")


def _own_side(context: Context) -> str:
    own = next((fact.text.lower() for fact in context.facts if fact.id == "profile.operator_email"), "")
    address = context.job.entry.email.strip().lower()
    if own and address == own:
        return "This is your own address: somebody on your side tried the form."
    domain = mail_domain(address)
    if own and domain and domain == mail_domain(own) and domain not in FREE_MAIL_DOMAINS:
        return f"{address} is an address of your own company: a colleague tried the form."
    return ""


def _not_to_sell_to(context: Context) -> str:
    message = context.job.entry.message
    return next((reason for pattern, reason in NOT_TO_SELL_TO if pattern.search(message)), "")


def _asked_by_mail(context: Context) -> str:
    """Whoever asks us something by a form has taken it back; somebody's table has not."""
    entry = context.job.entry
    newest = newest_from((entry.email, *context.identity.contact.addresses), context.reading)
    return _LEFT_ALONE if entry.imported and newest is not None and asks_to_stop(newest.text) else ""


def _trying_the_form(context: Context) -> str:
    entry = context.job.entry
    name = words(f"{entry.field('firstname')} {entry.field('lastname')}")
    local = entry.email.strip().lower().partition("@")[0]
    if _TEST_ADDRESS.match(local) or _only_playing(name) or _only_playing(words(entry.message)):
        return "This looks like somebody trying the form, not like a relationship."
    return ""


def _only_playing(told: tuple[str, ...]) -> bool:
    return bool(told) and set(told) <= _PLAYING


def _already_answered(context: Context) -> str:
    reading = context.reading
    if reading and reading.last_direction is Direction.OUTBOUND and reading.last_message_at >= context.job.entry.submitted_at:
        return f"You already wrote to them after the form, on {reading.last_message_at:%-d %B}; it is their turn."
    return ""


RULES: tuple[Rule, ...] = (_own_side, _not_to_sell_to, _asked_by_mail, _trying_the_form, _already_answered)
