"""An embedder without a model: words hashed into 256 dimensions, so texts sharing words are near."""

import math
import zlib
from collections import Counter
from collections.abc import Sequence

from shared.domain.prose import STOPWORDS, stem, words


class WordEmbedder:
    """`batches` holds the texts of every call."""

    def __init__(self, version: str = "words/1") -> None:
        self.version = version
        self.batches: list[tuple[str, ...]] = []

    def embed(self, *, texts: Sequence[str]) -> Sequence[tuple[float, ...]]:
        self.batches.append(tuple(texts))
        return tuple(_vector(text) for text in texts)


def _vector(text: str) -> tuple[float, ...]:
    counts = Counter(zlib.crc32(stem(word).encode()) % 256 for word in words(text) if word not in STOPWORDS)
    length = math.sqrt(sum(count * count for count in counts.values()))
    return tuple(counts[place] / length if length else 0.0 for place in range(256))
