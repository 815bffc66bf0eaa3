"""What a text claims, and whether a span of evidence says it: the heart of the gate's checks on inventions."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, pairwise

from shared.agents.quality_gate.lexicon import (
    CALENDAR_WORDS,
    CURRENCIES,
    FUNCTION_WORDS,
    GIVEN_NAMES,
    NOT_AN_OFFER_AFTER_FREE,
    NOT_AN_OFFER_BEFORE_FREE,
    NOT_NAMES,
    OFFER_PAIRS,
    OFFER_WORDS,
    OPENER_ENDINGS,
    OPENERS,
    RELATIVE_DAYS,
    SHARES_AND_SCALES,
    VAGUE_NUMBERS,
    VERBS_OF_NAMES,
)
from shared.agents.quality_gate.moments import at, moment_at, parts_of_day
from shared.agents.quality_gate.quantities import quantity_at
from shared.agents.quality_gate.words import NUMBER_WORDS, Word, words_of
from shared.domain.evidence import Evidence

Pair = tuple[str, str]
_MEASURING = (
    CALENDAR_WORDS
    | RELATIVE_DAYS
    | VAGUE_NUMBERS
    | NUMBER_WORDS.keys()
    | CURRENCIES.keys()
    | SHARES_AND_SCALES
    | {"last", "half", "half-hour"}
)
"""Words without a digit that a date or a quantity can begin with."""
_NEVER_NAMES = CALENDAR_WORDS | NOT_NAMES | CURRENCIES.keys()


class ClaimKind(StrEnum):
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    NAME = "name"
    OFFER = "offer"


@dataclass(frozen=True, slots=True)
class Claim:
    """Something checkable a sentence says: every part, and every two parts that belong together, must be in one span."""

    kind: ClaimKind
    parts: tuple[str, ...]
    quote: str

    @property
    def pairs(self) -> Iterator[Pair]:
        return _ordered(self.parts) if self.kind is ClaimKind.DATE else iter(tuple(pairwise(self.parts)))


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a span says, ready to be asked in constant time per claim."""

    parts: frozenset[str]
    pairs: frozenset[Pair]

    def support(self, claim: Claim, *, known: frozenset[str] = frozenset()) -> bool:
        """`known` are the names everybody in this conversation bears: they need no source."""
        if not all(part in self.parts or part in known for part in claim.parts):
            return False
        return all(pair in self.pairs or not known.isdisjoint(pair) for pair in claim.pairs)


def claims_of(text: str, *, titled: bool = False) -> tuple[Claim, ...]:
    """Numbers, money and percentages, dates and times, names and offers of a text. `titled` texts capitalise ordinary words."""
    words = words_of(text)
    return (*_measured(words), *_names(words, titled=titled), *_offers(words))


def grounds_of(evidence: Evidence, *, also: Sequence[str] = ()) -> Grounds:
    """What may be said with this evidence: its span, the day it is from, and names that `also` say what the span is."""
    titles = [words_of(text) for text in (evidence.label, *also)]
    days = [parts_of_day(evidence.at)] if evidence.at else []
    days += [claim.parts for title in titles for claim in _measured(title) if claim.kind is ClaimKind.DATE]
    return _grounds(words_of(evidence.text), days=days, titles=titles)


def grounds_of_text(text: str) -> Grounds:
    """What may be said with these words alone."""
    return _grounds(words_of(text), days=(), titles=())


def _grounds(words: Sequence[Word], *, days: Sequence[tuple[str, ...]], titles: Iterable[Sequence[Word]]) -> Grounds:
    claims = (*_measured(words), *_offers(words))
    dates = [claim.parts for claim in claims if claim.kind is ClaimKind.DATE]
    return _united([_widened(parts) for parts in (*dates, *days)], claims, [words, *titles])


def _united(moments: Sequence[tuple[str, ...]], claims: Sequence[Claim], spans: Iterable[Sequence[Word]]) -> Grounds:
    parts = {part for moment in moments for part in moment}
    pairs = {pair for moment in moments for pair in _ordered(moment)}
    parts.update(part for claim in claims for part in claim.parts)
    parts.update(f"number:{part.split(':')[1]}" for part in tuple(parts) if part.startswith("duration:"))
    for words in spans:
        parts.update(word.lower for word in words)
        pairs.update(pairwise(word.lower for word in words))
    return Grounds(parts=frozenset(parts), pairs=frozenset(pairs))


