"""Words by which somebody asks us to write no more, and whether they still stand. Used by the planner and by lawful_basis."""

import re
from collections.abc import Iterable

from shared.domain.conversation import Direction, Message, ThreadReading
from shared.domain.people import normal_address

# the footer of our own mails, which some quote without a mark, is no wish of theirs
STOP = re.compile(
    r"\b(?:(?<!/)unsubscribe(?!: https?://)|opt(?:ing)?[ -]out"
    r"|(?:remove|delete|take) (?:me|us|my (?:address|e-?mail|data|details)|our (?:address|e-?mail|data|details)) (?:from|off)"
    r"|(?:stop|quit) (?:e-?mailing|contacting|writing|calling|messaging|spamming) (?:to )?(?:me|us)"
    r"|(?:do not|don['\u2019]t|never) (?:e-?mail|contact|write|message) (?:to )?(?:me|us)\b)",
    re.IGNORECASE,
)
"""English alone; what is said in other languages is for the operator to see."""


def asks_to_stop(text: str) -> bool:
    return STOP.search(text) is not None


def newest_from(addresses: Iterable[str], reading: ThreadReading | None) -> Message | None:
    """What these people wrote last in their conversation, themselves and no machine of theirs; None when they wrote nothing."""
    people = set(map(normal_address, addresses))
    messages = reading.thread.messages if reading else ()
    theirs = [one for one in messages if one.direction is Direction.INBOUND and not one.automatic and normal_address(one.sender) in people]
    return max(theirs, key=lambda one: one.sent_at, default=None)
