"""Reading plain text without a model: sentences, words, excerpts. Called by the agents that quote what people wrote."""

import re
from collections.abc import Iterator, Set
from itertools import pairwise

STOPWORDS = frozenset(
    "a about above after again all also am an and any are as at be because been before being below between both but by can could "
    "did do does doing done down during each few for from further get got had has have having he her here hers him his how i if in "
    "into is it its just let like ll made make many may me might more most much must my no nor not now of off on once only or "
    "other our ours out over own per please re same shall she should so some such than that the their them then there these they "
    "this those through to too under until up us ve very want was we were what when where which while who whom why will with would "
    "yes yet you your yours hi hello hey dear thanks thank regards best kind cheers sincerely sent mail email e-mail".split()
)
ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof st no nr vs etc inc ltd co corp approx dept est e.g i.e eg ie jr sr fig tel ext min max".split()
)
WRAPPED_LINE = 50
"""A line shorter than this was ended by its author, not by a mail client's wrapping."""
STEM = 6
STOPS = frozenset({".", "!", "?", "\u2026"})

_WORD = re.compile(r"[^\W_]+(?:['\u2019\-][^\W_]+)*")
_BREAK = re.compile(
    r"(?P<hard>\n\s*\n|\n(?=[ \t]*(?:[-*•]|\d{1,2}[.)])[ \t]))"
    r"|(?P<line>\n)"
    r"|(?<=[.!?…])[\"”\u2019')\]]*\s+"
    r"|(?<=[。\uff01\uff1f])"
)
_PARAGRAPH_END = re.compile(r"\n\s*\n\s*$")
_LAST_WORD = re.compile(r"([\w.]+)\.$")
_QUESTION = re.compile(r"[?\uff1f][\"”\u2019')\]\s]*$")
_REQUEST = re.compile(
    r"^(?:(?:also|and|so|then),? )?"
    r"(?:(?:could|can|would|will) (?:you|someone)\b|please (?!find\b|note\b|do not\b|ignore\b)\w+|let (?:me|us) know\b|send (?:me|us)\b)"
    r"|\b(?:could|can|would) you (?:please )?(?:send|share|tell|let|give|show|confirm|explain|help|call|provide)\b"
    r"|\b(?:i|we)(?:['\u2019]d| would) (?:like|love) to (?:know|see|understand|hear|learn|get|discuss|talk|schedule|book)\b"
    r"|\b(?:i|we) (?:was|were|am|are) wondering\b"
    r"|\blet (?:me|us) know (?:if|whether|what|when|how|which|who)\b",
    re.IGNORECASE,
)
_COURTESY = re.compile(
    r"\b(?:how are you|how is it going|how's it going|how have you been|hope (?:you|all|this)\b.{0,120}\bwell)\b", re.IGNORECASE
)


_CONTROLS = dict.fromkeys((*range(32), 127), " ")


def flat(text: str) -> str:
    """On one line, single spaces, without control characters."""
    return " ".join(text.translate(_CONTROLS).split())


def sentences(text: str) -> tuple[str, ...]:
    """The author's sentences in order, words untouched, each on one line; list items count as sentences."""
    return tuple(flat(text[start:end]) for start, end in sentence_spans(text))


def sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """[start, end) of every sentence that has a word in it."""
    start = 0
    for found in _BREAK.finditer(text):
        if _ends_sentence(text, found, start):
            yield from _worded(text, start, found.end())
            start = found.end()
    yield from _worded(text, start, len(text))


def _worded(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    if _WORD.search(text, start, end):
        yield start, end


def _ends_sentence(text: str, found: re.Match[str], start: int) -> bool:
    following = text[found.end() : found.end() + 1]
    before = text[found.start() - 1 : found.start()]
    if found.lastgroup == "hard" or (found.lastgroup == "line" and _short_line(text, found) and not following.islower()):
        return True
    if found.lastgroup == "line" and before not in STOPS:
        return False
    return not (before == "." and (following.islower() or _abbreviated(text[start : found.start()])))


def _short_line(text: str, found: re.Match[str]) -> bool:
    line = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
    return len(line.strip()) < WRAPPED_LINE


def _abbreviated(before: str) -> bool:
    """Ends in "e.g." or in an initial such as "J."."""
    last = _LAST_WORD.search(before[-20:])
    if last is None:
        return False
    initial = len(last[1]) == 1 and last[1].isupper() and last[1] != "I"
    return initial or last[1].lower() in ABBREVIATIONS


def words(text: str) -> tuple[str, ...]:
    """Lower case, in order."""
    return tuple(_WORD.findall(text.lower()))


def terms(text: str) -> frozenset[str]:
    """What the text is about: stems of its words, without the small ones."""
    return frozenset(stem(word) for word in words(text) if word not in STOPWORDS and len(word) > 1)


def stem(word: str) -> str:
    """Close enough to tell that "registered" and "registration" are one matter: a truncated singular."""
    bare = word.split("'")[0].split("\u2019")[0].lower()
    singular = bare[:-1] if len(bare) > 3 and bare.endswith("s") and not bare.endswith("ss") else bare
    return singular[:STEM]


def asks(sentence: str) -> bool:
    """Whether the reader is asked for something: a question or a polite request, small talk excepted."""
    if _COURTESY.search(sentence):
        return False
    return bool(_QUESTION.search(sentence) or _REQUEST.search(sentence))


def excerpt(text: str, limit: int) -> str:
    """The beginning, verbatim up to white space: whole sentences when they fill half the room, else whole words."""
    line = flat(text)
    if len(line) <= limit:
        return line
    kept = ""
    for one in sentences(text):
        if len(kept) + len(one) + 1 > limit:
            break
        kept = f"{kept} {one}".strip()
    return kept if 2 * len(kept) >= limit and line.startswith(kept) else _whole_words(line, limit)


def _whole_words(line: str, limit: int) -> str:
    cut = line[: limit + 1].rfind(" ")
    return line[:cut] if cut > 0 else line[:limit]


def best_passage(text: str, *, about: Set[str], limit: int) -> str:
    """The sentence that says most about these terms and those after it in its paragraph, verbatim up to white space, within `limit`."""
    spans = tuple(sentence_spans(text))
    if not spans:
        return ""
    hits = [len(about & terms(text[start:end])) for start, end in spans]
    first = hits.index(max(hits))
    start, end = spans[first]
    for (before, _), (_, following) in pairwise(spans[first:]):
        if _PARAGRAPH_END.search(text, before, end) or len(flat(text[start:following])) > limit:
            break
        end = following
    passage = flat(text[start:end])
    return passage if len(passage) <= limit else _around(passage, about=about, limit=limit)


def _around(sentence: str, *, about: Set[str], limit: int) -> str:
    """A sentence too long to quote, from a little before the first word that matters."""
    hit = next((found.start() for found in _WORD.finditer(sentence) if stem(found[0]) in about), 0)
    if hit < limit // 2:
        return _whole_words(sentence, limit)
    start = sentence.find(" ", hit - limit // 3) + 1
    return _whole_words(sentence[start:], limit)
