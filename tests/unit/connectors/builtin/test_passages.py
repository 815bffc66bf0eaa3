"""Which sentences of a document answer a question."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.connectors.builtin.passages import LONGEST_SENTENCE, MOST_CHARACTERS, passages, weights_of
from shared.domain.prose import flat

CHILLED = """A dairy cooperative replaced its spreadsheets with our demand forecast in one quarter.

Write-offs of chilled products fell from 7 percent to 4 percent in the first six months.

Promotions were planned from the history of earlier campaigns. The forecast learns the lift of each promotion by product."""


def found(text, *asked, stated=(), **options):
    return [one.text for one in passages(text, about=weights_of(asked=asked, stated=stated), **options)]


def test_the_sentences_nearest_to_the_question_come_first():
    asked = "How do you forecast promotions from the history of campaigns?"
    assert found(CHILLED, asked) == [
        "Promotions were planned from the history of earlier campaigns. The forecast learns the lift of each promotion by product."
    ]


def test_a_second_passage_only_for_what_the_first_leaves_open():
    [first, second] = found(CHILLED, "Does it handle promotions of chilled products, and their history?")
    assert first.startswith("Promotions were planned")
    assert second.startswith("Write-offs of chilled products")


def test_what_they_told_counts_less_than_what_they_ask():
    told = "We are a dairy cooperative with spreadsheets and no forecast of demand for a quarter."
    assert found(CHILLED, "Do write-offs of chilled products fall?", stated=[told])[0].startswith("Write-offs")
    assert found(CHILLED, stated=[told])[0].startswith("A dairy cooperative")


def test_one_shared_word_is_no_answer():
    assert found(CHILLED, "Do you print promotions on paper?") == []


@pytest.mark.parametrize(
    "sentence",
    [
        "Book a call about badges and guests.",
        "Do badges help guests?",
        "You need badges for your guests.",
        "badges and guests, torn from before.",
        "Badges and guests are torn at the",
        "Badges for guests at https://badges.example.",
        "Badges for guests.",
    ],
)
def test_only_whole_harmless_statements_to_nobody_in_particular_are_quoted(sentence):
    assert found(sentence, "What about badges for guests?", title="Badges for guests") == []


def test_words_the_operator_never_uses_are_not_quoted():
    text = "Badges create synergy for guests."
    assert found(text, "What about badges for guests?") == [text]
    assert found(text, "What about badges for guests?", never=re.compile("synergy")) == []


def test_a_long_sentence_ends_where_it_only_adds():
    start = "Promotions were planned from the history of earlier campaigns in every single one of the stores"
    end = "planners stopped correcting the numbers of it by hand on every morning of the week"
    assert found(f"{start}, so {end}.", "How are promotions planned from history?") == [f"{start}."]


@pytest.mark.parametrize("reservation", ["but", "unless", "while", "although"])
def test_a_reservation_is_never_cut_off(reservation):
    start = "Promotions were planned from the history of earlier campaigns in every single one of the stores"
    whole = f"{start}, {reservation} planners had to correct the numbers of it by hand on every morning."
    assert len(whole.split()) > LONGEST_SENTENCE
    assert found(whole, "How are promotions planned from history?") == [whole]


@given(st.text(alphabet=st.sampled_from("badges guests. So\n,"), max_size=400))
def test_a_passage_is_verbatim_and_short(text):
    for one in found(text, "badges guests so ges bad uest"):
        assert one.rstrip(".") in flat(text)
        assert len(one) <= MOST_CHARACTERS
