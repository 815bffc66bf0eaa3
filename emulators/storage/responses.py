"""What each route of Cloud Storage answers."""

from typing import Any

from werkzeug.wrappers import Request, Response

from emulators.clock import Clock
from emulators.google_api.uploads import Upload, Uploads
from emulators.paging import page
from emulators.service import json_response
from emulators.storage import errors
from emulators.storage.resources import bucket_resource, object_resource
from emulators.storage.state import Bucket, StorageState, Stored

LARGEST = 5 << 40
MOST_LISTED = 1000


class Buckets:
    def __init__(self, state: StorageState, clock: Clock) -> None:
        self._state, self._clock = state, clock

    def insert(self, request: Request) -> Response:
        asked, now = _body(request), self._clock.now()
        if not request.args.get("project"):
            raise errors.required("project")
        name = str(asked.get("name", ""))
        if not name:
            raise errors.required("name")
        if name in self._state.buckets:
            raise errors.bucket_taken()
        bucket = self._state.buckets[name] = Bucket(name, now, uniform=_uniform(asked))
        _set_retention(bucket, asked, self._clock)
        return self._shown(bucket, request)

    def get(self, request: Request, bucket: str) -> Response:
        return self._shown(self._state.bucket(bucket), request)

    def patch(self, request: Request, bucket: str) -> Response:
        found = self._state.bucket(bucket)
        _check_metageneration(request, found)
        _set_retention(found, _body(request), self._clock)
        found.metageneration += 1
        return self._shown(found, request)

    def lock(self, request: Request, bucket: str) -> Response:
        """For good: https://cloud.google.com/storage/docs/json_api/v1/buckets/lockRetentionPolicy"""
        found = self._state.bucket(bucket)
        if not request.args.get("ifMetagenerationMatch"):
            raise errors.required("ifMetagenerationMatch")
        _check_metageneration(request, found)
        if found.retention_since is None:
            raise errors.invalid("The bucket does not have a retention policy to lock.")
        found.locked = True
        found.metageneration += 1
        return self._shown(found, request)

    def delete(self, request: Request, bucket: str) -> Response:
        found = self._state.bucket(bucket)
        _check_metageneration(request, found)
        if found.objects:
            raise errors.bucket_full()
        del self._state.buckets[bucket]
        return Response(status=204)

    def _shown(self, bucket: Bucket, request: Request) -> Response:
        return json_response(bucket_resource(bucket, request.host_url.rstrip("/")))


class Objects:
    def __init__(self, state: StorageState, clock: Clock) -> None:
        self._state, self._clock, self._uploads = state, clock, Uploads(LARGEST)

    def insert(self, request: Request, bucket: str) -> Response:
        """A replacement is a deletion: retention forbids both. Preconditions come first."""
        found = self._state.bucket(bucket)
        upload = self._uploads.receive(request)
        if isinstance(upload, Response):
            return upload
        name = request.args.get("name") or str(upload.metadata.get("name", ""))
        if not name:
            raise errors.required("name")
        _check_generation(request, found.objects.get(name))
        found.release(name, self._clock.now())
        stored = found.objects[name] = self._stored(name, upload)
        return json_response(object_resource(found, stored, request.host_url.rstrip("/")))

    def _stored(self, name: str, upload: Upload) -> Stored:
        kind = str(upload.metadata.get("contentType") or upload.content_type)
        told = {str(key): str(value) for key, value in upload.metadata.get("metadata", {}).items()}
        return Stored(name, upload.content, kind, self._state.next_generation(), self._clock.now(), told)

    def get(self, request: Request, bucket: str, name: str) -> Response:
        found = self._state.bucket(bucket)
        stored = found.object(name)
        _check_generation(request, stored, reading=True)
        if request.args.get("alt") == "media":
            headers = {"x-goog-generation": str(stored.generation), "x-goog-hash": f"crc32c={stored.crc32c},md5={stored.md5}"}
            return Response(stored.content, 200, headers, content_type=stored.content_type)
        return json_response(object_resource(found, stored, request.host_url.rstrip("/")))

    def list(self, request: Request, bucket: str) -> Response:
        """In the order of names; `startOffset` is the first, `endOffset` behind the last: bytes count, as at Google."""
        found, asked = self._state.bucket(bucket), request.args
        if "delimiter" in asked:
            raise errors.invalid("This emulator lists no folders: leave the delimiter out.")
        start, end = asked.get("startOffset", "").encode(), asked.get("endOffset", "").encode()
        names = sorted((one for one in found.objects if one.startswith(asked.get("prefix", ""))), key=str.encode)
        names = [one for one in names if one.encode() >= start and (not end or one.encode() < end)]
        try:
            shown, token = page(names, size=int(asked.get("maxResults", 0)), token=asked.get("pageToken", ""), at_most=MOST_LISTED)
        except ValueError as error:
            raise errors.invalid("Invalid argument.") from error
        root = request.host_url.rstrip("/")
        items = [object_resource(found, found.objects[one], root) for one in shown]
        answer: dict[str, Any] = {"kind": "storage#objects"} | ({"items": items} if items else {})
        return json_response(answer | ({"nextPageToken": token} if token else {}))

    def delete(self, request: Request, bucket: str, name: str) -> Response:
        found = self._state.bucket(bucket)
        _check_generation(request, found.object(name))
        found.release(name, self._clock.now())
        del found.objects[name]
        return Response(status=204)


def _check_generation(request: Request, stored: Stored | None, *, reading: bool = False) -> None:
    """Generation 0 is none: https://cloud.google.com/storage/docs/request-preconditions"""
    present = str(stored.generation if stored else 0)
    wanted, unwanted = request.args.get("ifGenerationMatch"), request.args.get("ifGenerationNotMatch")
    if wanted is not None and wanted != present:
        raise errors.condition_failed()
    if unwanted is not None and unwanted == present:
        raise errors.not_modified() if reading else errors.condition_failed()


def _check_metageneration(request: Request, bucket: Bucket) -> None:
    wanted = request.args.get("ifMetagenerationMatch")
    if wanted is not None and wanted != str(bucket.metageneration):
        raise errors.condition_failed()


def _set_retention(bucket: Bucket, asked: dict[str, Any], clock: Clock) -> None:
    """A locked policy only grows; `"retentionPolicy": null` takes one away."""
    if "retentionPolicy" not in asked:
        return
    period = int((asked["retentionPolicy"] or {}).get("retentionPeriod", 0))
    if bucket.locked and period < bucket.retention_s:
        raise errors.locked()
    bucket.retention_s, bucket.retention_since = period, clock.now() if period else None


def _uniform(asked: dict[str, Any]) -> bool:
    told = asked.get("iamConfiguration", {}).get("uniformBucketLevelAccess", {})
    return bool(told.get("enabled", False))


def _body(request: Request) -> dict[str, Any]:
    body = request.get_json(silent=True, force=True)
    if not isinstance(body, dict):
        raise errors.invalid("The body must be a JSON object.")
    return body
