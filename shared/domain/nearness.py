"""Vectors of texts, and how near two texts are by them. Called by long_memory, asset_hunter and the stores."""

from collections.abc import Sequence
from operator import mul
from typing import Annotated

from pydantic import BaseModel

SEARCHED = "searched by nearness"
Vector = Annotated[tuple[float, ...], SEARCHED]
"""A field of an entity that `Store.nearest` searches; give it the default `()`, because what is found comes without it."""


def vector_fields(kind: type[BaseModel]) -> frozenset[str]:
    """Names of the fields of type Vector."""
    return frozenset(name for name, field in kind.model_fields.items() if SEARCHED in field.metadata)


def nearness(one: Sequence[float], other: Sequence[float]) -> float:
    """The cosine of two unit vectors without its negative half: opposite is as useless as unrelated. 0 when they are not comparable."""
    if len(one) != len(other):
        return 0.0
    cosine: float = sum(map(mul, one, other))
    return min(1.0, max(0.0, cosine))
