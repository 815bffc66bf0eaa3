"""Numbers, money, percentages, durations and codes in words, in one canonical form: "1,200" is "1200", "30 percent" is "30%"."""

import re
from collections.abc import Sequence
from decimal import Decimal

from shared.agents.quality_gate.lexicon import CURRENCIES, DURATIONS, NOT_NAMES, SCALES, SHARES_AND_SCALES, VAGUE_NUMBERS
from shared.agents.quality_gate.moments import at
from shared.agents.quality_gate.words import NUMBER_WORDS, Word

# Each group is of bounded width and starts with a character the one before cannot match: linear.
_AMOUNT = re.compile(
    r"(us\$|[$€£¥]|usd|eur|gbp|chf|jpy)?[+-]?"
    r"(\d{1,3}(?:,\d{3}){1,4}|\d{1,15})(\.\d{1,6})?"
    r"(k|m|mn|bn)?(st|nd|rd|th|%|x|[$€£¥]|usd|eur|gbp|chf|jpy)?\+?"
)
_ORDINALS = frozenset({"st", "nd", "rd", "th"})
_PER_CENT = frozenset({"%", "percent", "pct"})
_ONE = Decimal(1)


def quantity_at(words: Sequence[Word], start: int) -> tuple[str, int]:
    """The canonical part of the quantity that begins at `start` and how many words it takes; "" and 0 when none does."""
    word = words[start]
    if word.lower in VAGUE_NUMBERS:
        return f"number:{word.lower}", 1
    if word.lower in SHARES_AND_SCALES and at(words, start - 1).lower in ("a", "one"):
        return f"number:{word.lower}", 1
    if word.lower in ("half", "half-hour"):
        return _half_an_hour(words, start)
    if word.lower in CURRENCIES and at(words, start + 1).text[:1].isdigit():
        part, length = quantity_at(words, start + 1)
        return (f"money:{CURRENCIES[word.lower]}:{part.rpartition(':')[2]}", length + 1)
    if word.lower in NUMBER_WORDS:
        return _in_words(words, start)
    return _digits(words, start)


def _in_words(words: Sequence[Word], start: int) -> tuple[str, int]:
    """Twelve; twenty five."""
    value, following = NUMBER_WORDS[words[start].lower], NUMBER_WORDS.get(at(words, start + 1).lower, 0)
    if value < 20 or not 0 < following < 10:
        return _with_unit(words, start, Decimal(value))
    part, length = _with_unit(words, start + 1, Decimal(value + following))
    return part, length + 1


def _digits(words: Sequence[Word], start: int) -> tuple[str, int]:
    """Figures, or else a word with a digit in it: Q3, SOC2, ISO27001, a number too long to be one."""
    lower = words[start].lower
    found = _AMOUNT.fullmatch(lower) if len(lower) <= 40 else None
    if not found:
        return (f"code:{lower[:200]}", 1) if words[start].numeric and lower not in NOT_NAMES else ("", 0)
    before, whole, fraction, scale, after = found.groups()
    value = Decimal(whole.replace(",", "") + (fraction or "")) * SCALES.get(scale or "", 1)
    if before or after in CURRENCIES:
        return _money(words, start, value, CURRENCIES[before or after])
    if after in _PER_CENT:
        return f"percent:{_spelled(value)}", 1
    if after in _ORDINALS:
        return f"ordinal:{_spelled(value)}", 1
    if after == "x":
        return f"times:{_spelled(value)}", 1
    return _with_unit(words, start, value)


def _money(words: Sequence[Word], start: int, value: Decimal, currency: str) -> tuple[str, int]:
    scale = SCALES.get(at(words, start + 1).lower, 1)
    return f"money:{currency}:{_spelled(value * scale)}", 1 if scale == 1 else 2


def _with_unit(words: Sequence[Word], start: int, value: Decimal) -> tuple[str, int]:
    """A bare number takes its meaning from the word after it: a scale, a currency, per cent, a unit of time."""
    unit, length = at(words, start + 1).lower, 1
    while unit in SCALES and length < 3:
        value, length = value * SCALES[unit], length + 1
        unit = at(words, start + length).lower
    if unit in CURRENCIES:
        return f"money:{CURRENCIES[unit]}:{_spelled(value)}", length + 1
    if unit in _PER_CENT:
        return f"percent:{_spelled(value)}", length + 1
    if unit == "per" and at(words, start + length + 1).lower == "cent":
        return f"percent:{_spelled(value)}", length + 2
    if unit in DURATIONS:
        return f"duration:{_spelled(value)}:{DURATIONS[unit]}", length + 1
    return (f"number:{_spelled(value)}", length) if value != _ONE or words[start].text.isdigit() else ("", 0)


def _half_an_hour(words: Sequence[Word], start: int) -> tuple[str, int]:
    following = (at(words, start + 1).lower, at(words, start + 2).lower)
    if words[start].lower == "half-hour" or following[0] == "hour":
        return "duration:30:minute", 1 if words[start].lower == "half-hour" else 2
    return ("duration:30:minute", 3) if following == ("an", "hour") else ("", 0)


def _spelled(value: Decimal) -> str:
    return format(value.normalize(), "f")
