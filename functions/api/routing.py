"""Routes of the API: a method, a path with {parts}, what may call it, and the body it takes. Each resource has its own module of routes."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from shared.domain.audit import Actor, ActorKind
from shared.domain.ids import WorkspaceId
from shared.domain.roles import Role
from shared.domain.work import DOCUMENT_ID
from shared.ports.errors import NotFound, Rejected
from shared.ports.requests import Asked, Reply
from shared.runtime.paths import matched
from shared.runtime.workspace_token import check_role

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
class Route:
    """`path` is relative to the function: "drafts/{id}/approve". `body` is a pydantic model of the JSON body."""

    method: str
    path: str
    handler: Callable[[Call], Reply]
    summary: str
    role: Role = Role.VIEWER
    body: type[BaseModel] | None = None


def answered(routes: Iterable[Route], asked: Asked[None]) -> Reply:
    """404 for what no route serves, and for another workspace's id exactly as for a missing one; 405 for the method, 403 for the role."""
    incoming = asked.incoming
    found = [(route, parts) for route in routes if (parts := matched(route.path, incoming.path.strip("/"))) is not None]
    if not found or asked.caller.workspace_id is None:
        raise NotFound("no such resource")
    for route, parts in found:
        if route.method == incoming.method:
            check_role(asked.caller, route.role)
            actor = Actor(kind=ActorKind.TOKEN, id=asked.caller.name or "unnamed")
            body = _body(route.body, incoming.body) if route.body else None
            return route.handler(Call(asked.caller.workspace_id, actor, parts, incoming.query, body, asked.trace_id))
    raise Rejected(f"only {', '.join(sorted({route.method for route, _ in found}))} is served here", status=405)


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
    if not re.fullmatch(r"[0-9]{1,6}", given):
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


def yes_of(query: Mapping[str, str], name: str) -> bool:
    given = query.get(name, "false")
    if given not in ("true", "false"):
        raise Rejected(f"{name}: should be true or false", field=name)
    return given == "true"
