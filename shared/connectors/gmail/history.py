"""Where earlier mail begins in a mail: the marks that clients leave above what they quote. Used by newest_text.

Every line is looked at once, with a fixed number of lines after it and a fixed number of characters: no mail can keep this busy.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shared.connectors.gmail.mail_headers import headers_from, kind_of
from shared.connectors.gmail.mail_words import (
    ATTRIBUTION_OPENS,
    ATTRIBUTION_OPENS_ANEW,
    COLONS,
    DIVIDERS,
    FORWARDS_BEGIN,
    RULES,
    WROTE,
    listed,
)

LONGEST_ATTRIBUTION = 400
MOST_LINES = 4
"""Clients wrap "On … wrote:" over this many."""
FAR_ABOVE = 6
MOST_LINES_READ = 1500
"""Of a mail; real ones have their history long before that, and without any mark every line counts as new."""

_WROTE = listed(WROTE)
_DIVIDERS = listed(DIVIDERS)
_BEGINNINGS = listed(FORWARDS_BEGIN)
_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\d{1,2}:\d\d|\d{1,2}\.? \w{3,12}\.? \d{4}|(?:19|20)\d\d")
_DATE_FIRST = re.compile(r"(?:\w{2,9}\.?,? )?(?:\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\d{1,2} \w{3,9}\.? \d{4})(?!\d)")
_ZONED = re.compile(r"\d{4}-\d\d-\d\d \d{1,2}:\d\d (?:GMT|UTC)[+-]\d\d:\d\d \w")
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,190}\w")
_OPENER = re.compile(rf"(?:{ATTRIBUTION_OPENS})\b|\d|(?:\w{{2,10}}[.,]{{0,2}} )\d", re.IGNORECASE)
_OPENS_ANEW = re.compile(rf"(?:{ATTRIBUTION_OPENS_ANEW})\b|\d{{1,4}}[./-]\d{{1,2}}[./-]\d{{2,4}}", re.IGNORECASE)
_MID_LINE = re.compile(r"[\s-]{1,20}On (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\w{0,6}, ")


@dataclass(frozen=True)
class Mark:
    """Lines [start, end) that announce earlier mail. A `firm` mark is never followed by the author's own words."""

    start: int
    end: int
    firm: bool
    before: str = ""  # what the author wrote in the mark's own first line


def marks_in(lines: Sequence[str]) -> Iterator[Mark]:
    """In order; those inside an earlier one are not told again. Looked for as far as somebody may have written anything new."""
    end = 0
    for index, line in enumerate(lines[:MOST_LINES_READ]):
        if index >= end and line.strip():
            mark = _divider(lines, index) or _headers(lines, index) or _attribution(lines, index)
            if mark:
                yield mark
                end = mark.end


def quoted(line: str) -> bool:
    """A line of quotation; `>>> Look here <<<` is an ornament."""
    bare = line.strip()
    return bare.startswith(">") and not (bare.startswith(">>>") and bare.endswith(("<<<", ">>>")) and bare.strip("<> ") != "")


def _divider(lines: Sequence[str], index: int) -> Mark | None:
    """-----Original Message-----, ____Reply Separator____, ---- John wrote ----, Begin forwarded message:"""
    bare = lines[index].strip()[:LONGEST_ATTRIBUTION]
    core = bare.strip(RULES + " ").lower()
    if core.startswith(_BEGINNINGS):
        return Mark(index, index + 1, firm=True)
    ruled = bare[:2].strip(RULES) == "" and len(bare) - len(core) > 3
    if not ruled or not core:
        return None
    if core.startswith(_DIVIDERS) or (bare[-2:].strip(RULES) == "" and _wrote(core)):
        return Mark(index, index + 1, firm=True)
    return None


def _headers(lines: Sequence[str], index: int) -> Mark | None:
    if not kind_of(lines[index]) or (index and kind_of(lines[index - 1]) not in ("", "more")):
        return None
    block = headers_from(lines, index)
    if block.announces_mail:
        return Mark(index, block.end, firm=not quoted(lines[index]))
    start = _name_above(lines, index) if block.of_lotus else index
    return Mark(start, block.end, firm=True) if start < index else None


def _name_above(lines: Sequence[str], index: int) -> int:
    """The line of the name above recipients: it, or a line below it, tells a date. The index itself when there is none."""
    start, dated = index, False
    for number in range(index - 1, max(-1, index - FAR_ABOVE), -1):
        line = lines[number].strip()
        if not line and number >= index - 2:
            continue
        named = dated and len(line) <= 80 and not line.endswith((".", "!", "?", ",", ";"))
        if not line or not (_DATE.search(line[:LONGEST_ATTRIBUTION]) or kind_of(line) == "more" or named):
            break
        dated = True
        start = number
    return start


def _attribution(lines: Sequence[str], index: int) -> Mark | None:
    """On Monday, Ana wrote: / 2026-11-23 10:00 GMT+1 Ana <ana@…>: / Ana <ana@…> wrote:"""
    joined, opens = "", _opens(lines[index])
    for length, line in enumerate(lines[index : index + MOST_LINES + 2], start=1):
        if length > 1 and not _continues(line, opens=opens, second=length == 2):
            return None
        if len(line) > LONGEST_ATTRIBUTION or (length > 1 and quoted(line) != quoted(lines[index])):
            return None
        joined = f"{joined} {line.strip(' >*')}".strip()
        if len(joined) > LONGEST_ATTRIBUTION:
            return None
        if line.strip() and _says_who_wrote(joined, followed_by_quote=_quote_follows(lines, index + length)):
            inside = _MID_LINE.search(lines[index]) if length == 1 and not quoted(lines[index]) else None
            before = lines[index][: inside.start()] if inside else ""
            return Mark(index, index + length, firm=False, before=before)
        if not line.strip() and length > 2:
            return None
    return None


def _opens(line: str) -> bool:
    """An attribution that goes on over several lines begins with On, a date, or the name and address of who wrote."""
    bare = line.strip(" >*-")[:LONGEST_ATTRIBUTION]
    return _OPENER.match(bare) is not None or (_addressed(bare) and _wrote(bare))


def _continues(line: str, *, opens: bool, second: bool) -> bool:
    bare = line.strip(" >*-")[:LONGEST_ATTRIBUTION]
    if kind_of(bare):
        return False
    return (opens and not _OPENS_ANEW.match(bare)) or (second and line.lstrip(" >").startswith("<"))


def _says_who_wrote(told: str, *, followed_by_quote: bool) -> bool:
    ended = told.endswith(COLONS)
    if not ended and not followed_by_quote:
        return _ZONED.match(told) is not None and not told.endswith(".")
    addressed = _addressed(told)
    if _wrote(told):
        wrote_last = ended or (followed_by_quote and _wrote(told[-24:]))
        return wrote_last and (followed_by_quote or addressed or _DATE.search(told) is not None)
    return addressed and _DATE_FIRST.match(told) is not None


def _wrote(told: str) -> bool:
    """One of the verbs as a word of its own; looking for each is many times quicker than one pattern of them all."""
    lower = told.lower()
    for verb in _WROTE:
        at = lower.find(verb)
        if at >= 0 and not lower[at - 1 : at].isalnum() and not lower[at + len(verb) : at + len(verb) + 1].isalnum():
            return True
    return False


def _addressed(told: str) -> bool:
    return "@" in told and _ADDRESS.search(told) is not None


def _quote_follows(lines: Sequence[str], index: int) -> bool:
    following = next((line for line in lines[index : index + 3] if line.strip()), "")
    return quoted(following)
