"""How near two texts are by their vectors. Called by long_memory and asset_hunter."""

from collections.abc import Sequence
from operator import mul


def nearness(one: Sequence[float], other: Sequence[float]) -> float:
    """The cosine of two unit vectors without its negative half: opposite is as useless as unrelated. 0 when they are not comparable."""
    if len(one) != len(other):
        return 0.0
    cosine: float = sum(map(mul, one, other))
    return min(1.0, max(0.0, cosine))
