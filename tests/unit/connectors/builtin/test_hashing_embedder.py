"""The built-in embedder: unit vectors, the same everywhere, closer for texts that share words."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.connectors.builtin.embedder import DIMENSIONS, HashingEmbedder

EMBEDDER = HashingEmbedder()


def closeness(left, right):
    one, other = EMBEDDER.embed(texts=[left, right])
    return sum(a * b for a, b in zip(one, other, strict=True))


@given(st.lists(st.text(max_size=200), max_size=4))
def test_every_text_gets_a_unit_vector(texts):
    vectors = EMBEDDER.embed(texts=texts)
    assert len(vectors) == len(texts)
    assert all(len(one) == DIMENSIONS and math.isclose(math.hypot(*one), 1, rel_tol=1e-9) for one in vectors)


def test_vectors_are_the_same_in_another_process():
    code = (
        "import json; from shared.connectors.builtin.embedder import HashingEmbedder as E; print(json.dumps(E().embed(texts=['a summit'])))"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[4], capture_output=True, text=True, check=True).stdout
    assert tuple(json.loads(told)[0]) == EMBEDDER.embed(texts=["a summit"])[0]


def test_a_text_is_closest_to_itself_whatever_the_case():
    assert closeness("Logistics Summit", "logistics summit!") == pytest.approx(1)


@pytest.mark.parametrize(
    ("query", "near", "far"),
    [
        ("registration for a logistics summit", "How we registered 450 guests for a logistics summit", "Pasta with tomatoes and basil"),
        ("price of onboarding", "Our onboarding prices in short", "The gardens of the old castle"),
        ("trade fair badges", "Badge printing at trade fairs", "Quarterly report on cold storage"),
        ("data migration from a legacy CRM", "Migrating legacy CRM data step by step", "Recipes for a summer party"),
    ],
)
def test_related_texts_are_closer_than_unrelated_ones(query, near, far):
    assert closeness(query, near) > closeness(query, far) + 0.1


def test_forms_of_a_word_are_related():
    assert closeness("organising", "reorganised") > closeness("organising", "catering") + 0.1


def test_little_words_say_little():
    assert closeness("the and of a summit", "summit") > 0.9


def test_the_version_tells_the_vectors_apart():
    assert EMBEDDER.version == "hash-256/1"
