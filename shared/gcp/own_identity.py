"""The function's own account, as a header of calls to Google's REST APIs. Used by adapters that have no client library."""

import threading
from typing import Any

import google.auth
from google.auth import exceptions as auth_errors
from google.auth.transport.requests import Request

from shared.ports.errors import Permanent, Transient


class OwnIdentity:
    """An emulator, which speaks plain http, asks for none. `service` is what errors call it."""

    def __init__(self, url: str, *, scope: str, source: str, service: str) -> None:
        self._emulated = url.startswith("http://")
        self._scope, self._source, self._service = scope, source, service
        self._credentials: Any = None
        self._lock = threading.Lock()

    def headers(self) -> dict[str, str]:
        """Raises Permanent where nobody is signed in, Transient."""
        if self._emulated:
            return {}
        try:
            with self._lock:
                return self._signed()
        except auth_errors.DefaultCredentialsError as error:
            raise Permanent(f"there are no credentials for {self._service}", source=self._source, raw=str(error)) from None
        except auth_errors.GoogleAuthError as error:
            raise Transient(f"no access token for {self._service}", source=self._source, raw=str(error)) from None

    def _signed(self) -> dict[str, str]:
        if self._credentials is None:
            self._credentials, _ = google.auth.default(scopes=[self._scope])
        headers: dict[str, str] = {}
        self._credentials.before_request(Request(), "GET", "", headers)
        return headers
