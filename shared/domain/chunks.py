"""Cutting a text into overlapping passages that begin and end where its author paused. Called by index_drive and long_memory."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from shared.domain.prose import sentence_spans

SIZE = 1000
OVERLAP = 200

CHUNKING = "1000/200/1"
"""Changes with the rules below: what was cut by other rules is cut anew."""

_PARAGRAPH = re.compile(r"\n\s*\n")
_WORD = re.compile(r"\s+")


class Chunk(NamedTuple):
    """`start` counts characters from the beginning of the text that was cut, white space around it left out."""

    start: int
    text: str


def chunks_of(text: str) -> tuple[Chunk, ...]:
    """Verbatim pieces of at most 1000 characters; each starts at most 200 before the end of the one before it."""
    stripped = text.strip()
    return tuple(Chunk(start, stripped[start:end]) for start, end in _spans(stripped))


@dataclass(frozen=True)
class _Pauses:
    """Where a document may be cut, best kind first; each sorted."""

    kinds: Sequence[Sequence[int]]

    def last(self, *, after: int, until: int) -> int:
        """The best place in (after, until], `until` itself when there is none."""
        for places in self.kinds:
            place = bisect_right(places, until) - 1
            if place >= 0 and places[place] > after:
                return places[place]
        return until

    def first(self, *, at_least: int, before: int) -> int:
        """The best place in [at_least, before), `before` itself when there is none."""
        for places in self.kinds:
            place = bisect_left(places, at_least)
            if place < len(places) and places[place] < before:
                return places[place]
        return before


def _pauses(text: str) -> _Pauses:
    paragraphs = [found.end() for found in _PARAGRAPH.finditer(text)]
    sentences = [end for _, end in sentence_spans(text)]
    words = [found.end() for found in _WORD.finditer(text)]
    return _Pauses((paragraphs, sentences, words))


def _spans(text: str) -> list[tuple[int, int]]:
    pauses, spans, start = _pauses(text), [], 0
    while start < len(text):
        if len(text) - start <= SIZE:
            spans.append((start, len(text)))
            break
        end = pauses.last(after=start + SIZE // 2, until=start + SIZE)
        spans.append((start, end))
        start = pauses.first(at_least=end - OVERLAP, before=end)
    return spans
