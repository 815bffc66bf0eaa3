"""Which of a stranger's words may be repeated to them, word for word; called by the built-in writer."""

import re

from shared.domain.prose import terms

SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+|[\r\n\u2014]+|\s\u2013\s")
WRAPPED = re.compile(r"(?<![.!?:\r\n])[ \t]*(?:\r\n|\r|\n)[ \t]*(?=[a-z\u00df-\u00f6\u00f8-\u00ff])")
"""A line break inside a sentence: what follows goes on in lower case. A quote cut there would stop in mid-sentence."""
CLAUSE_ENDS = re.compile(r"[,;:]\s|\s(?=(?:and|but|so|because|which)\s)")
FEWEST, MOST = 3, 26
"""Words of a quote: below it says nothing, above it is no longer a quote."""

# Markup, addresses, paths, orders, what is private, and what we are said to have promised: repeated by us, it would read like a yes.
UNQUOTABLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]"
    r"|\.\./|(?<!\w)/\w+/|https?:|www\.|@|[{}<>\[\]|\\`\u201c\u201d\u201e\"]|\w\.(?:com|net|org|io|example)\b|(?:\d[ .-]?){7,}"
    r"|\b(?:ignore|disregard|instruct\w*|prompts?|system|assistant|forward|unsubscribe|passwords?|secrets?|confidential\w*|iban|ssn"
    r"|passport|salary|diagnos\w*|medical|patient|bank|credit card|account number|social security|lawsuit|fired|layoffs?"
    r"|as (?:agreed|promised|discussed)|you (?:give|gave|grant|granted|promise|promised|offered|agreed|confirmed|guarantee|guaranteed)"
    r"|confirm (?:the|that|this))\b",
    re.IGNORECASE,
)
NEED = re.compile(
    r"\b(?:need|want|looking|search\w*|plan\w*|interested|help|would like|hope|struggl\w*|problem|require|switch\w*|replac\w*|improve"
    r"|reduce|automat\w*|compare|organi[sz]\w*|launch\w*|evaluat\w*)\b",
    re.IGNORECASE,
)

REQUEST = re.compile(
    r"^(?:is|are|do|does|did|can|could|would|will|have|has|may|might|should|what|when|where|which|who|why|how)\b"
    r"|\b(?:please|let (?:me|us) know|(?:can|could|would|will|do|are) (?:you|we|i)|you (?:can|could|would)"
    r"|(?:i|we)(?:['\u2019]d| would) (?:like|love)|love to hear|get back to (?:me|us)|wondering)\b"
    r"|^(?:book|send|share|tell|call|contact|give|provide|quote|confirm|check|suggest|email|reply|try|use|see|take|have)\b",
    re.IGNORECASE,
)


def quotable_spans(text: str, *, complete: bool, never: re.Pattern[str] | None = None) -> tuple[str, ...]:
    """What may be repeated, in order; questions keep their mark. `complete` asks for whole sentences: of a passage that may be torn."""
    raw = [one.strip() for one in SENTENCE_ENDS.split(WRAPPED.sub(" ", text))]
    kept = [one for index, one in enumerate(raw) if _stands_alone(one, complete=complete, first=index == 0)]
    spans = [_trimmed(one) for one in kept]
    return tuple(one for one in spans if _allowed(one) and not (never and never.search(one)))


def best_asked(spans: tuple[str, ...]) -> str:
    """The request that says most."""
    return max(filter(is_request, spans), key=lambda one: (len(terms(one)), len(one)), default="")


def best_stated(spans: tuple[str, ...]) -> str:
    """The statement that best says what somebody needs."""
    told = [one for one in spans if not is_request(one)]
    return max(told, key=lambda one: (len(NEED.findall(one)), len(one.split())), default="")


def tells_a_need(span: str) -> bool:
    """Whether a statement is worth repeating beside a question."""
    return bool(NEED.search(span)) or len(terms(span)) > FEWEST


def is_request(span: str) -> bool:
    """Whether these words ask for something: then they are said to have been asked."""
    return span.endswith("?") or bool(REQUEST.search(span))


def is_harmless(text: str) -> bool:
    """Whether these words may be repeated at all."""
    return bool(text.strip()) and not UNQUOTABLE.search(text)


def shortened(span: str, most: int = MOST) -> str:
    """Cut at the last clause that ends in time; too long stays too long."""
    if len(span.split()) <= most:
        return span
    cuts = [span[: found.start()] for found in CLAUSE_ENDS.finditer(span)]
    return next((cut for cut in reversed(cuts) if FEWEST < len(cut.split()) <= most), span)


def _trimmed(piece: str) -> str:
    bare = piece.strip(" .!?*-,;:")
    cut = shortened(bare)
    return f"{cut}?" if cut == bare and f"{bare}?" in piece else cut


def _stands_alone(piece: str, *, complete: bool, first: bool) -> bool:
    """Not the torn-off end of a sentence, nor, where that matters, its beginning."""
    begins = piece[:1].isupper() or piece[:1].isdigit()
    return begins and piece.endswith((".", "!", "?")) if complete else begins or first or not piece[:1].islower()


def _allowed(span: str) -> bool:
    return FEWEST <= len(span.split()) <= MOST and is_harmless(span)
