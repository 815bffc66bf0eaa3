"""Google's public keys for one kind of token, read over HTTPS and kept for a while. Used by whoever verifies such tokens."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from shared.ports.clock import Clock
from shared.ports.errors import Transient

KEPT_FOR = timedelta(hours=1)


class KeySet:
    """PEM by key id."""

    def __init__(self, url: str, *, clock: Clock) -> None:
        self._url, self._clock = url, clock
        self._keys: Mapping[str, str] = {}
        self._read_at: datetime | None = None

    def keys(self) -> Mapping[str, str]:
        """Raises Transient when they cannot be read."""
        now = self._clock.now()
        if self._read_at is None or not timedelta(0) <= now - self._read_at < KEPT_FOR:
            try:
                self._keys = _read_json(self._url)
            except (OSError, HTTPException, ValueError) as error:
                raise Transient("the key set cannot be read", source="oidc", raw=str(error)) from None
            self._read_at = now
        return self._keys


def _read_json(url: str) -> Any:
    """Not httpx: one small GET is not worth another 30 ms of every function's cold start."""
    try:
        with urlopen(url, timeout=5) as answer:
            return json.load(answer)
    except HTTPError as error:
        error.close()  # it holds the connection of the answer it is made of
        raise
