"""Which of a stranger's words may be repeated to them, word for word; called by the built-in writer."""

import re

SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+|[\r\n\u2014]+|\s\u2013\s")
CLAUSE_ENDS = re.compile(r"[,;:]\s|\s(?=(?:and|but|so|because|which)\s)")
FEWEST, MOST = 3, 26
"""Words of a quote: below it says nothing, above it is no longer a quote."""

UNQUOTABLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]"
    r"|https?:|www\.|@|[{}<>\[\]|\\`\u201c\u201d\"]|\w\.(?:com|net|org|io|example)\b|(?:\d[ .-]?){7,}"
    r"|\b(?:ignore|disregard|instruct\w*|prompts?|system|assistant|forward|unsubscribe|passwords?|secrets?|confidential\w*|iban|ssn"
    r"|passport|salary|diagnos\w*|medical|patient|bank|credit card|account number|social security|lawsuit|fired|layoffs?)\b",
    re.IGNORECASE,
)
NEED = re.compile(
    r"\b(?:need|want|looking|search\w*|plan\w*|interested|help|would like|hope|struggl\w*|problem|require|switch\w*|replac\w*|improve"
    r"|reduce|automat\w*|compare|organi[sz]\w*|launch\w*|evaluat\w*)\b",
    re.IGNORECASE,
)

REQUEST = re.compile(
    r"^(?:is|are|do|does|did|can|could|would|will|have|has|may|might|should|what|when|where|which|who|why|how)\b"
    r"|\b(?:please|let (?:me|us) know|(?:can|could|would|will|do|are) (?:you|we)|you (?:can|could|would)"
    r"|love to hear|get back to (?:me|us)|wondering)\b"
    r"|^(?:book|send|share|tell|call|contact|give|provide|quote|confirm|check|suggest|email|reply|try|use|see|take|have)\b",
    re.IGNORECASE,
)


def quotable_span(text: str, *, complete: bool, never: re.Pattern[str] | None = None, asked_first: bool = False) -> str:
    """The span that best says what somebody needs, without its end mark; empty when none may be repeated.

    `complete` asks for whole sentences only: of a passage that may begin or end in the middle of one. `asked_first` prefers a question.
    """
    raw = [one.strip() for one in SENTENCE_ENDS.split(text)]
    kept = [one for index, one in enumerate(raw) if _stands_alone(one, complete=complete, first=index == 0)]
    spans = [_shortened(one.strip(" .!?*-,;:")) for one in kept]
    allowed = [one for one in spans if _allowed(one) and not (never and never.search(one))]
    return max(allowed, key=lambda one: _merit(one, asked_first=asked_first), default="")


def is_request(span: str) -> bool:
    """Whether these words ask for something: then they are said to have been asked."""
    return bool(REQUEST.search(span))


def is_harmless(text: str) -> bool:
    """Whether these words may be repeated at all."""
    return bool(text.strip()) and not UNQUOTABLE.search(text)


def _stands_alone(piece: str, *, complete: bool, first: bool) -> bool:
    """Not the torn-off end of a sentence, nor, where that matters, its beginning."""
    begins = piece[:1].isupper() or piece[:1].isdigit()
    return begins and piece.endswith((".", "!", "?")) if complete else begins or first or not piece[:1].islower()


def _allowed(span: str) -> bool:
    return FEWEST <= len(span.split()) <= MOST and is_harmless(span)


def _shortened(span: str) -> str:
    """Cut at the last clause that ends in time; too long stays too long."""
    if len(span.split()) <= MOST:
        return span
    cuts = [span[: found.start()] for found in CLAUSE_ENDS.finditer(span)]
    return next((cut for cut in reversed(cuts) if FEWEST < len(cut.split()) <= MOST), span)


def _merit(span: str, *, asked_first: bool) -> tuple[bool, int, bool, int]:
    """A stated need first, then a statement rather than a question, then the richer sentence; or first of all what was asked."""
    asked = is_request(span)
    return (asked and asked_first, len(NEED.findall(span)), not asked, len(span.split()))
