"""Cloud Storage's JSON API as an HTTP service. Anybody may call it: who may do what is told by IAM, which is not emulated."""

from collections.abc import Mapping
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from emulators.clock import Clock
from emulators.google_api.errors import GoogleApiError
from emulators.service import HttpEmulator, Route, json_response
from emulators.storage.responses import Buckets, Objects
from emulators.storage.state import StorageState

BUCKETS = "/storage/v1/b"
BUCKET = f"{BUCKETS}/<bucket>"
OBJECT = f"{BUCKET}/o/<path:name>"


class StorageEmulator(HttpEmulator):
    """Fault routes: `storage.objects.<method>` and `storage.buckets.<method>`."""

    def __init__(self, clock: Clock) -> None:
        self._stored = StorageState()
        super().__init__("storage", clock, _routes(Buckets(self._stored, clock), Objects(self._stored, clock)))

    def reset(self) -> None:
        self.load(StorageState().dump())

    def dump(self) -> dict[str, Any]:
        return self._stored.dump()

    def load(self, data: Mapping[str, Any]) -> None:
        self._stored.load(data)

    def contents(self, bucket: str) -> dict[str, bytes]:
        """What lies there, by name; for tests."""
        with self.lock:
            return {name: one.content for name, one in self._stored.bucket(bucket).objects.items()}

    def error_response(self, error: Exception) -> Response | None:
        if not isinstance(error, GoogleApiError):
            return None
        return Response(status=304) if error.code == 304 else json_response(error.body(named_status=False), error.code)

    def not_routed(self, request: Request, error: HTTPException) -> Response:
        unknown = GoogleApiError(error.code or 404, f"{request.method} {request.path} was not found on this server.", "notFound")
        return json_response(unknown.body(named_status=False), unknown.code)


def _routes(buckets: Buckets, objects: Objects) -> list[Route]:
    uploads = [f"{stem}{BUCKET}/o" for stem in ("/upload", "/resumable/upload")]
    return [
        Route("POST", BUCKETS, buckets.insert, "buckets.insert"),
        Route("GET", BUCKET, buckets.get, "buckets.get"),
        Route("PATCH", BUCKET, buckets.patch, "buckets.patch"),
        Route("DELETE", BUCKET, buckets.delete, "buckets.delete"),
        Route("POST", f"{BUCKET}/lockRetentionPolicy", buckets.lock, "buckets.lockRetentionPolicy"),
        *(Route(verb, path, objects.insert, "objects.insert") for path in uploads for verb in ("POST", "PUT")),
        Route("GET", f"{BUCKET}/o", objects.list, "objects.list"),
        Route("GET", OBJECT, objects.get, "objects.get"),
        Route("DELETE", OBJECT, objects.delete, "objects.delete"),
    ]
