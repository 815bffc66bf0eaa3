"""A draft as it is read: its exact body, every sentence with the numbers of its evidence or the words for having none."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from shared.domain.draft import Draft, Sentence
from shared.domain.evidence import Evidence
from shared.domain.ids import EvidenceId

TOKENS = re.compile(r"\s+|[^\s]+")
FEWEST_KEPT = 3
"""Words in a row that are left as they were: fewer are part of the change around them."""


@dataclass(frozen=True)
class Piece:
    """Words of the body. Without `sentence` they are greeting, closing, signature or a link."""

    text: str
    sentence: Sentence | None = None
    marks: tuple[int, ...] = ()


@dataclass(frozen=True)
class Change:
    """`kind` is kept, gone or new."""

    kind: str
    text: str


def cited(draft: Draft) -> Mapping[EvidenceId, tuple[int, Evidence]]:
    """The evidence that sentences name, numbered in the order of reading."""
    known = {one.id: one for one in draft.evidence}
    named = dict.fromkeys(source for one in draft.text.sentences for source in one.sources if source in known)
    return {id: (number, known[id]) for number, id in enumerate(named, start=1)}


def blocks(draft: Draft) -> list[list[Piece]]:
    """The body, paragraph by paragraph, nothing added and nothing left out."""
    numbers = cited(draft)
    waiting = [one for one in draft.text.sentences if one.text.strip()]
    return [list(_pieces(block, waiting, numbers)) for block in draft.text.body.strip("\n").split("\n\n")]


def _pieces(block: str, waiting: list[Sentence], numbers: Mapping[EvidenceId, tuple[int, Evidence]]) -> Iterator[Piece]:
    """Takes the sentences it finds off the list."""
    rest = block
    for sentence in tuple(waiting):
        found = re.search(r"\s+".join(map(re.escape, sentence.text.split())), rest)
        if found:
            if found.start():
                yield Piece(rest[: found.start()])
            yield Piece(found[0], sentence, tuple(numbers[one][0] for one in sentence.sources if one in numbers))
            waiting.remove(sentence)
            rest = rest[found.end() :]
    if rest:
        yield Piece(rest)


def changes(before: str, after: str) -> list[Change]:
    """Word by word; a few kept words between changes belong to them, because a reader sees one change there."""
    old, new = TOKENS.findall(before), TOKENS.findall(after)
    steps = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    told: list[Change] = []
    for kept, group in groupby(_spans(steps, new), key=lambda one: one.kept):
        spans = list(group)
        first, last = spans[0], spans[-1]
        gone, came = "".join(old[first.old[0] : last.old[1]]), "".join(new[first.new[0] : last.new[1]])
        told += [Change("kept", came)] if kept else [one for one in (Change("gone", gone), Change("new", came)) if one.text]
    return told


@dataclass(frozen=True)
class _Span:
    kept: bool
    old: tuple[int, int]
    new: tuple[int, int]


def _spans(steps: Sequence[tuple[str, int, int, int, int]], new: Sequence[str]) -> Iterator[_Span]:
    for number, (what, start, end, from_, to) in enumerate(steps):
        words = sum(not one.isspace() for one in new[from_:to])
        between = 0 < number < len(steps) - 1 and words < FEWEST_KEPT and "\n" not in "".join(new[from_:to])
        yield _Span(what == "equal" and not between, (start, end), (from_, to))
