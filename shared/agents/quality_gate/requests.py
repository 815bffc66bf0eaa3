"""Counts what a mail asks of its reader. Alternatives and offered times belong to one request."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shared.agents.quality_gate.moments import at, moment_at
from shared.agents.quality_gate.words import Word, joined, phrases, words_of

_PHRASES = phrases(
    "let me know | let us know | could you | would you | do you have | are you open to | are you free | feel free to | love to hear | "
    "keen to hear | curious to hear | wondering if | wondering whether | may i ask | get back to me | get back to us | looking for your | "
    "point me to | would it suit | would it make sense | does it make sense | let's talk | let's meet | let's schedule | let's set up | "
    "let's find | let's discuss | let's book | let's aim | let's connect | give me a call | give us a call | have a look | take a look"
)
_NOT_ASKED = phrases("you asked | you wanted to know | you were wondering | your question")
_IMPERATIVES = frozenset(
    "book pick choose reply respond answer confirm schedule grab call send share tell click visit download register sign join try read "
    "review watch suggest drop forward contact check select".split()
)
_OBJECTS = frozenset(
    "me us a an the your one any whichever it here this these with to for back now today which what when whether if on up either yes "
    "that our my directly by at".split()
)
_AFTER_PLEASE_NOTHING = frozenset("find note see accept excuse forgive do don't ignore be also".split())
_SOFTENERS = frozenset("please just simply so then kindly you".split())
_JOINTS = frozenset({"and", "also", "then", "plus"})
_ALTERNATIVE_STARTS = frozenset({"or", "otherwise", "alternatively", "either"})
_IF_CONTINUES = frozenset("none neither not those these that another so yes either it you'd".split())
_POINTS_BACK = phrases(
    "the one | which one | either one | one of them | one of these | one of those | whichever | that works | which works | what works | "
    "which suits | what suits | that suits | a yes | yes or no | another time | other times | a better time | "
    "reply here and i | reply here and i'll | reply here and we | reply here and we'll"
)


@dataclass(frozen=True, slots=True)
class _Asking:
    """A sentence that asks, and whether it is a question about offered times."""

    words: tuple[Word, ...]

    @property
    def about_times(self) -> bool:
        return self.words[-1].asks and any(moment_at(self.words, index)[1] for index in range(len(self.words)))


def requests_in(texts: Iterable[str]) -> tuple[str, ...]:
    """Every separate request in what the mail itself says, in the words of the first sentence that makes it."""
    found: list[str] = []
    previous: _Asking | None = None
    for words in _sentences(texts):
        asked = _asked(words)
        if not asked:
            continue
        asking = _Asking(words)
        merges = previous is not None and (_continues(words) or (previous.about_times and asking.about_times))
        found += [" ".join(word.text for word in words)] * (asked - 1 if merges else asked)
        previous = asking
    return tuple(found)


def _sentences(texts: Iterable[str]) -> Iterator[tuple[Word, ...]]:
    for text in texts:
        sentence: list[Word] = []
        for word in words_of(text):
            if word.opens and sentence:
                yield tuple(sentence)
                sentence = []
            sentence.append(word)
        if sentence:
            yield tuple(sentence)


def _asked(words: tuple[Word, ...]) -> int:
    """How many things one sentence asks for: at least one when it is a question."""
    question = words[-1].asks
    if not question and any(phrase in joined(words) for phrase in _NOT_ASKED):
        return 0
    return max(int(question), sum(_is_request(clause) for clause in _clauses(words)))


def _clauses(words: tuple[Word, ...]) -> Iterator[tuple[Word, ...]]:
    clause: list[Word] = []
    for word in words:
        if word.lower in _JOINTS:
            yield tuple(clause)
            clause = []
        else:
            clause.append(word)
    yield tuple(clause)


def _is_request(clause: tuple[Word, ...]) -> bool:
    text = joined(clause)
    if any(phrase in text for phrase in _PHRASES):
        return True
    starts = [0, *(index for index, word in enumerate(clause) if at(clause, index - 1).closes or word.lower == "please")]
    return any(_commands(clause, start) for start in starts)


def _commands(clause: tuple[Word, ...], start: int) -> bool:
    """An imperative with its object: "book a time", "please confirm", never "please find" or "call centres"."""
    index, polite = start, False
    while at(clause, index).lower in _SOFTENERS:
        polite = polite or at(clause, index).lower == "please"
        index += 1
    verb, following = at(clause, index).lower, at(clause, index + 1).lower
    if polite:
        return bool(verb) and verb not in _AFTER_PLEASE_NOTHING
    return verb in _IMPERATIVES and (following in _OBJECTS or at(clause, index).closes or not following)


def _continues(words: tuple[Word, ...]) -> bool:
    """An alternative to what was just asked, or words that point back to it."""
    first, second = words[0].lower, at(words, 1).lower
    if first in _ALTERNATIVE_STARTS or (first == "if" and second in _IF_CONTINUES):
        return True
    return any(phrase in joined(words) for phrase in _POINTS_BACK)
