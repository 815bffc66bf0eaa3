"""No text keeps the gate busy: every pattern is bounded, and 64 KB of hostile text gets its verdict."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import shared.agents.quality_gate as package
from shared.agents.quality_gate.limits import LONGEST_TEXT, MOST_WORDS, readable
from shared.agents.quality_gate.words import plain
from shared.domain.verdict import Outcome
from tests import builders as b
from tests.unit.agents.quality_gate.hostile import HOSTILE, a_hostile_draft, a_hostile_world
from tests.unit.agents.quality_gate.judging import judged

WIDEST_MATCH = 250
REPEATS = {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        loaded = importlib.import_module(module.name)
        yield from ((f"{module.name}.{name}", one) for name, one in vars(loaded).items() if isinstance(one, re.Pattern))


PATTERNS = dict(patterns())


def varying_repeats(parsed: Any) -> Iterator[Any]:
    """Every repeat whose count can vary, with what it repeats."""
    for code, argument in parsed:
        if code in REPEATS and argument[0] != argument[1]:
            yield argument[2]
        for inner in parts_of(argument):
            yield from varying_repeats(inner)


def parts_of(argument: Any) -> Iterator[Any]:
    if isinstance(argument, parser.SubPattern):
        yield argument
    elif isinstance(argument, tuple | list):
        for one in argument:
            yield from parts_of(one)


def test_the_patterns_are_found_at_all() -> None:
    assert len(PATTERNS) > 15


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_never_looks_further_than_a_few_words(name: str) -> None:
    """A bounded match costs a bounded number of steps at each place of the text: linear."""
    assert parser.parse(PATTERNS[name].pattern, PATTERNS[name].flags).getwidth()[1] <= WIDEST_MATCH


@pytest.mark.parametrize("name", PATTERNS)
def test_no_pattern_repeats_what_itself_repeats_long_runs(name: str) -> None:
    """Nested repeats multiply; the few there are repeat at most four pieces that cannot run into each other."""
    nested = [
        one.getwidth()[1]
        for repeated in varying_repeats(parser.parse(PATTERNS[name].pattern, PATTERNS[name].flags))
        for one in varying_repeats(repeated)
    ]
    assert max(nested, default=0) <= 1, "inside a repeat only single characters may repeat"


@pytest.mark.parametrize("name", HOSTILE)
def test_sixty_four_kilobytes_of_hostile_text_get_their_verdict(name: str) -> None:
    verdict = judged(a_hostile_draft(HOSTILE[name]), context=a_hostile_world(HOSTILE[name]))
    assert verdict.outcome in Outcome
    assert len(verdict.violations) < 100


def test_what_is_too_long_to_be_read_fails_for_its_length() -> None:
    for text in ("a" * 6_001, "a " * 401, "\ufdfa" * 400):
        verdict = judged(a_hostile_draft(text))
        assert [one.outcome for one in verdict.violations if one.check == "over_length"] == [Outcome.FAIL]


@given(st.lists(st.text(max_size=60), max_size=6))
def test_a_draft_of_readable_size_is_read_as_it_is(texts: list[str]) -> None:
    draft = b.a_draft(text=b.a_draft_text(paragraphs=(tuple(b.a_sentence(one) for one in texts),)))
    assert readable(draft) is draft


@given(st.text(min_size=100, max_size=300), st.integers(1, 200))
def test_the_beginning_that_is_read_is_never_larger_than_the_limits(text: str, times: int) -> None:
    shown = readable(b.a_draft(text=b.a_draft_text(paragraphs=((b.a_sentence(text * times), b.a_sentence(text * times)),))))
    assert sum(len(plain(one.text)) for one in shown.text.sentences) <= LONGEST_TEXT
    assert sum(len(one.text.split()) for one in shown.text.sentences) <= MOST_WORDS
