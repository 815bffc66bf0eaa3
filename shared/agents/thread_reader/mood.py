"""How the other side sounds, from the words of their newest mail."""

import re

from shared.domain.conversation import Mood
from shared.domain.prose import sentences, words

_POSITIVE = frozenset(
    "great good love loved like liked excellent happy glad pleased perfect wonderful fantastic excited interested impressed helpful "
    "appreciate appreciated brilliant delighted enjoyed useful ideal keen amazing awesome thrilled superb".split()
)
_NEGATIVE = frozenset(
    "unfortunately disappointed disappointing frustrated frustrating annoyed annoying unhappy upset unacceptable problem problems issue "
    "issues wrong late bad poor terrible awful worse worst complaint complain cancel cancelled canceled overpriced expensive unsubscribe "
    "spam angry confused confusing unclear delay delayed broken missing refuse regret unprofessional slow sadly wasted".split()
)
_DENIAL = frozenset("not no never without hardly isn't wasn't aren't don't didn't doesn't can't cannot won't wouldn't nothing".split())
_REACH = 3
"""How many words a denial reaches forward: "not very happy"."""
_NO_TROUBLE = re.compile(r"\b(?:no|not a|without (?:any )?|any) (?:problem|problems|issue|issues|delay)\b", re.IGNORECASE)


def mood_of(text: str) -> Mood:
    """Neutral unless one side clearly weighs more."""
    score = sum(_score(_NO_TROUBLE.sub(" ", sentence)) for sentence in sentences(text.replace("\u2019", "'")))
    if score == 0:
        return Mood.NEUTRAL
    return Mood.POSITIVE if score > 0 else Mood.NEGATIVE


def _score(sentence: str) -> int:
    told = words(sentence)
    return sum(_weight(told, place) for place in range(len(told)))


def _weight(told: tuple[str, ...], place: int) -> int:
    before = told[max(0, place - _REACH) : place]
    denied = bool(_DENIAL.intersection(before))
    if told[place] == "like" and "would" in before:  # a wish, not a liking
        return 0
    if told[place] in _POSITIVE:
        return -1 if denied else 1
    if told[place] in _NEGATIVE:
        return 0 if denied else -1
    return 0
