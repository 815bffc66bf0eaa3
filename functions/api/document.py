"""The OpenAPI 3.1 document of the API, made of its routes and their models; served by functions/api/reference.py."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode

from functions.api.answers import ANSWERS
from functions.api.routing import Asks, Route
from shared.domain.roles import Role
from shared.domain.work import DOCUMENT_ID
from shared.runtime.problems import ADDRESS, KINDS

Document = dict[str, Any]
VERSION = "1"
KEY_PATTERN = "^[!-~]{1,255}$"
ALWAYS = ("bad-request", "unauthenticated", "forbidden", "too-many-requests", "not-now")
"""Kinds of problems that any route behind a token may answer."""
PROBLEM = {"$ref": "#/components/schemas/Problem"}
DESCRIPTION = """Read what there is, and decide about it: drafts, sends, the policy, and who is not written to.

Every request names its caller: a token of the workspace, or an identity token of a Google account that the workspace knows. Callers have a
role (viewer, operator, admin), and each role may do what those before it may.

Lists are pages: pass next on as after. A request that decides may carry an Idempotency-Key: its repeats within 24 hours get the first
answer and do nothing again. Refusals are problems (RFC 9457)."""


class _AsSent(GenerateJsonSchema):
    """What we send always has all its fields."""

    def field_is_required(self, field: Any, total: bool) -> bool:  # noqa: FBT001  pydantic's own signature
        return self.mode == "serialization" or super().field_is_required(field, total)


def document(routes: Iterable[Route], *, server: str) -> Document:
    """`server` is the address of the function."""
    served = sorted(routes, key=lambda one: one.path)
    schemas, definitions = _schemas(served)
    paths: dict[str, Document] = {}
    for route in served:
        paths.setdefault(f"/{route.path}", {})[route.method.lower()] = _operation(route, schemas)
    told: Document = _spelled(
        {
            "openapi": "3.1.0",
            "info": {"title": "Sales agent", "version": VERSION, "description": DESCRIPTION},
            "servers": [{"url": server}],
            "security": [{"workspaceToken": []}, {"googleIdentity": []}],
            "tags": [{"name": one} for one in dict.fromkeys(_tag(route) for route in served)],
            "paths": paths,
            "components": {"schemas": {**definitions, "Problem": _problem()}, "securitySchemes": _schemes()},
        }
    )
    return told


def _schemas(routes: Iterable[Route]) -> tuple[Mapping[tuple[str, JsonSchemaMode], Document], Document]:
    """Of every body and answer, by its name, and the models they are made of."""
    bodies = {one.body.__name__ + one.path: one.body for one in routes if one.body}
    inputs: list[tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = [
        *((name, "validation", TypeAdapter(model)) for name, model in bodies.items()),
        *((name, "serialization", TypeAdapter(model)) for name, model in ANSWERS.items()),
    ]
    found, whole = TypeAdapter.json_schemas(inputs, ref_template="#/components/schemas/{model}", schema_generator=_AsSent)
    return {key: dict(schema) for key, schema in found.items()}, dict(whole.get("$defs", {}))


def _operation(route: Route, schemas: Mapping[tuple[str, JsonSchemaMode], Document]) -> Document:
    parameters = list(_parameters(route))
    told: Document = {
        "operationId": _name(route),
        "tags": [_tag(route)],
        "summary": route.summary,
        "description": _who(route),
        "parameters": parameters,
        "responses": {str(route.status): _answer(route, schemas), **_refusals(route)},
    }
    if route.body is not None:
        told["requestBody"] = {
            "required": any(one.is_required() for one in route.body.model_fields.values()),
            "content": {"application/json": {"schema": schemas[route.body.__name__ + route.path, "validation"]}},
        }
    return {**told, **({"security": list[str]()} if route.is_open else {"x-role": str(route.role)})}


def _who(route: Route) -> str:
    if route.is_open:
        return "For everybody, without a token."
    return f"For {' and '.join(f'`{one}`' for one in Role if one.includes(route.role))}."


def _answer(route: Route, schemas: Mapping[tuple[str, JsonSchemaMode], Document]) -> Document:
    content: Document = {kind: {"schema": {"type": "string"}} for kind in route.kinds}
    if route.answer:
        content["application/json"] = {"schema": schemas[route.answer, "serialization"]}
    return {"description": "What was asked for", "content": content}


def _refusals(route: Route) -> Document:
    kinds = [name for name in KINDS if name in _may_answer(route)]
    by_status: dict[str, list[str]] = {}
    for name in kinds:
        by_status.setdefault(str(KINDS[name].status), []).append(name)
    return {status: _refusal(names) for status, names in by_status.items()}


def _refusal(names: list[str]) -> Document:
    told: Document = {
        "description": "; ".join(KINDS[name].title for name in names),
        "content": {"application/problem+json": {"schema": PROBLEM}},
    }
    seconds = {"description": "Seconds", "schema": {"type": "integer", "minimum": 1}}
    if names == ["too-many-requests"]:
        told["headers"] = {"Retry-After": seconds, "RateLimit": _text("What is left"), "RateLimit-Policy": _text("What is allowed")}
    return told


def _text(description: str) -> Document:
    return {"description": description, "schema": {"type": "string"}}


def _may_answer(route: Route) -> frozenset[str]:
    """Kinds of problems, by what a route takes and does."""
    if route.is_open:
        return frozenset({"not-now"} if route.looks else ())
    named = {"not-found"} if "{" in route.path else set[str]()
    takes = {"too-large"} if route.body else set[str]()
    decides = {"not-found", "conflict", "under-way", "refused", "key-reused"} if route.decides else set[str]()
    return frozenset({*ALWAYS, *named, *takes, *decides, *route.refuses})


def _parameters(route: Route) -> Iterator[Document]:
    for part in route.path.split("/"):
        if part.startswith("{"):
            yield _parameter(Asks(part[1:-1], "", {"type": "string", "pattern": DOCUMENT_ID}), "path")
    yield from (_parameter(one, "query") for one in route.query)
    if route.decides:
        means = "Any text of yours that only the repeats of this request carry"
        yield _parameter(Asks("Idempotency-Key", means, {"type": "string", "pattern": KEY_PATTERN}), "header")


def _parameter(asks: Asks, place: str) -> Document:
    told: Document = {"name": asks.name, "in": place, "required": place == "path", "schema": dict(asks.schema)}
    return told | ({"description": asks.means} if asks.means else {})


def _problem() -> Document:
    kinds = [f"{ADDRESS}{name}" for name in KINDS]
    texts: Mapping[str, str] = {
        "detail": "For people",
        "field": "What is wrong, when it is one thing",
        "title": "The same for every problem of this type",
    }
    return {
        "type": "object",
        "description": "RFC 9457",
        "required": ["type", "title", "status", "detail"],
        "additionalProperties": False,
        "properties": {
            "type": {"type": "string", "enum": kinds},
            "status": {"type": "integer"},
            **{name: {"type": "string", "description": means} for name, means in texts.items()},
            "reasons": {"type": "array", "items": {"type": "string"}, "description": "When there are several"},
        },
    }


def _schemes() -> Document:
    return {
        "workspaceToken": {"type": "http", "scheme": "bearer", "description": "A token of the workspace"},
        "googleIdentity": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An identity token of a Google account",
        },
    }


def _tag(route: Route) -> str:
    return route.path.partition("/")[0].removesuffix(".json")


def _name(route: Route) -> str:
    parts = [part.strip("{}").replace(".", "-") for part in route.path.split("/")]
    return "-".join((route.method.lower(), *parts))


def _spelled(told: Any) -> Any:
    """JSON Schema's `time` asks for a zone, and a time of day has none."""
    if isinstance(told, dict):
        return {name: "time-of-day" if (name, one) == ("format", "time") else _spelled(one) for name, one in told.items()}
    return [_spelled(one) for one in told] if isinstance(told, list) else told
