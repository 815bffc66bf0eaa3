"""The batch endpoint: a multipart/mixed body of whole HTTP requests, each of them answered as if it had come alone."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from emulators.google_api import errors, parts

Application = Callable[[dict[str, Any], Any], Any]
BOUNDARY = "batch_emulated"


def answered(request: Request, application: Application, *, most: int) -> Response:
    """Runs the parts in order (Google promises none); a part without credentials uses those of the batch."""
    asked = parts.split(request.content_type or "", request.get_data())
    if not asked:
        raise errors.invalid("Failed to parse batch request, error: no parts.", reason="badRequest")
    if len(asked) > most:
        raise errors.too_many_parts(most)
    outer = request.headers.get("Authorization", "")
    body = b"".join(_framed(part, Response.from_app(application, _environ(part, outer))) for part in asked)
    return Response(body + f"--{BOUNDARY}--".encode(), 200, content_type=f"multipart/mixed; boundary={BOUNDARY}")


def _environ(part: parts.Part, authorization: str) -> dict[str, Any]:
    (line, *lines), body = parts.head_and_body(part.body)
    method, target = line.split()[:2]
    headers = {name: value for name, value in parts.headers_of(lines).items() if name not in ("host", "content-length")}
    path, _, query = target.partition("?")
    asked = {"authorization": authorization, **headers}
    return EnvironBuilder(
        path, method=method, query_string=query, headers=list(asked.items()), input_stream=BytesIO(body.strip())
    ).get_environ()


def _framed(part: parts.Part, response: Response) -> bytes:
    """One part of the answer; its Content-ID repeats the request's behind `response-`."""
    named = part.headers.get("content-id", "").strip("<>")
    names = f"Content-ID: <response-{named}>\r\n" if named else ""
    inner = f"HTTP/1.1 {response.status}\r\nContent-Type: {response.content_type}\r\nContent-Length: {len(response.get_data())}\r\n"
    etag = f"ETag: {response.headers['ETag']}\r\n" if "ETag" in response.headers else ""
    outer = f"--{BOUNDARY}\r\nContent-Type: application/http\r\n{names}\r\n"
    return (outer + inner + etag + "\r\n").encode() + response.get_data() + b"\r\n"
