"""The parts of a request that every Google API reads alike: JSON bodies, flags, page sizes and page tokens."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any, TypeVar

from werkzeug.wrappers import Request

from emulators.google_api.errors import invalid

Item = TypeVar("Item")


def json_body(request: Request) -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise invalid("Invalid JSON payload received. Unknown name or unexpected end of input.", reason="parseError")
    return body


def flag(request: Request, name: str) -> bool:
    return request.args.get(name, "false").lower() == "true"


def count(request: Request, name: str, *, default: int, most: int) -> int:
    """A page size: Google caps what is too large and refuses what is no positive number."""
    given = request.args.get(name)
    if given is None:
        return default
    if not given.isdigit() or int(given) == 0:
        raise invalid(f"Invalid value '{given}'. Values must be within the range: [1, {most}]", reason="invalidParameter", location=name)
    return min(int(given), most)


def page(items: Sequence[Item], request: Request, *, size: int, mark: int = 0) -> tuple[Sequence[Item], str | None]:
    """The page asked for, and the token of the next one, which remembers `mark` (see `marked`)."""
    start, kept = _position(request.args.get("pageToken"))
    more = start + size < len(items)
    return items[start : start + size], _page_token(start + size, kept or mark) if more else None


def marked(request: Request, *, fresh: int) -> int:
    """What the first page of this listing was marked with; `fresh` on the first page itself."""
    return _position(request.args.get("pageToken"))[1] or fresh


def next_page(token: str | None) -> dict[str, str]:
    """The part of an answer that leads on; nothing on the last page."""
    return {"nextPageToken": token} if token else {}


def _page_token(offset: int, mark: int) -> str:
    return base64.urlsafe_b64encode(f"after:{offset}:{mark}".encode()).decode()


def _position(token: str | None) -> tuple[int, int]:
    if token is None:
        return 0, 0
    try:
        word, offset, mark = base64.urlsafe_b64decode(token).decode().split(":")
        if word == "after":
            return int(offset), int(mark)
    except (binascii.Error, ValueError):
        pass
    raise invalid("Invalid page token value.", location="pageToken")
