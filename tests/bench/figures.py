"""The arithmetic of the benchmarks: medians, percentiles and ratios of pairs measured next to each other."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Compared:
    """Ours against a reference; `ratio` is the median of the pairs' ratios, with the smallest and the largest of them."""

    ours: float
    reference: float
    ratio: float
    lowest: float
    highest: float


def compared(ours: Sequence[float], reference: Sequence[float]) -> Compared:
    """Each value of ours was measured right beside the value of the reference at the same place."""
    ratios = [one / other for one, other in zip(ours, reference, strict=True)]
    return Compared(statistics.median(ours), statistics.median(reference), statistics.median(ratios), min(ratios), max(ratios))


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of all values does not exceed (nearest rank); ValueError for no values."""
    if not values:
        raise ValueError("no values")
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
