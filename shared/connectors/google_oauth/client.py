"""Authorized, guarded calls to one Google API for one account; the clients of Gmail, Calendar and Drive are built on it."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel

from shared.connectors.google_oauth.errors import failure, unanswered
from shared.connectors.google_oauth.tokens import AccessTokens
from shared.connectors.google_oauth.wire import parsed
from shared.ports.clock import Clock
from shared.ports.errors import OutcomeUnknown, SalesAgentError
from shared.resilience.calls import GuardedCalls

M = TypeVar("M", bound=BaseModel)
Params = Mapping[str, str | int | bool | list[str]]


@dataclass(frozen=True)
class Upload:
    """Content that is sent beside a resource, in one multipart request (developers.google.com/workspace/gmail/api/guides/uploads)."""

    content: bytes
    content_type: str

    @property
    def boundary(self) -> str:
        """Depends on what it divides, so that it cannot stand in there."""
        return f"upload_{hashlib.sha256(self.content).hexdigest()}"

    def beside(self, resource: Mapping[str, Any]) -> bytes:
        told = json.dumps(resource).encode()
        parts = ((b"application/json; charset=UTF-8", told), (self.content_type.encode(), self.content))
        framed = (b"--%b\r\nContent-Type: %b\r\n\r\n%b\r\n" % (self.boundary.encode(), kind, data) for kind, data in parts)
        return b"".join(framed) + b"--%b--\r\n" % self.boundary.encode()


class GoogleApi:
    """`source` names the API in errors. Reads are repeated when that may help, changes never are."""

    def __init__(self, *, source: str, base_url: str, http: httpx.Client, tokens: AccessTokens, calls: GuardedCalls, clock: Clock) -> None:
        self.source = source
        self._base_url, self._http = base_url.rstrip("/"), http
        self._tokens, self._calls, self._clock = tokens, calls, clock

    def fetch(self, path: str, into: type[M], *, params: Params | None = None, cost: int = 1) -> M:
        """GET, read into a model."""
        return self._calls.run(lambda: self._read(into, self._exchange("GET", path, params=params)), repeatable=True, cost=cost)

    def fetch_bytes(self, path: str, *, params: Params, cost: int = 1) -> bytes:
        """GET of a file."""
        return self._calls.run(lambda: self._exchange("GET", path, params=params), repeatable=True, cost=cost)

    def ask(self, path: str, into: type[M], *, body: Mapping[str, Any], cost: int = 1) -> M:
        """POST of a question that changes nothing."""
        return self._calls.run(lambda: self._read(into, self._exchange("POST", path, body=body)), repeatable=True, cost=cost)

    def change(self, method: str, path: str, into: type[M], *, body: Mapping[str, Any], upload: Upload | None = None, cost: int = 1) -> M:
        """A call with an effect, and with content beside its resource where `upload` brings some.

        OutcomeUnknown when it may have happened although no readable answer came.
        """

        def attempt() -> M:
            content = self._exchange(method, path, body=body, upload=upload, changes=True)
            try:
                return self._read(into, content)
            except SalesAgentError as error:
                raise OutcomeUnknown(error.detail, source=self.source) from error

        return self._calls.run(attempt, repeatable=False, cost=cost)

    def remove(self, path: str, *, etag: str = "", cost: int = 1) -> None:
        """DELETE, of the version with this etag if one is given. Conflict when it has changed since, NotFound when it is gone."""
        self._calls.run(lambda: self._exchange("DELETE", path, changes=True, etag=etag), repeatable=False, cost=cost)

    def _exchange(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: Mapping[str, Any] | None = None,
        upload: Upload | None = None,
        changes: bool = False,
        etag: str = "",
    ) -> bytes:
        """One round trip; a refused token is replaced once, for it may have been revoked and granted anew."""
        condition = {"If-Match": etag} if etag else {}

        def send(token: str) -> httpx.Response:
            headers = {"Authorization": f"Bearer {token}", **condition}
            if upload is not None:
                headers["Content-Type"] = f"multipart/related; boundary={upload.boundary}"
                address = f"{self._base_url}/upload{path}?uploadType=multipart"
                return self._http.request(method, address, content=upload.beside(body or {}), headers=headers)
            return self._http.request(method, self._base_url + path, params=params, json=body, headers=headers)

        response = self._sent(send, changes=changes)
        if not response.is_success:
            raise failure(response, source=self.source, changes=changes, now=self._clock.now())
        return response.content

    def _sent(self, send: Callable[[str], httpx.Response], *, changes: bool) -> httpx.Response:
        token = self._tokens.current()
        try:
            response = send(token)
            if response.status_code != httpx.codes.UNAUTHORIZED:
                return response
            self._tokens.forget(token)
            return send(self._tokens.current())
        except httpx.RequestError as error:
            raise unanswered(error, source=self.source, changes=changes) from None

    def _read(self, into: type[M], content: bytes) -> M:
        return parsed(into, content, source=self.source)
