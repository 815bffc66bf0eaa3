"""Dates and times in words, in one canonical form: "3 pm" is "15:00", "Nov 24th" is "24 November"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.agents.quality_gate.lexicon import (
    MONTH_CUES,
    MONTH_OF,
    RELATIVE_DAYS,
    SHORT_MONTH_OF,
    SHORT_WEEKDAY_OF,
    WEEKDAY_OF,
)
from shared.agents.quality_gate.words import Word, date_parts, is_numeric_date

_CLOCK = re.compile(r"(\d{1,2})(?:[:h](\d{2}))?(am|pm|a\.m|p\.m|h)?")
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\.?")
_YEAR = re.compile(r"(?:19|20)\d{2}")
_HALF_OF_DAY = {"am": 0, "a.m": 0, "pm": 12, "p.m": 12}
_CONNECTORS = frozenset({"at", "on", "the", "from", "around", "by"})
_NOTHING = Word(text="", lower="")


@dataclass(frozen=True, slots=True)
class Atom:
    """One piece of a moment: `kind` is weekday, date, time or relative; `length` counts the words it took."""

    kind: str
    parts: tuple[str, ...]
    length: int


def at(words: Sequence[Word], index: int) -> Word:
    """The word there, or an empty one past either end."""
    return words[index] if 0 <= index < len(words) else _NOTHING


def moment_at(words: Sequence[Word], start: int) -> tuple[tuple[str, ...], int]:
    """The parts of the moment that begins at `start` and the words it spans; nothing and 0 when none does."""
    parts: list[str] = []
    kinds: set[str] = set()
    end = index = start
    while (atom := _atom(words, index)) is not None and atom.kind not in kinds:
        kinds.add(atom.kind)
        parts += atom.parts
        end = index + atom.length
        index = end + 1 if at(words, end).lower in _CONNECTORS else end
    return tuple(parts), end - start


def parts_of_day(moment: datetime) -> tuple[str, ...]:
    """What may be said of the day of a dated piece of evidence."""
    return (f"weekday:{moment.strftime('%a').lower()}", *_date(moment.month, moment.day), f"year:{moment.year}")


def _atom(words: Sequence[Word], index: int) -> Atom | None:
    word = at(words, index)
    if word.lower in RELATIVE_DAYS:
        return Atom("relative", (f"day:{word.lower}",), 1)
    if word.lower == "last" and at(words, index + 1).lower in ("week", "month", "quarter", "year"):
        return Atom("relative", (f"last:{at(words, index + 1).lower}",), 2)
    return _weekday(words, index) or _date_atom(words, index) or _time(words, index)


def _weekday(words: Sequence[Word], index: int) -> Atom | None:
    word = at(words, index)
    name = WEEKDAY_OF.get(word.lower)
    following = at(words, index + 1)
    if name is None and word.capital and (following.text[:1].isdigit() or _month_number(following)):
        name = SHORT_WEEKDAY_OF.get(word.lower)
    return Atom("weekday", (f"weekday:{name}",), 1) if name else None


def _date_atom(words: Sequence[Word], index: int) -> Atom | None:
    word = at(words, index)
    if is_numeric_date(word.text):
        return Atom("date", _numeric_date(word.text), 1)
    day_first = _day_number(word)
    gap = 2 if at(words, index + 1).lower == "of" else 1
    if day_first and (month := _month_number(at(words, index + gap))):
        return _with_year(words, index, Atom("date", _date(month, day_first), gap + 1))
    month = _month_number(word)
    if not month:
        return None
    if day := _day_number(at(words, index + 1)):
        return _with_year(words, index, Atom("date", _date(month, day), 2))
    return _month_alone(words, index, month)


def _month_alone(words: Sequence[Word], index: int, month: int) -> Atom | None:
    word, before = at(words, index), at(words, index - 1)
    year_follows = bool(_YEAR.fullmatch(at(words, index + 1).text))
    certain = word.lower in MONTH_OF and (word.lower != "may" or before.lower in MONTH_CUES)
    if not certain and not year_follows:
        return None
    return _with_year(words, index, Atom("date", (f"month:{month}",), 1))


def _with_year(words: Sequence[Word], index: int, atom: Atom) -> Atom:
    year = at(words, index + atom.length).text
    return Atom(atom.kind, (*atom.parts, f"year:{year}"), atom.length + 1) if _YEAR.fullmatch(year) else atom


def _time(words: Sequence[Word], index: int) -> Atom | None:
    word = at(words, index)
    if word.lower == "noon":
        return Atom("time", ("time:12:00",), 1)
    found = _CLOCK.fullmatch(word.lower)
    if not found:
        return None
    suffix, length = found[3] or "", 1
    if not suffix and at(words, index + 1).lower in _HALF_OF_DAY:
        suffix, length = at(words, index + 1).lower, 2
    if not suffix and (not found[2] or ":" not in word.text):
        return None
    return Atom("time", (_clock(int(found[1]), int(found[2] or 0), suffix),), length)


def _clock(hour: int, minute: int, suffix: str) -> str:
    if suffix in _HALF_OF_DAY:
        hour = hour % 12 + _HALF_OF_DAY[suffix]
    return f"time:{hour:02}:{minute:02}"


def _month_number(word: Word) -> int:
    if not word.capital:
        return 0
    return MONTH_OF.get(word.lower) or SHORT_MONTH_OF.get(word.lower, 0)


def _day_number(word: Word) -> int:
    found = _DAY.fullmatch(word.lower)
    return int(found[1]) if found and 1 <= int(found[1]) <= 31 else 0


def _date(month: int, day: int) -> tuple[str, ...]:
    return (f"date:{month}-{day}",)


def _numeric_date(text: str) -> tuple[str, ...]:
    first, second, third = date_parts(text)
    if len(first) == 4:
        return (*_date(int(second), int(third)), f"year:{first}")
    if int(first) > 12:
        return (*_date(int(second), int(first)), f"year:{third}")
    return (f"date:{text}",)  # day and month cannot be told apart: only the same spelling grounds it
