"""What the author of a mail newly wrote: quoted history, signature and footers are left out; used when messages are read.

When in doubt a line stays: a mail that says too much is better than an answer that is lost.
"""

import re
from collections.abc import Sequence

from shared.connectors.gmail.history import FAR_ABOVE, Mark, marks_in, quoted
from shared.connectors.gmail.mail_words import FOOTERS, ORNAMENTS

LONGEST_SIGNATURE = 14
FOOTER_LINES = 8
LONGEST_TAIL = 200
"""Lines at the end of a part among which a signature or footer is looked for."""
_SIGNED = re.compile(r"(?:--|—|__)\s?")
_FOOTER = re.compile(rf"\W{{0,3}}(?:{FOOTERS})", re.IGNORECASE)
_LONGEST_FOOTER = 100
_LIST_WORDS = re.compile(
    "mailing list|unsubscribe|listinfo|you received this message because|reply to this email directly|view it on git", re.IGNORECASE
)
_RULE = re.compile(ORNAMENTS)
_EMPTY_LINES = re.compile(r"\n{3,}")


def newest_text(text: str) -> str:
    """The author's own lines, in order: above the history, or between quoted lines where they answer there."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    last_own = next((number for number in range(len(lines) - 1, -1, -1) if lines[number].strip() and not quoted(lines[number])), -1)
    between: list[Mark] = []
    end = None
    for mark in marks_in(lines):
        if not _answered_below(lines, mark, last_own):
            end = mark
            break
        between.append(mark)
    kept = _own_lines(lines[: end.start if end else len(lines)], between)
    if end is not None and end.before.strip():
        kept.append([end.before])
    own = "\n".join("\n".join(line.rstrip() for line in _unsigned(part)) for part in kept)
    return _EMPTY_LINES.sub("\n\n", _without_rules(own)).strip()


def _answered_below(lines: Sequence[str], mark: Mark, last_own: int) -> bool:
    """Whether somebody wrote between or under the quoted lines that a mark announces; it is no end then.

    Where nothing stands above it and nothing below is marked as quoted, what stands there is all there is.
    """
    if mark.firm:
        return False
    quote = next((number for number in range(mark.end, min(mark.end + 5, len(lines))) if quoted(lines[number])), None)
    if quote is not None:
        return last_own > quote
    return mark.start < FAR_ABOVE and not any(line.strip() for line in lines[: mark.start]) and not mark.before


def _own_lines(lines: Sequence[str], marks: Sequence[Mark]) -> list[list[str]]:
    """In parts, cut where quoted lines or announcements stood."""
    announced = {number for mark in marks for number in range(mark.start, mark.end)}
    parts: list[list[str]] = [[]]
    above = ""
    for number, line in enumerate(lines):
        if number in announced or quoted(line) or _goes_on(above, line):
            above = line if quoted(line) else ""
            if parts[-1]:
                parts.append([])
        else:
            parts[-1].append(line)
            above = ""
    return parts


def _goes_on(above: str, line: str) -> bool:
    """The rest of a quoted line that a client wrapped in the middle of a link."""
    return bool(line.strip()) and above.count("(") > above.count(")") and line.count(")") > line.count("(")


def _unsigned(part: Sequence[str]) -> Sequence[str]:
    """Without the signature or footer at its end."""
    for number, line in enumerate(part):
        rest = len(part) - number
        if len(line) > _LONGEST_FOOTER or rest > LONGEST_TAIL:
            continue
        signed = _SIGNED.fullmatch(line.rstrip("\r")) is not None and rest <= LONGEST_SIGNATURE
        if signed or _FOOTER.match(line) or _begins_list_footer(part, number):
            return part[:number]
    return part


def _begins_list_footer(part: Sequence[str], number: int) -> bool:
    """A rule above a few last lines about a mailing list."""
    line = part[number].strip()
    if len(line) < 3 or line.strip("-_=*") or len(part) - number > FOOTER_LINES:
        return False
    return any(_LIST_WORDS.search(one[:400]) for one in part[number + 1 :])


def _without_rules(text: str) -> str:
    """Without the lines of ornament at the end."""
    lines = text.rstrip().split("\n")
    while lines and (not lines[-1].strip() or (len(lines[-1]) <= 200 and _RULE.fullmatch(lines[-1].strip()))):
        lines.pop()
    return "\n".join(lines)
