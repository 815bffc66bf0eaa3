"""Which questions of the other side nobody has answered yet."""

import re
from collections.abc import Sequence

from shared.domain.conversation import Message
from shared.domain.prose import asks, excerpt, sentences

MOST = 3
LONGEST = 300

_PUTS_OFF = re.compile(
    r"\b(?:back to you|let me (?:check|look|ask|find out|see)|give me (?:a|some|until)|looking into (?:it|this|that)"
    r"|(?:i|we)(?:['\u2019]ll| will) (?:check|look into|find out|ask|follow up|get back|send|come back|let you know))\b",
    re.IGNORECASE,
)


def open_questions(told: Sequence[Message], *, asked_by: Sequence[Message]) -> tuple[str, ...]:
    """The newest three, oldest first, in their words. An answer that only puts off leaves a question open."""
    answered_at = max((one.sent_at for one in told if one not in asked_by and not _PUTS_OFF.search(one.text)), default=None)
    waiting = [one for one in asked_by if answered_at is None or one.sent_at > answered_at]
    found = dict.fromkeys(excerpt(sentence, LONGEST) for one in waiting for sentence in sentences(one.text) if asks(sentence))
    return tuple(found)[-MOST:]
