"""How careful the operator should be with this draft, 0-100: a sum of named reasons."""

import re
from collections.abc import Callable

from shared.domain.conversation import Mood
from shared.domain.people import is_free_mail
from shared.domain.planning import Context

BASE = 5

_INSTRUCTIONS = re.compile(
    r"\b(?:ignore|disregard|forget|override) (?:all |any |the |your |my )*(?:previous|prior|above|earlier|system|other)? ?"
    r"(?:instructions?|prompts?|rules|guidelines)\b|\bsystem prompt\b|\byou are now\b|\bas an ai\b",
    re.IGNORECASE,
)

_REASONS: tuple[tuple[int, Callable[[Context], bool]], ...] = (
    (15, lambda context: not context.identity.found),
    (10, lambda context: is_free_mail(context.job.entry.email)),
    (10, lambda context: context.identity.company is None),
    (10, lambda context: not context.job.entry.message),
    (20, lambda context: context.reading is not None and context.reading.mood is Mood.NEGATIVE),
    (15, lambda context: any(not deal.closed for deal in context.identity.deals)),
    (15, lambda context: context.identity.contact.lifecycle_stage.lower() == "customer"),
    (50, lambda context: _instructs(context)),
)


def risk_of(context: Context) -> int:
    return min(100, BASE + sum(weight for weight, applies in _REASONS if applies(context)))


def _instructs(context: Context) -> bool:
    """Somebody talks to the software instead of to a person. It changes nothing we do, except that a person should look."""
    mails = context.reading.thread.messages if context.reading else ()
    told = [one.value for one in context.job.entry.fields] + [one.text for one in mails]
    return any(_INSTRUCTIONS.search(one) for one in told)
