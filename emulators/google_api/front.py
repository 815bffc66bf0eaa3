"""The door of a Google API: whose token a request carries, what it costs, whether it brings an upload, and the batch endpoint."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from emulators.clock import Clock
from emulators.google_api import batch
from emulators.google_api.errors import GoogleApiError, unauthenticated
from emulators.google_api.quotas import Quota
from emulators.google_api.uploads import Upload, Uploads
from emulators.service import HttpEmulator, Route, json_response

ALONE_PREFIX = "emulated:"
Endpoint = tuple[str, str, Callable[..., Response], str]
"""Method, path behind the API's prefix, handler, name."""


class TokenDirectory(Protocol):
    """The part of the token endpoint the other emulators need."""

    def email_for(self, access_token: str) -> str | None: ...


class GoogleApiEmulator(HttpEmulator):
    """A Google API behind access tokens. Without a token endpoint the bearer token `emulated:<email>` says who calls.

    `entered` turns a caller, a request and an upload into what the service's handlers take.
    """

    named_status = False
    most_in_a_batch = 100
    reading_posts: frozenset[str] = frozenset()
    most_bytes = 5 << 40

    def __init__(
        self, name: str, clock: Clock, routes: Iterable[Route], *, oauth2: TokenDirectory | None, quota: Quota | None = None
    ) -> None:
        self.oauth2 = oauth2
        self.quota = quota or Quota()
        self.uploads = Uploads(self.most_bytes)
        doors = [Route("POST", path, self._batch, "batch") for path in ("/batch", "/batch/<api>/<version>")]
        super().__init__(name, clock, [*routes, *doors, Route("PUT", "/_emulator/seed", self._seed, "_seed")])

    # What a service provides
    def seed(self, data: Mapping[str, Any]) -> None:
        """What PUT /_emulator/seed does; each service documents the shape it takes."""

    def entered(self, caller: str, request: Request, upload: Upload | None, values: Mapping[str, str]) -> tuple[Any, dict[str, str]]:
        """The visit a handler is given, and the variables of the path that are left for it."""
        raise LookupError(f"{self.name} opens to nobody: {caller}, {request.path}, {upload}, {values}")

    def left(self, visit: Any) -> None:
        """After a handler has done its work: the moment to tell others what changed."""

    # Routes
    def behind(self, prefix: str, table: Iterable[Endpoint], *, uploading: bool = False) -> list[Route]:
        """Routes whose handlers get a visit; with `uploading`, the upload paths of the same methods."""
        stems = ("/upload", "/resumable/upload") if uploading else ("",)
        return [
            Route(verb, f"{stem}{prefix}{path}", self._opened(handler, name, uploading=uploading), name, reads=name in self.reading_posts)
            for method, path, handler, name in table
            for verb in (dict.fromkeys((method, "PUT")) if uploading else (method,))
            for stem in stems
        ]

    def _opened(self, handler: Callable[..., Response], name: str, *, uploading: bool) -> Callable[..., Response]:
        def handle(request: Request, **values: str) -> Response:
            caller = self.caller(request)
            self.quota.spend(name, caller, self.clock.now())
            upload = self.uploads.receive(request) if uploading else None
            if isinstance(upload, Response):
                return upload
            visit, rest = self.entered(caller, request, upload, values)
            response = handler(visit, **rest)
            self.left(visit)
            return response

        return handle

    def caller(self, request: Request) -> str:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        email = self._owner_of(token.strip()) if scheme.lower() == "bearer" else None
        if not email:
            raise unauthenticated()
        return email

    def _owner_of(self, token: str) -> str | None:
        if self.oauth2 is not None:
            return self.oauth2.email_for(token)
        return token.removeprefix(ALONE_PREFIX) if token.startswith(ALONE_PREFIX) else None

    def _batch(self, request: Request, **_: str) -> Response:
        self.caller(request)
        return batch.answered(request, self, most=self.most_in_a_batch)

    def error_response(self, error: Exception) -> Response | None:
        if isinstance(error, GoogleApiError):
            return json_response(error.body(named_status=self.named_status), error.code)
        return None

    def not_routed(self, request: Request, error: HTTPException) -> Response:
        unknown = GoogleApiError(error.code or 404, f"{request.method} {request.path} was not found on this server.", "notFound")
        return json_response(unknown.body(named_status=self.named_status), unknown.code)

    def _seed(self, request: Request) -> Response:
        self.seed(request.get_json())
        return Response(status=204)
