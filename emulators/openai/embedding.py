"""Vectors that behave like embeddings: unit length, deterministic, closer for texts that share words; called by the embeddings route."""

import base64
import hashlib
import itertools
import math
import re
import struct

DIMENSIONS = {"text-embedding-3-small": 1536, "text-embedding-3-large": 3072, "text-embedding-ada-002": 1536}


def vector(text: str, *, model: str, dimensions: int) -> list[float]:
    """Signed hashes of words and word pairs, normalised. `model` salts them, so vectors of two models do not compare."""
    values = [0.0] * dimensions
    words = re.findall(r"\w+", text.lower())
    for feature in (*words, *(" ".join(pair) for pair in itertools.pairwise(words)), ""):
        digest = hashlib.blake2b(f"{model}\0{feature}".encode(), digest_size=9).digest()
        values[int.from_bytes(digest[:8], "big") % dimensions] += 1.0 if digest[8] & 1 else -1.0
    length = math.sqrt(sum(one * one for one in values)) or 1.0
    return [one / length for one in values] if any(values) else [1.0, *values[1:]]


def as_base64(values: list[float]) -> str:
    """Little-endian float32, the form the official client asks for."""
    return base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()
