"""What counts as the same number, date or name, and that swapping one is always seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.agents.quality_gate.grounding import claims_of, grounds_of, grounds_of_text
from tests.builders import MONDAY, an_evidence

SAME = [
    ("1,200 guests", "1200 guests"),
    ("twelve halls", "12 halls"),
    ("twenty-five halls", "25 halls"),
    ("30k guests", "30,000 guests"),
    ("2 million guests", "2,000,000 guests"),
    ("30 percent", "30%"),
    ("30 per cent", "30 %"),
    ("€1,200", "1200 euros"),
    ("USD 1,200", "$1,200.00"),
    ("14-day plan", "fourteen days"),
    ("half an hour", "30 minutes"),
    ("3 pm", "15:00"),
    ("3:30 p.m.", "15:30"),
    ("12 am", "0:00"),
    ("noon", "12:00"),
    ("24 November", "Nov 24th"),
    ("the 24th", "24 November"),
    ("2026-11-24", "24 November 2026"),
    ("24.11.2026", "24/11/2026"),
    ("in November", "24 November"),
    ("Tuesday at 15:00", "Tuesday 24 November at 15:00 (CET)"),
    ("for Maria's team", "Maria signed it"),
    ("for maria Lopez", "MARIA LOPEZ"),
]
OTHER = [
    ("1,201 guests", "1200 guests"),
    ("30%", "30 guests"),
    ("$1,200", "€1,200"),
    ("€1,200", "1200 guests"),
    ("14 weeks", "14 days"),
    ("3 am", "15:00"),
    ("24 November 2027", "24 November 2026"),
    ("Wednesday 24 November", "Tuesday 24 November or Wednesday 25 November"),
    ("Tuesday at 11:00", "Tuesday 24 November at 15:00 or Wednesday 25 November at 11:00"),
    ("in December", "24 November"),
    ("for Maria Lopez", "Maria Costa met Juan Lopez"),
    ("for Globex", "for us"),
    ("the Q3 plan", "the Q4 plan"),
]
WORDS = st.sampled_from("we plan the hall for your guests with short queues and a quick check-in".split())
NUMBERS = st.integers(2, 10**7)
SPELLINGS = (str, "{:,}".format)
NAMES = st.sampled_from("Globex Initech Hooli Tyrell Cyberdyne Wonka Acme Petersen Lindqvist Okafor Quintero".split())
HOURS = st.integers(0, 23)
MINUTES = st.integers(0, 59)


def holds(text: str, span: str) -> bool:
    """Whether the span says everything the text claims."""
    grounds = grounds_of_text(span)
    return all(grounds.support(claim) for claim in claims_of(text))


@pytest.mark.parametrize(("text", "span"), SAME)
def test_the_same_thing_in_another_spelling_is_grounded(text: str, span: str) -> None:
    assert claims_of(text)
    assert holds(text, span)


@pytest.mark.parametrize(("text", "span"), OTHER)
def test_another_thing_in_a_like_spelling_is_not_grounded(text: str, span: str) -> None:
    assert not holds(text, span)


@given(st.text(max_size=300))
def test_every_text_grounds_itself(text: str) -> None:
    assert holds(text, text)


@given(st.lists(WORDS, max_size=8), NUMBERS, st.sampled_from(SPELLINGS), st.sampled_from(SPELLINGS))
def test_a_number_is_grounded_by_itself_in_any_spelling(words: list[str], number: int, here: object, there: object) -> None:
    assert callable(here)
    assert callable(there)
    sentence = " ".join([*words, "{}", "guests"])
    assert holds(sentence.format(here(number)), sentence.format(there(number)))


@given(st.lists(WORDS, max_size=8), NUMBERS, NUMBERS)
def test_any_number_swapped_for_another_is_ungrounded(words: list[str], number: int, other: int) -> None:
    sentence = " ".join([*words, "{}", "guests"])
    assert holds(sentence.format(other), sentence.format(number)) == (number == other)


@given(st.lists(WORDS, min_size=1, max_size=8), NAMES, NAMES)
def test_any_name_swapped_for_another_is_ungrounded(words: list[str], name: str, other: str) -> None:
    sentence = " ".join([*words, "with", "{}"])
    assert holds(sentence.format(other), sentence.format(name)) == (name == other)


@given(HOURS, MINUTES, HOURS, MINUTES)
def test_any_hour_swapped_for_another_is_ungrounded(hour: int, minute: int, other_hour: int, other_minute: int) -> None:
    span = f"Tuesday 24 November at {hour}:{minute:02}"
    half = "pm" if other_hour >= 12 else "am"
    text = f"Tuesday, Nov 24 at {other_hour % 12 or 12}:{other_minute:02} {half}"
    assert holds(text, span) == ((hour, minute) == (other_hour, other_minute))


def test_the_day_a_mail_was_written_may_be_said() -> None:
    grounds = grounds_of(an_evidence("message.m1", text="Yes.", at=MONDAY))
    assert all(grounds.support(claim) for claim in claims_of("On Monday, 23 November, you said yes."))
    assert not all(grounds.support(claim) for claim in claims_of("On Tuesday, 23 November, you said yes."))


def test_the_title_of_a_document_names_but_does_not_count() -> None:
    grounds = grounds_of(an_evidence("document.f.0", text="Queues were short.", label="Proposal 450"), also=["Hamburg Harbour"])
    assert all(grounds.support(claim) for claim in claims_of("as in our Hamburg Harbour paper"))
    assert not all(grounds.support(claim) for claim in claims_of("with 450 guests"))


def test_invisible_characters_and_wide_digits_hide_nothing() -> None:
    assert [claim.parts for claim in claims_of("for 4\u200b50 guests")] == [("number:450",)]
    assert [claim.parts for claim in claims_of("for \uff14\uff15\uff10 guests")] == [("number:450",)]
