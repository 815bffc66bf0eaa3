"""Media uploads in Google's three ways: simple, multipart, and resumable in pieces."""

import base64
import json
import re
from dataclasses import dataclass, field
from typing import Any

from werkzeug.wrappers import Request, Response

from emulators.google_api import errors, parts

RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")
KEEP_SENDING = 308


@dataclass
class Upload:
    """What a request brings along: metadata (a JSON resource) and content."""

    metadata: dict[str, Any]
    content: bytes
    content_type: str


@dataclass
class _Session:
    metadata: dict[str, Any]
    content_type: str
    received: bytearray = field(default_factory=bytearray)


@dataclass
class Uploads:
    """The uploads under way at one API; `most` is the largest content it takes."""

    most: int
    sessions: dict[str, _Session] = field(default_factory=dict)
    opened: int = 0

    def receive(self, request: Request) -> Upload | Response:
        """The finished upload, or the answer that asks for more of it."""
        kind = request.args.get("uploadType")
        if "upload_id" in request.args:
            return self._continued(request)
        if kind == "resumable":
            return self._begun(request)
        if kind == "multipart":
            return self._sized(_multipart(request))
        if kind == "media":
            return self._sized(Upload({}, request.get_data(), request.content_type or "application/octet-stream"))
        raise errors.bad_upload(f"Unknown uploadType: {kind}")

    def _begun(self, request: Request) -> Response:
        """Metadata first: where its content goes is told in the Location header."""
        self.opened += 1
        upload_id = f"upload-{self.opened}"
        metadata = request.get_json(silent=True) or {}
        self.sessions[upload_id] = _Session(metadata, request.headers.get("X-Upload-Content-Type", "application/octet-stream"))
        location = f"{request.base_url}?uploadType=resumable&upload_id={upload_id}"
        return Response(status=200, headers={"Location": location, "X-GUploader-UploadID": upload_id})

    def _continued(self, request: Request) -> Upload | Response:
        session = self.sessions.get(request.args["upload_id"])
        if session is None:
            raise errors.GoogleApiError(404, "The upload session is not known or has expired.", "notFound")
        found = RANGE.fullmatch(request.headers.get("Content-Range", ""))
        start, total = (int(found[1] or len(session.received)), found[3]) if found else (0, str(len(request.get_data())))
        if start != len(session.received):
            raise errors.bad_upload(f"The upload goes on at byte {len(session.received)}, not {start}.")
        session.received += request.get_data()
        if total == "*" or len(session.received) < int(total):
            return _more(session)
        del self.sessions[request.args["upload_id"]]
        return self._sized(Upload(session.metadata, bytes(session.received), session.content_type))

    def _sized(self, upload: Upload) -> Upload:
        if len(upload.content) > self.most:
            raise errors.too_large(self.most)
        return upload


def _more(session: _Session) -> Response:
    received = {"Range": f"bytes=0-{len(session.received) - 1}"} if session.received else {}
    return Response(status=KEEP_SENDING, headers=received)


def _multipart(request: Request) -> Upload:
    """multipart/related: the resource, then the content."""
    found = parts.split(request.content_type or "", request.get_data())
    if len(found) != 2:
        raise errors.bad_upload("A multipart upload has two parts: the metadata and the content.")
    described, carried = found
    return Upload(json.loads(described.body or b"{}"), _plain(carried), carried.content_type)


def _plain(part: parts.Part) -> bytes:
    encoding = part.headers.get("content-transfer-encoding", "").lower()
    return base64.b64decode(part.body) if encoding == "base64" else part.body
