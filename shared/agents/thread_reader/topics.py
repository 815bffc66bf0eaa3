"""What a conversation is about: the phrases that stand between its small words, the ones said most and named in the subject first."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from shared.domain.prose import STOPWORDS, sentences, stem, words

MOST = 5
LONGEST_PHRASE = 3
IN_SUBJECT = 2.0
PER_WORD = 0.75
_EMPTY = STOPWORDS | frozenset(
    "january february march april june july august september october november december monday tuesday wednesday thursday friday saturday "
    "sunday today tomorrow yesterday week weeks month months year years day days time times last next new one two three first know think "
    "thing things something anything need needs want wants come came going go give take look looking forward back still including "
    "well good great really also however maybe use used using say said see seen ask asked tell told send sending sent questions "
    "question fwd fw reply ok okay many lot possible available".split()
)
_PREFIX = re.compile(r"^(?:(?:re|fwd?|aw|wg|sv|tr|rv)\s*:\s*)+", re.IGNORECASE)
_PIECES = re.compile(r"[,;:()\[\]\"“”/|]")

Phrase = tuple[str, ...]


def topics_of(*, subject: str, texts: Sequence[str]) -> tuple[str, ...]:
    """Three to five phrases in lower case; fewer only when less was said."""
    bare = _PREFIX.sub("", subject)
    counts = Counter(phrase for text in [bare, *texts] for phrase in _phrases(text))
    said = Counter(stem(word) for phrase, count in counts.items() for word in phrase for _ in range(count))
    titled = {stem(word) for word in words(bare)}
    ranked = sorted(counts, key=lambda phrase: (-_worth(phrase, said, titled), " ".join(phrase)))
    return _distinct(ranked)


def _worth(phrase: Phrase, said: Counter[str], titled: set[str]) -> float:
    """How often its words occur, on average; phrases tell more than single words, the subject's words more than others."""
    mean = sum(said[stem(word)] for word in phrase) / len(phrase)
    share = sum(stem(word) in titled for word in phrase) / len(phrase)
    return mean + PER_WORD * (len(phrase) - 1) + IN_SUBJECT * share


def _phrases(text: str) -> Iterator[Phrase]:
    for sentence in sentences(text):
        for piece in _PIECES.split(sentence):
            yield from _runs(words(piece))


def _runs(told: Sequence[str]) -> Iterator[Phrase]:
    """Stretches of telling words between small ones, cut to three."""
    run: list[str] = []
    for word in (*told, ""):
        if _telling(word):
            run.append(word)
            continue
        if run:
            yield tuple(run[:LONGEST_PHRASE])
        run = []


def _telling(word: str) -> bool:
    return len(word) > 2 and word not in _EMPTY and not word.isdigit() and "'" not in word and "\u2019" not in word


def _distinct(ranked: Sequence[Phrase]) -> tuple[str, ...]:
    """The best ones of which none repeats the words of another."""
    kept: list[str] = []
    taken: set[str] = set()
    for phrase in ranked:
        stems = {stem(word) for word in phrase}
        if not stems & taken:
            kept.append(" ".join(phrase))
            taken |= stems
        if len(kept) == MOST:
            break
    return tuple(kept)
