"""Finds the sentences of a text that answer what somebody asked, verbatim. Called by the built-in writer."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from shared.connectors.builtin.quoting import FEWEST, is_harmless, is_request
from shared.domain.prose import flat, sentence_spans, terms

MOST_CHARACTERS = 230
"""Of one passage, so that it still reads as a quotation."""
LONGEST_SENTENCE = 24
"""Words; a longer one ends at a clause that only adds to it."""
ASKED = 10
"""What a term they asked about counts against one they told."""
FEWEST_KEPT = 8
FEWEST_SHARED = 2
"""Terms a passage must have in common with what was asked."""

_ADDITION = re.compile(r",\s(?=(?:so|where|and|which)\s)")
_PARAGRAPH_ENDS = re.compile(r"\n\s*\n")
_SPEAKS_TO_SOMEBODY = re.compile(r"\b(?:you|your|I|my|me)\b")

Weights = Mapping[str, int]


@dataclass(frozen=True)
class Passage:
    """`terms` are those of what was asked that it speaks of."""

    text: str
    terms: frozenset[str]
    start: int


def weights_of(*, asked: Iterable[str], stated: Iterable[str]) -> Weights:
    """How much each term of somebody's words counts: what they ask before what they tell."""
    found: Counter[str] = Counter()
    for text in asked:
        found.update(dict.fromkeys(terms(text), ASKED))
    for text in stated:
        found.update(dict.fromkeys(terms(text), 1))
    return found


def passages(text: str, *, about: Weights, title: str = "", never: re.Pattern[str] | None = None) -> tuple[Passage, ...]:
    """At most two that bear on it, best first; the second only if it speaks of something else that was asked."""
    fitting = [one for one in _windows(text, about, terms(title), never) if len(one.terms) >= FEWEST_SHARED]
    ranked = sorted(fitting, key=lambda one: (-_merit(one, about), len(one.text), one.start))
    for best in ranked[:1]:
        other = next((one for one in ranked if _adds(one, best, about)), None)
        return (best, other) if other else (best,)
    return ()


def _merit(passage: Passage, about: Weights) -> int:
    return sum(about[term] for term in passage.terms)


def _adds(other: Passage, best: Passage, about: Weights) -> bool:
    """Speaks of something they asked and the best one leaves out, in other words."""
    apart = other.start + len(other.text) <= best.start or best.start + len(best.text) <= other.start
    return apart and any(about[term] >= ASKED for term in other.terms - best.terms)


def _windows(text: str, about: Weights, title: frozenset[str], never: re.Pattern[str] | None) -> Sequence[Passage]:
    """Every sentence that may be quoted, and every two of them that follow each other in a paragraph."""
    spans = [(start, end) for start, end in sentence_spans(text) if _quotable(flat(text[start:end]), title, never)]
    pairs = [(one[0], two[1]) for one, two in pairwise(spans) if not text[one[1] : two[0]].strip() and not _break_between(text, one, two)]
    found = [_passage(text, start, end, about) for start, end in (*spans, *pairs)]
    return [one for one in found if len(one.text) <= MOST_CHARACTERS]


def _passage(text: str, start: int, end: int, about: Weights) -> Passage:
    said = _shortened(flat(text[start:end]))
    return Passage(said, terms(said) & frozenset(about), start)


def _shortened(said: str) -> str:
    """Never cut before a reservation: what follows "but", "unless" or "while" belongs to it."""
    if len(said.split()) <= LONGEST_SENTENCE:
        return said
    cuts = [said[: found.start()] for found in _ADDITION.finditer(said)]
    return next((f"{cut}." for cut in reversed(cuts) if FEWEST_KEPT < len(cut.split()) <= LONGEST_SENTENCE), said)


def _break_between(text: str, one: tuple[int, int], two: tuple[int, int]) -> bool:
    return bool(_PARAGRAPH_ENDS.search(text, one[0], two[0]))


def _quotable(sentence: str, title: frozenset[str], never: re.Pattern[str] | None) -> bool:
    """A whole, harmless statement that is neither the title nor said to somebody in particular."""
    whole = (sentence[:1].isupper() or sentence[:1].isdigit()) and sentence.endswith((".", "!"))
    if not whole or len(sentence.split()) < FEWEST or not is_harmless(sentence) or (never and never.search(sentence)):
        return False
    return not is_request(sentence) and not _SPEAKS_TO_SOMEBODY.search(sentence) and not terms(sentence) <= title
