"""The sentences of a thread that matter: quoted for the summary, and cited as evidence."""

import re
from collections.abc import Sequence

from shared.domain.conversation import Direction, Message
from shared.domain.evidence import Evidence
from shared.domain.prose import asks, excerpt, sentences, terms
from shared.domain.spans import message_span

SPANS_PER_MESSAGE = 3
MOST_SPANS = 9
LONGEST_SPAN = 400
QUOTED = 160

_FIGURE = re.compile(r"\d|€|\$|£|\b(?:january|february|march|april|june|july|august|september|october|november|december)\b", re.IGNORECASE)
_GREETING = re.compile(r"^(?:hi|hello|hey|dear|good (?:morning|afternoon|evening))\b", re.IGNORECASE)


def summary_of(told: Sequence[Message]) -> str:
    """What was said last, and before that by the other party of the conversation, if anybody: one or two sentences."""
    last = told[-1]
    before = next((one for one in reversed(told) if one.direction is not last.direction), None)
    return " ".join(_quoted(one) for one in (before, last) if one is not None)


def evidence_of(told: Sequence[Message], *, mailbox: str) -> tuple[Evidence, ...]:
    """The telling sentences of the newest messages, newest message first, verbatim."""
    spans: list[Evidence] = []
    for message in reversed(told):
        telling = _telling(message.text)[:SPANS_PER_MESSAGE]
        for number, text in enumerate(telling, start=1):
            spans.append(message_span(message, text=excerpt(text, LONGEST_SPAN), number=number if len(telling) > 1 else 0, mailbox=mailbox))
    return tuple(spans[:MOST_SPANS])


def _quoted(message: Message) -> str:
    telling = _telling(message.text)
    who = "You" if message.direction is Direction.OUTBOUND else message.sender_name or message.sender
    if not telling:
        return f"{who} wrote without a word of text."
    verb = "asked" if asks(telling[0]) else "wrote"
    return f"{who} {verb}: “{excerpt(telling[0], QUOTED)}”"


def _telling(text: str) -> list[str]:
    """The sentences that matter, best first: questions, then figures and dates, then the ones that say most; courtesies last."""
    told = [one for one in sentences(text) if len(terms(one)) > 1 or asks(one)] or [
        one for one in sentences(text) if not _GREETING.search(one)
    ]
    return sorted(told, key=lambda one: -_matters(one))


def _matters(sentence: str) -> float:
    courtesy = bool(_GREETING.search(sentence))
    return 4 * asks(sentence) + 2 * bool(_FIGURE.search(sentence)) + min(len(terms(sentence)), 12) / 12 - 3 * courtesy
