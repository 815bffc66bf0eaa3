"""The benchmarks' arithmetic: what a ratio and a percentile are."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.figures import compared, percentile

VALUES = st.lists(st.floats(0.1, 1e6), min_size=1, max_size=50)


def test_a_ratio_is_taken_pair_by_pair_and_not_of_the_medians() -> None:
    both_slow_in_the_second_pair = compared([30.0, 300.0, 33.0], [10.0, 100.0, 10.0])
    assert both_slow_in_the_second_pair.ratio == 3.0
    assert (both_slow_in_the_second_pair.lowest, both_slow_in_the_second_pair.highest) == (3.0, 3.3)
    assert (both_slow_in_the_second_pair.ours, both_slow_in_the_second_pair.reference) == (33.0, 10.0)


def test_values_without_a_partner_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter|longer"):
        compared([1.0, 2.0], [1.0])


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100), (0.001, 1)])
def test_a_percentile_is_the_nearest_rank(share: float, expected: int) -> None:
    assert percentile([float(one) for one in range(100, 0, -1)], share) == expected


def test_a_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


@given(VALUES, st.floats(0.01, 1))
def test_at_least_the_share_of_all_values_lies_at_or_below_its_percentile(values: list[float], share: float) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(one <= found for one in values) >= share * len(values) - 1e-9


@given(VALUES)
def test_something_compared_with_itself_is_one(values: list[float]) -> None:
    same = compared(values, values)
    assert (same.lowest, same.ratio, same.highest) == (1, 1, 1)
    assert same.ours == statistics.median(values)
