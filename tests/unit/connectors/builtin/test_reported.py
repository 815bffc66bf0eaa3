"""Requests of the reader in reported speech: turned where that is safe, left to be quoted elsewhere."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.connectors.builtin.reported import MOST, reported

PRONOUNS = "I we you us me my our your".split()
WORDS = [*PRONOUNS, *"how what which whether do can could would show send see and with to for prices guests badges like".split()]


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        ("Could we see a demo that shows how promotions are handled?", "how promotions are handled"),
        ("Could you show us how you handle registration?", "how we handle registration"),
        ("Could you tell me how long a pilot takes and which data you would need from us?",
         "how long a pilot takes and which data we would need from you"),
        ("How do you plan new products, and do you have an example?", "how we plan new products, and whether we have an example"),
        ("How much would you charge us for 400 guests?", "how much we would charge you for 400 guests"),
        ("When can we talk?", "when you can talk"),
        ("Which data do you need?", "which data we need"),
        ("Do you offer a free trial?", "whether we offer a free trial"),
        ("I was wondering if you work with schools.", "whether we work with schools"),
        ("Hello, could you send us prices for 400 guests?", "for prices for 400 guests"),
        ("Please send us your price list", "for our price list"),
        ("I would like to read the forecasting guide", "for the forecasting guide"),
        ("We'd like a demo of it", "for a demo of it"),
        ("Can I talk to your team about my event?", "to talk to our team about your event"),
        ("Tell me what we need to know about you", "what you need to know about us"),
    ],
)  # fmt: skip
def test_a_request_of_a_usual_form_is_turned(request_, told):
    assert reported(request_) == told


@pytest.mark.parametrize(
    "request_",
    [
        "Does the pilot also cover promotions?",
        "Is that possible?",
        "What does it cost?",
        "Could you help us?",
        "Please call me tomorrow",
        "Send it to us",
        "We would love to see it",
        "Can you do badges and does it work offline?",
        "How do you plan? And what else?",
        "Could you tell us what I'm missing?",
        "I would like you to call me",
        "How do you see yourselves in ten years?",
        "How do you " + "plan " * MOST,
        "",
    ],
)
def test_what_cannot_be_turned_safely_is_left_to_be_quoted(request_):
    assert reported(request_) == ""


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=14).map(" ".join))
def test_nothing_is_added_but_the_exchange_of_i_and_you(request_):
    said, told = (set(re.findall(r"\w+", one.lower())) for one in (request_, reported(request_)))
    assert told - said <= {"you", "your", "we", "our", "us", "whether", "for", "to"}


@given(st.text(max_size=300))
def test_any_text_is_turned_or_left(request_):
    told = reported(request_)
    assert len(told.split()) <= MOST
    assert "?" not in told
