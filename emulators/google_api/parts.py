"""The parts of a multipart body with their bytes untouched, which the library's parser does not promise for messages inside messages."""

import re
from dataclasses import dataclass
from email.message import Message

EMPTY_LINE = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True)
class Part:
    """`headers` by lower-case name."""

    headers: dict[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "application/octet-stream").partition(";")[0].strip().lower()


def split(content_type: str, body: bytes) -> list[Part]:
    """The parts between the boundaries; none when the header names no boundary."""
    header = Message()
    header["Content-Type"] = content_type
    boundary = header.get_boundary()
    if not boundary:
        return []
    pieces = re.split(rb"\r?\n--" + re.escape(boundary.encode()), b"\n" + body)
    return [_part(piece) for piece in pieces[1:] if not piece.startswith(b"--")]


def head_and_body(text: bytes) -> tuple[list[str], bytes]:
    """The lines before the first empty line, and what follows it."""
    found = EMPTY_LINE.search(text)
    head, body = (text[: found.start()], text[found.end() :]) if found else (text, b"")
    return head.decode("latin-1").splitlines(), body


def headers_of(lines: list[str]) -> dict[str, str]:
    return {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if ":" in line)}


def _part(piece: bytes) -> Part:
    """What follows a boundary: the rest of its line, headers (possibly none), an empty line, the body."""
    lines, body = head_and_body(piece)
    return Part(headers_of(lines), body)