def _widened(parts: tuple[str, ...]) -> tuple[str, ...]:
    """A day also grounds its month alone and its ordinal alone."""
    dates = [part.removeprefix("date:").partition("-") for part in parts if part.startswith("date:") and "/" not in part]
    return (*parts, *(f"month:{month}" for month, _, _ in dates), *(f"ordinal:{day}" for _, _, day in dates))


def _ordered(parts: tuple[str, ...]) -> Iterator[Pair]:
    return combinations(sorted(parts), 2)


def _measured(words: Sequence[Word]) -> Iterator[Claim]:
    index = 0
    while index < len(words):
        if not (words[index].numeric or words[index].lower in _MEASURING):
            index += 1
            continue
        parts, taken = moment_at(words, index)
        kind = ClaimKind.DATE
        if not taken:
            part, taken = quantity_at(words, index)
            kind = ClaimKind.MONEY if part.startswith(("money:", "percent:")) else ClaimKind.NUMBER
            parts = (part,)
        if taken:
            yield Claim(kind=kind, parts=parts, quote=_quoted(words[index : index + taken]))
        index += taken or 1


def _names(words: Sequence[Word], *, titled: bool) -> Iterator[Claim]:
    index = 0
    while index < len(words):
        length = 0
        while index + length < len(words) and _is_name(words, index + length, titled=titled):
            length += 1
            if words[index + length - 1].closes:
                break
        if length:
            name = words[index : index + length]
            yield Claim(kind=ClaimKind.NAME, parts=tuple(word.lower for word in name), quote=_quoted(name))
        index += length or 1


def _is_name(words: Sequence[Word], index: int, *, titled: bool) -> bool:
    word = words[index]
    if not word.capital or word.numeric or word.lower in _NEVER_NAMES:
        return False
    if titled or word.opens:
        return word.lower in GIVEN_NAMES or not _is_opener(word, followed_by=at(words, index + 1), titled=titled)
    return word.lower not in FUNCTION_WORDS


def _is_opener(word: Word, *, followed_by: Word, titled: bool) -> bool:
    """Whether a capital here is only the start of a sentence: names are followed by a verb, a comma, more of the name, or 's."""
    if word.lower in OPENERS or word.lower.partition("'")[0] in OPENERS:
        return True
    if titled:
        return word.lower.endswith(OPENER_ENDINGS)
    if followed_by.capital and not word.closes and followed_by.lower not in FUNCTION_WORDS:
        return False
    if any(char.isupper() for char in word.text[1:]):
        return False
    if "-" in word.text or word.lower.endswith(OPENER_ENDINGS):
        return True
    listed = word.closes and not word.lower.endswith("s")
    return not (listed or followed_by.lower in VERBS_OF_NAMES or followed_by.lower.endswith(("ed", "es")))


def _offers(words: Sequence[Word]) -> Iterator[Claim]:
    for index, word in enumerate(words):
        pair = f"{word.lower} {at(words, index + 1).lower}"
        if pair in OFFER_PAIRS:
            yield Claim(kind=ClaimKind.OFFER, parts=(f"offer:{pair}",), quote=pair)
        elif (stem := OFFER_WORDS.get(word.lower)) and not (stem == "free" and _merely_available(words, index)):
            yield Claim(kind=ClaimKind.OFFER, parts=(f"offer:{stem}",), quote=word.text)


def _merely_available(words: Sequence[Word], index: int) -> bool:
    """Feel free, are you free on Tuesday: nothing is given away."""
    before, after = at(words, index - 1), at(words, index + 1)
    if before.lower in ("is", "are") and words[index].closes and not words[index].asks:
        return False  # "the first event is free."
    return before.lower in NOT_AN_OFFER_BEFORE_FREE or after.lower in NOT_AN_OFFER_AFTER_FREE


def _quoted(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)[:120]
