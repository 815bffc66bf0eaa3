"""What operators are shown of who opened a mail and followed its links: every touch with its label and reason. Pure; for reading."""

from collections.abc import Set
from datetime import datetime
from enum import StrEnum

from shared.domain.engagement import RULES, judge, judge_undelivered
from shared.domain.entity import Value
from shared.domain.links import LinkKind
from shared.domain.touches import Judged, Label, Touches


class Word(StrEnum):
    OPENED = "opened"
    CLICKED = "clicked"


SURE = (Label.HUMAN, Label.UNKNOWN, Label.MACHINE)
"""The more it tells an operator, the earlier."""


class Happened(Value):
    """`url` is where a link led; empty for a picture, and for the link that no person can see."""

    word: Word
    at: datetime
    label: Label
    reason: str
    url: str


class Engagement(Value):
    """`opened` and `clicked`: the best that can be said; None when it never happened. `rules` is the version of what judged them."""

    opened: Label | None
    clicked: Label | None
    happened: tuple[Happened, ...]
    uncounted: int  # further touches that are not kept one by one
    rules: int = RULES

    @property
    def best(self) -> Happened | None:
        """A click before an open, and of each the first; None when nothing has happened."""
        order = sorted(self.happened, key=lambda one: (SURE.index(one.label), one.word is Word.OPENED, one.at))
        return order[0] if order else None


def engagement_of(touches: Touches | None, *, delivered_at: datetime | None) -> Engagement:
    """`delivered_at`: when the mail left; None while nobody knows, and then nobody is called a person."""
    if touches is None:
        return Engagement(opened=None, clicked=None, happened=(), uncounted=0)
    further = sum(touches.uncounted.values())
    judged = judge(touches.kept, delivered_at=delivered_at, uncounted=further) if delivered_at else judge_undelivered(touches.kept)
    happened = tuple(_happened(one) for one in judged)
    told = {(one.word, one.label) for one in happened} | {(_word(kind), Label.UNKNOWN) for kind in touches.uncounted}
    return Engagement(opened=_best(told, Word.OPENED), clicked=_best(told, Word.CLICKED), happened=happened, uncounted=further)


def _word(kind: LinkKind) -> Word:
    return Word.OPENED if kind is LinkKind.OPEN else Word.CLICKED


def _happened(judged: Judged) -> Happened:
    touch = judged.touch
    return Happened(word=_word(touch.kind), at=touch.at, label=judged.label, reason=judged.reason, url=touch.link)


def _best(told: Set[tuple[Word, Label]], word: Word) -> Label | None:
    return next((label for label in SURE if (word, label) in told), None)
