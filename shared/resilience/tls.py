"""How vendors' certificates are verified: one context for the whole process; for connectors that open HTTP clients."""

import ssl
from functools import cache

import certifi


def tls_for(url: str, *urls: str) -> ssl.SSLContext | bool:
    """What httpx takes as `verify`. Reading all authorities costs 20 ms: once a process, and never for plain http (the suite)."""
    return False if all(one.startswith("http://") for one in (url, *urls)) else _context()


@cache
def _context() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certifi.where())
