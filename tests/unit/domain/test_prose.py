"""Reading plain text: sentences, requests, excerpts and passages, never a word that was not written."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.prose import asks, best_passage, excerpt, flat, sentences, stem, terms, words

PROSE = st.text(alphabet=st.sampled_from("abA .!?\n-•1)'\"”é。?\t你"), max_size=400)


def test_sentences_end_at_stops_and_paragraphs_and_list_items():
    text = "We need:\n- a stage\n- light for 3.5 days\n\nCould you help? We decide\nnext week. Thanks!"
    assert sentences(text) == ("We need:", "- a stage", "- light for 3.5 days", "Could you help?", "We decide next week.", "Thanks!")


@pytest.mark.parametrize(
    "whole",
    [
        "Ask Mr. Smith about it.",
        "Ask J. Smith about it.",
        "Bring light, e.g. lamps and such.",
        "Version 2.5 costs 3.000 euros.",
        "See www.harbour.example for more.",
        "It costs approx. 40 euros.",
    ],
)
def test_a_dot_that_ends_no_sentence_does_not(whole: str):
    assert sentences(whole) == (whole,)


def test_i_at_the_end_of_a_sentence_is_no_initial():
    assert sentences("So do I. We agree.") == ("So do I.", "We agree.")


def test_a_greeting_on_its_own_line_is_apart_and_a_wrapped_line_is_not():
    wrapped = "Hi Maria,\nWe liked the riverside hall that you showed to us on Tuesday and\nWould take it."
    assert sentences(wrapped) == ("Hi Maria,", "We liked the riverside hall that you showed to us on Tuesday and Would take it.")


@pytest.mark.parametrize(("length", "parts"), [(49, 2), (50, 1)])
def test_a_line_of_fifty_characters_was_wrapped(length: int, parts: int):
    assert len(sentences("x" * length + "\nNext")) == parts


def test_a_wrapped_line_is_wrapped_even_when_a_sentence_ended_in_it():
    text = "We spoke for a long time about the hall and its stage. Then\nMaria came."
    assert sentences(text)[1] == "Then Maria came."


@pytest.mark.parametrize(("stop", "parts"), [(".", 2), ("?", 2), ("!", 2), (",", 1), ("", 1), (" by Mr.", 1)])
def test_a_sentence_that_ends_with_a_long_line_is_over(stop: str, parts: int):
    assert len(sentences(f"Our board decides on the budget of the next year in December{stop}\nDoes it cover promotions?")) == parts


def test_a_wrapped_line_that_ends_with_a_stop_goes_on_in_small_letters():
    assert len(sentences("We met at the planning forum in Oslo with the people of Halden approx.\nforty weeks ago")) == 1


def test_a_short_line_ends_a_sentence_also_after_a_wrapped_one():
    assert sentences("x" * 60 + "\nshort\nNext") == ("x" * 60 + " short", "Next")


def test_a_line_going_on_in_lower_case_is_not_over():
    assert sentences("a stage\nand light") == ("a stage and light",)


def test_a_paragraph_ends_a_sentence_whatever_follows():
    assert sentences("x" * 60 + "\n\nand so on") == ("x" * 60, "and so on")


def test_a_stop_behind_a_bracket_ends_a_sentence():
    assert sentences("He agreed (yes). We go.") == ("He agreed (yes).", "We go.")


def test_sentences_without_blanks_between_them_end_too():
    assert sentences("价格是多少\uff1f我们有四百位客人。") == ("价格是多少\uff1f", "我们有四百位客人。")


@given(PROSE)
def test_sentences_hold_every_word_once_in_order(text: str):
    assert words(" ".join(sentences(text))) == words(flat(text))
    assert all(one in flat(text) for one in sentences(text))


@pytest.mark.parametrize(
    "sentence",
    [
        "What does it cost?",
        "“Is it heated?”",
        "Could you send prices",
        "Please send the plan.",
        "Let me know if May works.",
        "We would like to see a demo.",
        "I\u2019d love to learn more.",
        "I was wondering about parking.",
        "多少钱\uff1f",
    ],
)
def test_questions_and_requests_ask(sentence: str):
    assert asks(sentence)


@pytest.mark.parametrize(
    "sentence",
    ["We liked the hall.", "How are you?", "I hope this mail finds you well?", "Please find the plan attached.", "I would like that.", ""],
)
def test_statements_and_small_talk_do_not_ask(sentence: str):
    assert not asks(sentence)


def test_a_courtesy_begun_again_and_again_costs_a_moment_and_no_more():
    started = time.process_time()
    assert not asks("hope you " * 14_000)
    assert time.process_time() - started < 2


def test_an_excerpt_keeps_whole_sentences_when_they_fill_half_of_it():
    assert excerpt("One two three four. Five six seven eight nine ten.", 30) == "One two three four."


def test_an_excerpt_cuts_between_words_otherwise():
    assert excerpt("Hi. " + "word " * 20, 30) == "Hi. word word word word word"
    assert excerpt("x" * 50, 30) == "x" * 30


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("One two. Three", 14, "One two. Three"),
        ("aaaa bbbb cccc", 9, "aaaa bbbb"),
        ("aaaa bbbb cccc", 8, "aaaa"),
        ("Four. Then five six seven", 10, "Four."),
        ("Four. Then five six seven", 11, "Four. Then"),
        ("a bcdefghijk", 5, "a"),
    ],
)
def test_an_excerpt_fills_its_room_to_the_last_character(text: str, limit: int, cut: str):
    assert excerpt(text, limit) == cut


@given(PROSE, st.integers(1, 200))
def test_an_excerpt_is_the_beginning_and_fits(text: str, limit: int):
    cut = excerpt(text, limit)
    assert len(cut) <= limit
    assert flat(text).startswith(cut)
    assert cut or not flat(text)


def test_control_characters_become_blanks():
    assert flat("a\x00b\r\n\tc\x7f ") == "a b c"


@pytest.mark.parametrize(
    ("one", "other"), [("registered", "registration"), ("summits", "summit"), ("guest's", "guests"), ("logistics", "logistic")]
)
def test_forms_of_a_word_share_a_stem(one: str, other: str):
    assert stem(one) == stem(other)


def test_only_longer_words_lose_their_plural():
    assert [stem(one) for one in ("bus", "cars", "glass", "seventeen")] == ["bus", "car", "glass", "sevent"]


def test_single_letters_are_no_terms():
    assert terms("x ab 7") == {"ab"}


def test_small_words_are_no_terms():
    assert terms("What is it that you want of us? A gala!") == {"gala"}


TEXT = "We met in Lisbon. The weather held.\n\nBadges were printed at four desks. Nobody waited long.\n\nIt ended late. All went home."


def test_the_best_passage_begins_where_it_matters_and_stays_in_its_paragraph():
    assert (
        best_passage(TEXT, about=terms("printing badges at desks"), limit=200) == "Badges were printed at four desks. Nobody waited long."
    )


def test_the_best_passage_ends_with_a_whole_sentence():
    assert best_passage(TEXT, about=terms("printing badges at desks"), limit=40) == "Badges were printed at four desks."


@pytest.mark.parametrize(
    ("limit", "passage"), [(54, "Badges were printed at four desks. Nobody waited long."), (52, "Badges were printed at four desks.")]
)
def test_a_passage_takes_the_next_sentence_only_if_it_fits(limit: int, passage: str):
    assert best_passage(TEXT, about=terms("printing badges at desks"), limit=limit) == passage


def test_a_passage_that_just_fits_is_left_whole():
    assert best_passage("Badges were printed.", about=terms("badges"), limit=20) == "Badges were printed."


def test_a_sentence_too_long_is_quoted_from_its_start_when_the_word_is_near():
    assert best_passage("old streaming " + "blah " * 60, about=terms("streaming"), limit=24) == "old streaming blah blah"


def test_a_sentence_too_long_is_quoted_from_a_third_of_the_room_before_a_late_word():
    assert best_passage("blah " * 20 + "streaming " + "tail " * 20, about=terms("streaming"), limit=30) == "blah streaming tail tail tail"


def test_a_sentence_too_long_is_quoted_around_the_word_that_matters():
    passage = best_passage("blah " * 60 + "streaming works " + "blah " * 60, about=terms("streaming"), limit=60)
    assert "streaming works" in passage
    assert len(passage) <= 60


@given(PROSE, st.frozensets(st.sampled_from(["a", "ab", "你"])), st.integers(1, 120))
def test_a_passage_is_verbatim_and_fits(text: str, about: frozenset[str], limit: int):
    passage = best_passage(text, about=about, limit=limit)
    assert len(passage) <= limit
    assert passage in flat(text)
