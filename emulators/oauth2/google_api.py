"""What Gmail, Calendar and Drive share: whose token it is, Google's error envelope, page tokens and the `fields` mask."""

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from emulators.clock import Clock
from emulators.service import HttpEmulator, Route, json_response

STATUS_NAMES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    412: "FAILED_PRECONDITION",
    429: "RESOURCE_EXHAUSTED",
}
ALONE_PREFIX = "emulated:"

Item = TypeVar("Item")


class TokenDirectory(Protocol):
    """The part of the token endpoint the other emulators need."""

    def email_for(self, access_token: str) -> str | None: ...


class GoogleApiError(Exception):
    """One refusal. `location` names the offending parameter or header where Google names it."""

    def __init__(self, code: int, message: str, reason: str, *, location: str | None = None, location_type: str = "parameter") -> None:
        super().__init__(message)
        self.code, self.message, self.reason = code, message, reason
        self.location, self.location_type = location, location_type

    def body(self, *, named_status: bool) -> dict[str, Any]:
        """The envelope; newer APIs (Gmail) add the canonical status name."""
        detail = {"message": self.message, "domain": "global", "reason": self.reason}
        if self.location is not None:
            detail |= {"location": self.location, "locationType": self.location_type}
        error: dict[str, Any] = {"code": self.code, "message": self.message, "errors": [detail]}
        if named_status or self.code == 401:
            error["status"] = STATUS_NAMES.get(self.code, "UNKNOWN")
        return {"error": error}


def invalid(message: str, *, reason: str = "invalid", location: str | None = None) -> GoogleApiError:
    return GoogleApiError(400, message, reason, location=location)


def unauthenticated() -> GoogleApiError:
    wording = (
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication"
        " credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
    )
    return GoogleApiError(401, wording, "authError", location="Authorization", location_type="header")


class GoogleApiEmulator(HttpEmulator):
    """A Google API behind access tokens. Without a token endpoint the bearer token `emulated:<email>` says who calls."""

    named_status = False

    def __init__(self, name: str, clock: Clock, routes: Iterable[Route], *, oauth2: TokenDirectory | None) -> None:
        self.oauth2 = oauth2
        super().__init__(name, clock, [*routes, Route("PUT", "/_emulator/seed", self._seed, "_seed")])

    def seed(self, data: Mapping[str, Any]) -> None:
        """What PUT /_emulator/seed does; each service documents the shape it takes."""

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


def page(items: Sequence[Item], request: Request, *, size: int) -> tuple[Sequence[Item], str | None]:
    """The page asked for, and the token of the next one."""
    start = _offset(request.args.get("pageToken"))
    more = start + size < len(items)
    return items[start : start + size], _page_token(start + size) if more else None


def _page_token(offset: int) -> str:
    return base64.urlsafe_b64encode(f"after:{offset}".encode()).decode()


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    try:
        word, _, number = base64.urlsafe_b64decode(token).decode().partition(":")
        if word == "after":
            return int(number)
    except (binascii.Error, ValueError):
        pass
    raise invalid("Invalid page token value.", location="pageToken")


Mask = dict[str, Any]


def masked(data: Mapping[str, Any], fields: str | None) -> dict[str, Any]:
    """The answer cut to `fields` (`a,b/c,items(id,name),*`); the whole answer without a mask."""
    if not fields:
        return dict(data)
    cut = _cut(data, parse_mask(fields))
    return cut if isinstance(cut, dict) else {}


def parse_mask(fields: str) -> Mask:
    """The tree behind a mask; an empty subtree means everything below."""
    tree, rest = _mask_list("".join(fields.split()))
    if rest or not tree:
        raise _bad_mask(fields)
    return tree


def _mask_list(text: str) -> tuple[Mask, str]:
    tree: Mask = {}
    while text and text[0] != ")":
        name, text = _mask_name(text)
        below, text = _mask_below(text)
        tree[name] = {**tree.get(name, {}), **below}
        if text.startswith(","):
            text = text[1:]
    return tree, text


def _mask_name(text: str) -> tuple[str, str]:
    end = next((i for i, char in enumerate(text) if char in ",/()"), len(text))
    if end == 0:
        raise _bad_mask(text)
    return text[:end], text[end:]


def _mask_below(text: str) -> tuple[Mask, str]:
    if text.startswith("/"):
        name, text = _mask_name(text[1:])
        below, text = _mask_below(text)
        return {name: below}, text
    if text.startswith("("):
        below, text = _mask_list(text[1:])
        if not text.startswith(")"):
            raise _bad_mask(text)
        return below, text[1:]
    return {}, text


def _bad_mask(fields: str) -> GoogleApiError:
    return invalid(f"Invalid field selection {fields}", reason="invalidParameter", location="fields")


def _cut(data: Any, tree: Mask) -> Any:
    if not tree or "*" in tree:
        return data
    if isinstance(data, list):
        return [_cut(item, tree) for item in data]
    if isinstance(data, Mapping):
        return {key: _cut(value, tree[key]) for key, value in data.items() if key in tree}
    return data
