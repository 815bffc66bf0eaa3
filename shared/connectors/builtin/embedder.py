"""The Embedder port without a model: hashed words and character trigrams, so that texts with like words lie close together."""

import hashlib
import math
import re
from collections.abc import Iterator, Sequence

DIMENSIONS = 256
COMMON = frozenset(
    "a an and are as at be but by can could do for from had has have he her his i if in is it its me my not of on or our she so that the"
    " their them there they this to us was we were what when which who will with would you your".split()
)
WORD, PAIR, TRIGRAM = 1.0, 0.7, 0.35
"""How much a shared word, two shared words in a row and a shared trigram say."""


class HashingEmbedder:
    """256 dimensions, unit length, the same in every process."""

    version = "hash-256/1"

    def embed(self, *, texts: Sequence[str]) -> Sequence[tuple[float, ...]]:
        return [_vector(text) for text in texts]


def _vector(text: str) -> tuple[float, ...]:
    values = [0.0] * DIMENSIONS
    weights: dict[str, float] = {}
    for feature, weight in _features(text):
        weights[feature] = weights.get(feature, 0.0) + weight
    for feature, weight in weights.items():
        digest = hashlib.blake2b(feature.encode(), digest_size=4).digest()
        sign = 1.0 if digest[3] & 1 else -1.0
        values[int.from_bytes(digest[:3], "big") % DIMENSIONS] += sign * math.log1p(weight)
    length = math.sqrt(sum(one * one for one in values))
    return tuple(one / length for one in values) if length else (1.0, *values[1:])


def _features(text: str) -> Iterator[tuple[str, float]]:
    words = [one for one in re.findall(r"\w+", text.lower()) if one not in COMMON]
    for index, word in enumerate(words):
        yield f"w:{word}", WORD
        if index:
            yield f"p:{words[index - 1]} {word}", PAIR
        padded = f"^{word}$"
        for start in range(len(padded) - 2):
            yield f"t:{padded[start : start + 3]}", TRIGRAM
