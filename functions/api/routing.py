"""Routes of the API: a method, a path with {parts}, who may call it, what it takes and answers. Each resource has its own module."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from shared.domain.audit import Actor, ActorKind
from shared.domain.ids import WorkspaceId
from shared.domain.roles import Role
from shared.domain.work import DOCUMENT_ID
from shared.ports.errors import NotFound, Rejected
from shared.ports.requests import Asked, Caller, Incoming, Reply
from shared.runtime.api_callers import check_role
from shared.runtime.paths import matched

S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True)
class Call:
    """One request, matched and read: whose, by whom, about what."""

    workspace_id: WorkspaceId
    actor: Actor
    parts: Mapping[str, str]  # of the path
    query: Mapping[str, str]
    body: Any  # the route's model, None when it has none
    trace_id: str


@dataclass(frozen=True)
class Asks:
    """A parameter of the query, and what it may say as a JSON schema."""

    name: str
    means: str
    schema: Mapping[str, object] = field(default_factory=lambda: {"type": "string"})


LIMIT = Asks("limit", "How many at most", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20})
AFTER = Asks("after", "What the page before said is next", {"type": "string", "pattern": DOCUMENT_ID})
PAGE = (LIMIT, AFTER)


@dataclass(frozen=True)
class Route:
    """`path` is relative to the function: "drafts/{id}/approve". `body` is a pydantic model of the JSON body.

    `answer` names what it answers with `status`, in functions/api/answers.py; `kinds` are further media types. `refuses` are kinds of
    problems beside those that every such route may answer. An open route is for everybody, and `looks` whether it needs the store.
    """

    method: str
    path: str
    handler: Callable[[Call], Reply]
    summary: str
    role: Role = Role.VIEWER
    body: type[BaseModel] | None = None
    answer: str = ""
    query: tuple[Asks, ...] = ()
    status: int = 200
    kinds: tuple[str, ...] = ()
    refuses: tuple[str, ...] = ()
    is_open: bool = False
    looks: bool = False

    @property
    def decides(self) -> bool:
        """Whether it may change anything: what is read by POST has an address in its body."""
        return self.method != "GET" and self.role is not Role.VIEWER


Serve = Callable[[], Reply]
LetIn = Callable[[Incoming], Caller]
Once = Callable[[Caller, Incoming, Serve], Reply]


@dataclass(frozen=True)
class Doors:
    """Who lets a caller in, and who serves a request that carries a key no more than once; asked only when they are needed."""

    let_in: LetIn
    once: Once


def answered(routes: Iterable[Route], asked: Asked[None], doors: Doors) -> Reply:
    """404 for what no route serves, and for another workspace's id exactly as for a missing one; 405 for the method, 403 for the role."""
    incoming = asked.incoming
    found = [(route, parts) for route in routes if (parts := matched(route.path, incoming.path.strip("/"))) is not None]
    route, parts = next(((route, parts) for route, parts in found if route.method == incoming.method), (None, {}))
    if route is not None and route.is_open:
        nobody = Actor(kind=ActorKind.STAGE, id="api")
        return route.handler(Call(WorkspaceId(""), nobody, parts, incoming.query, None, asked.trace_id))
    caller = doors.let_in(incoming)
    if not found:
        raise NotFound("no such resource")
    if route is None:
        allowed = ", ".join(sorted({route.method for route, _ in found}))
        raise Rejected(f"only {allowed} is served here", status=405, headers={"Allow": allowed})
    return _served(route, parts, caller, asked, doors)


def _served(route: Route, parts: Mapping[str, str], caller: Caller, asked: Asked[None], doors: Doors) -> Reply:
    check_role(caller, route.role)
    if caller.workspace_id is None:
        raise NotFound("no such resource")
    body = _body(route.body, asked.incoming.body) if route.body else None
    call = Call(caller.workspace_id, caller.actor, parts, asked.incoming.query, body, asked.trace_id)
    return doors.once(caller, asked.incoming, lambda: route.handler(call)) if route.decides else route.handler(call)


def _body(model: type[BaseModel], raw: bytes) -> BaseModel:
    try:
        content = json.loads(raw or b"{}")
    except (ValueError, RecursionError):
        raise Rejected("body: should be JSON", field="body") from None
    try:
        return model.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise Rejected(f"{where}: {first['msg']}", field=where) from None


def limit_of(query: Mapping[str, str]) -> int:
    given = query.get("limit", "20")
    if not re.fullmatch(r"[0-9]{1,3}", given) or not 1 <= int(given) <= 100:
        raise Rejected("limit: should be a number from 1 to 100", field="limit")
    return int(given)


def cursor_of(query: Mapping[str, str]) -> str:
    given = query.get("after", "")
    if given and not re.fullmatch(DOCUMENT_ID, given):
        raise Rejected("after: should be the cursor of an earlier page", field="after")
    return given


def state_of(query: Mapping[str, str], states: type[S]) -> S | None:
    """The filter `state`; None when everything is wanted."""
    given = query.get("state", "")
    if given and given not in set(states):
        raise Rejected(f"state: should be one of {', '.join(states)}", field="state")
    return states(given) if given else None


def state_in(states: type[StrEnum]) -> Asks:
    return Asks("state", "Only those in this state", {"type": "string", "enum": [str(one) for one in states]})


def yes_of(query: Mapping[str, str], name: str) -> bool:
    given = query.get(name, "false")
    if given not in ("true", "false"):
        raise Rejected(f"{name}: should be true or false", field=name)
    return given == "true"


def yes(name: str, means: str) -> Asks:
    return Asks(name, means, {"type": "boolean", "default": False})
