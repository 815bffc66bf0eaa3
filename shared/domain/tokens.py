"""Tokens of webhook addresses and of the API: only their digests are stored."""

import hashlib


def token_digest(token: str) -> str:
    """The id under which a token is looked up. Tokens carry 128 bits or more of chance, so a plain hash keeps them safe."""
    return hashlib.sha256(token.encode()).hexdigest()
