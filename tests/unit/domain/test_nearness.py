"""Nearness of vectors."""

import math

import pytest

from shared.domain.assets import Asset, AssetChunk
from shared.domain.nearness import nearness, vector_fields


def test_the_same_direction_is_near_and_others_are_not():
    half = math.sqrt(0.5)
    assert nearness((1.0, 0.0), (1.0, 0.0)) == 1.0
    assert nearness((1.0, 0.0), (0.0, 1.0)) == 0.0
    assert nearness((1.0, 0.0), (half, half)) == pytest.approx(half)


def test_opposites_are_no_nearer_than_strangers():
    assert nearness((1.0, 0.0), (-1.0, 0.0)) == 0.0


def test_vectors_of_different_embedders_are_not_near():
    assert nearness((1.0, 0.0), (1.0, 0.0, 0.0)) == 0.0


def test_rounding_never_makes_more_than_one():
    assert nearness((1.0, 1e-4), (1.0, 1e-4)) == 1.0


def test_a_field_that_is_searched_by_nearness_is_known_by_its_type():
    assert (vector_fields(AssetChunk), vector_fields(Asset)) == ({"vector"}, frozenset())
