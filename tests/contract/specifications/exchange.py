"""One request and its answer as the judge sees them, taken from the wire on either side: a WSGI application, httpx, or a batch's parts."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
CONTROL = "/_emulator"


@dataclass(frozen=True)
class Exchange:
    """`url` may be absolute or only path and query. Content types are whole header values; `status` 0 means nothing was answered."""

    method: str
    url: str
    body: bytes = b""
    body_type: str = ""
    status: int = 0
    answer: bytes = b""
    answer_type: str = ""

    @property
    def path(self) -> str:
        """Decoded, but for a slash inside a name: it separates nothing."""
        return "%2F".join(map(unquote, re.split("%2F", urlsplit(self.url).path, flags=re.IGNORECASE)))

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.url).query, keep_blank_values=True)

    @property
    def refused_as_invalid(self) -> bool:
        """The caller was told that the request is wrong: what was wrong with it is no longer the question."""
        return self.status in (400, 405, 415, 422) or self.told_no

    @property
    def told_no(self) -> bool:
        """Slack's way to refuse: HTTP 200 and `ok: false`."""
        answered = self.answered if self.status == 200 and not self.staged else None
        return isinstance(answered, dict) and answered.get("ok") is False

    @property
    def staged(self) -> bool:
        """Whether the answer is an injected fault: emulators name their character set, faults do not (emulators/service.py)."""
        return self.answer_type.strip() == JSON

    @property
    def sent(self) -> Any:
        """The body as data: JSON, form fields as strings, the metadata of an upload; None when there is nothing to judge."""
        kind = _media_type(self.body_type)
        if not self.body:
            return None
        if kind == FORM:
            return {name: values[0] for name, values in parse_qs(self.body.decode(), keep_blank_values=True).items()}
        if kind == "multipart/related":
            described = [part for part in _parts(self.body, self.body_type) if part.get_content_type() == JSON]
            return json.loads(_content(described[0])) if described else None
        return json.loads(self.body) if kind == JSON else None

    @property
    def answered(self) -> Any:
        """The answer as data; None when it is no JSON."""
        return json.loads(self.answer) if self.answer and _media_type(self.answer_type) == JSON else None

    @classmethod
    def of_httpx(cls, response: Any) -> "Exchange":
        """From an httpx.Response, as an event hook of the client gets it."""
        request, answer = response.request, response.read()
        kinds = request.headers.get("content-type", ""), response.headers.get("content-type", "")
        return cls(request.method, str(request.url), request.content, kinds[0], response.status_code, answer, kinds[1])

    def inner(self) -> Iterator["Exchange"]:
        """The exchanges inside a multipart/mixed batch, in order."""
        answers = [_content(part) for part in _parts(self.answer, self.answer_type)]
        for part, answer in zip(_parts(self.body, self.body_type), answers, strict=True):
            line, headers, body = _http(_content(part))
            method, url = line.split()[:2]
            status_line, answer_headers, answer_body = _http(answer)
            status = int(status_line.split()[1])
            yield Exchange(method, url, body, headers.get("content-type", ""), status, answer_body, answer_headers.get("content-type", ""))


def _media_type(header: str) -> str:
    return header.partition(";")[0].strip().lower()


def _parts(body: bytes, content_type: str) -> list[Message]:
    whole = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    parts = whole.get_payload()
    return [part for part in parts if isinstance(part, Message)] if isinstance(parts, list) else []


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _http(text: bytes) -> tuple[str, Mapping[str, str], bytes]:
    head, _, body = text.replace(b"\r\n", b"\n").partition(b"\n\n")
    line, *rest = head.decode().split("\n")
    return line, {name.strip().lower(): value.strip() for name, _, value in (one.partition(":") for one in rest)}, body.strip()
