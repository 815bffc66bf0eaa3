"""Reads text into words once, in linear time. Every check of the gate works on these or on patterns of bounded width."""

import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_LETTERING = str.maketrans({**dict.fromkeys(_INVISIBLE, ""), "\u2019": "'", "\u2018": "'", "`": "'"})
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"))
_EDGES = ".,;:!?\"'()[]{}<>*_~…“”„«»|-=\\"
_SENTENCE_ENDS = frozenset(".!?")
_ABBREVIATIONS = frozenset("mr mrs ms dr prof st no vs e.g i.e inc ltd corp approx a.m p.m".split())

NUMBER_WORDS = {
    word: value
    for value, word in enumerate(
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
        "nineteen".split(),
        start=1,
    )
} | {word: 10 * tens for tens, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)}


class Word(NamedTuple):
    """`text` has no punctuation around it; `opens` a sentence; punctuation after it `closes` a phrase, `asks` when that is a question."""

    text: str
    lower: str
    opens: bool = False
    closes: bool = False
    asks: bool = False
    numeric: bool = False  # has a digit

    @property
    def capital(self) -> bool:
        """Begins with a capital, or has one inside as eBay does."""
        return not self.text.islower() and any(map(str.isupper, self.text[:3]))


def plain(text: str) -> str:
    """Compatibility forms unified, invisible characters gone: what a reader sees, so that nothing hides from the checks."""
    return unicodedata.normalize("NFKC", text).translate(_LETTERING)


def words_of(text: str) -> tuple[Word, ...]:
    """The words of a plain text, numeric compounds ("14-day", "15:00-15:30") taken apart."""
    return tuple(_words(plain(text)))


def _words(text: str) -> Iterator[Word]:
    opens = True
    for raw in text.translate(_DASHES).split():
        core = raw.strip(_EDGES)
        if not core:
            opens = opens or raw[-1] in ".!?"
            continue
        bare = core.removesuffix("'s").removesuffix("'S")
        closes = len(bare) < len(core) or raw[-1] in _EDGES
        mark = raw.rstrip("\"')”»")[-1:] if closes else ""
        numeric = any(map(str.isdigit, bare))
        whole = Word(bare, bare.lower(), opens, closes, mark == "?", numeric)
        yield from _apart(whole) if "-" in bare or "/" in bare else (whole,)
        opens = mark in _SENTENCE_ENDS and (mark != "." or _ends_sentence(whole.lower))


def _ends_sentence(lower: str) -> bool:
    return lower not in _ABBREVIATIONS and len(lower) > 1


def _apart(whole: Word) -> Iterator[Word]:
    pieces = _pieces(whole)
    for index, piece in enumerate(pieces):
        first, last = index == 0, index == len(pieces) - 1
        yield Word(piece, piece.lower(), whole.opens and first, whole.closes and last, whole.asks and last, any(map(str.isdigit, piece)))


def _pieces(whole: Word) -> list[str]:
    compound = whole.numeric or whole.lower.partition("-")[0] in NUMBER_WORDS
    address = "://" in whole.text or "@" in whole.text
    if not compound or address or is_numeric_date(whole.text):
        return [whole.text]
    return [piece for piece in whole.text.replace("/", "-").split("-") if piece] or [whole.text]


def is_numeric_date(core: str) -> bool:
    """2026-11-24, 24.11.2026, 24/11/2026 or 11/24/2026."""
    if len(core) > 10:
        return False
    parts = date_parts(core)
    return len(parts) == 3 and all(part.isdecimal() for part in parts) and max(map(len, parts)) == 4


def date_parts(core: str) -> list[str]:
    return core.replace("/", "-").replace(".", "-").split("-")


def phrases(listed: str) -> tuple[str, ...]:
    """ "act now | click here" as what to look for in `joined` text."""
    return tuple(f" {' '.join(one.split())} " for one in listed.split("|"))


def joined(words: tuple[Word, ...]) -> str:
    """Lower-case words between single spaces, so that a phrase is found with `f" {phrase} " in joined(words)`."""
    return " " + " ".join(word.lower for word in words) + " "
