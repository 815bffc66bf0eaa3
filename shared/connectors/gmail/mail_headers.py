"""The header lines that clients copy above the mail they quote, in the languages they speak. Used by history."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.connectors.gmail.mail_words import HEADER_NAMES, WIDE_COLON, listed

_KIND_OF = {name: kind for kind, names in HEADER_NAMES.items() for name in listed(names)}
_LONGEST_WORD = 24
_LONGEST_BLOCK = 40
_LONGEST_LIST = 12
"""Lines that a list of recipients may be wrapped over."""


@dataclass(frozen=True)
class Headers:
    """A run of header lines: which there are, where it ends (exclusive), and whether an address stands in it."""

    kinds: tuple[str, ...]
    end: int
    addressed: bool

    @property
    def announces_mail(self) -> bool:
        """A person may write "From: Lisbon, To: Porto, Date: 5 May"; nobody writes a subject or a moment of sending."""
        known = set(self.kinds) - {"more"}
        if "from" not in known:
            return False
        return ("subject" in known and len(known) > 2) or (bool(known & {"sent", "date"}) and (self.addressed or {"sent", "to"} <= known))

    @property
    def of_lotus(self) -> bool:
        """Notes puts name and date above the recipients, without a word before them."""
        known = set(self.kinds)
        return "from" not in known and "to" in known and "subject" in known


def kind_of(line: str) -> str:
    """Which header a line is; empty for an ordinary one."""
    if ":" not in line and WIDE_COLON not in line:
        return ""
    head, colon, _ = line[: 3 * _LONGEST_WORD].replace(WIDE_COLON, ":").partition(":")
    if not colon or len(head) > 2 * _LONGEST_WORD:
        return ""
    word = head.strip(" \t\r>*_\u200e\u200f\u202c\u00a0").lower()
    return _KIND_OF.get(word, "") if len(word) <= _LONGEST_WORD else ""


def headers_from(lines: Sequence[str], index: int) -> Headers:
    """The run that begins here. Recipients may go on over several lines, other headers over one; blank lines may stand between."""
    found: list[str] = []
    end, wrapped, blank, addressed = index, 0, 0, False
    for number in range(index, min(index + _LONGEST_BLOCK, len(lines))):
        line = lines[number]
        kind = kind_of(line)
        if kind:
            found.append(kind)
            end, wrapped, blank = number + 1, 0, 0
            addressed = addressed or "@" in line
            continue
        if not line.strip(" \t\r>"):
            blank += 1
        else:
            wrapped += 1
        if blank > 2 or wrapped > (_LONGEST_LIST if found[-1:] in (["to"], ["copy"]) else 1):
            break
    return Headers(tuple(found), end, addressed)
