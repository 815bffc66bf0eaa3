"""Tells what a draft quotes from what it says itself. Called by the checks that ask who speaks."""

import re
from collections.abc import Iterable

from shared.agents.quality_gate.words import plain, words_of

FEWEST_WORDS = 3
"""Fewer words between quotation marks are a title or an emphasis, and count as ours."""
STAND_IN = "quotation"

_QUOTED = re.compile(r"[\u201c\u201e]([^\u201c\u201d\u201e]{1,240})[\u201c\u201d]|\"([^\"]{1,240})\"")
_TELLING = frozenset(
    "ask asks asked asking wrote write writes said say says mention mentioned told tell tells read reads put puts "
    "question questions answer answers words sentence request".split()
)


def own_words(text: str, *, spans: Iterable[str]) -> str:
    """The text with a stand-in for each quotation that is one: told as somebody's words, and word for word in one of the spans.

    Whatever else stands between quotation marks is ours: the marks go, the words stay.
    """
    read = plain(text)
    told = not _TELLING.isdisjoint(word.lower for word in words_of(_QUOTED.sub(" ", read)))
    sources = [_flat(plain(span)) for span in spans] if told and _QUOTED.search(read) else []
    return _QUOTED.sub(lambda found: _spoken_by_whom(found[1] or found[2], sources), read)


def _spoken_by_whom(quoted: str, sources: Iterable[str]) -> str:
    said = _flat(quoted)
    if len(said.split()) < FEWEST_WORDS or not any(_holds(source, said.rstrip(".,;:")) for source in sources):
        return f" {said} "
    return f" {STAND_IN}. " if said.endswith((".", "!", "?")) else f" {STAND_IN} "


def _holds(source: str, said: str) -> bool:
    """Whole words only: "let me know" is not in "let me knowingly"."""
    start = source.find(said)
    before, after = source[start - 1 : start], source[start + len(said) :][:1]
    return start >= 0 and not before.isalnum() and not after.isalnum()


def _flat(text: str) -> str:
    return " ".join(text.split())
