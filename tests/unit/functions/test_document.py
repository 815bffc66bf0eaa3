"""The OpenAPI document: it is valid, it tells of every route, and real answers are as it says."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from functions.api.document import ALWAYS, document
from functions.api.resources import every_route
from functions.api.routing import Route
from shared.domain.roles import Role
from shared.runtime.problems import BY_STATUS, KINDS
from tests.answering import Answered, ApiDoor
from tests.builders import OPERATOR, WORKSPACE, a_hint
from tests.letters import a_dead_letter
from tests.neighbours import Neighbours
from tests.unit.functions.test_isolation import BODIES, ONLY_NAME, OUR_NAME, named
from tests.unit.functions.test_roles import path_of

ROUTES = every_route()

TOLD = document(ROUTES, server="https://public.example/api")
SHOWN = [route for route in ROUTES if route.answer]
NOT_THERE = {"index/{id}", "canaries/{id}", "polls/{id}"}
"""The world has none of these; tests/unit/stages/reading asks for them."""


OUR_ACCOUNT = {f"connections/{{id}}/{what}": f"google-{OPERATOR}" for what in ("check", "delegate")}


def operation(route: Route) -> dict[str, Any]:
    found: dict[str, Any] = TOLD["paths"][f"/{route.path}"][route.method.lower()]
    return found


def mistakes(route: Route, status: int, kind: str, text: str) -> list[str]:
    """Where an answer is not as the document says."""
    answers = operation(route)["responses"]
    if str(status) not in answers:
        return [f"{status} is not documented: {text}"]
    content = answers[str(status)]["content"]
    if kind.partition(";")[0] not in content:
        return [f"{kind} is not documented"]
    if "json" not in kind:
        return []
    schema = {**content[kind]["schema"], "components": TOLD["components"]}
    return [f"{list(one.path)}: {one.message}" for one in Draft202012Validator(schema).iter_errors(json.loads(text))]


def of(told: Answered, route: Route) -> list[str]:
    return mistakes(route, told.status, told.headers["Content-Type"], told.text)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Neighbours]:
    return lambda: Neighbours(monkeypatch)


def _schemas(told: object) -> Iterator[str]:
    if isinstance(told, dict):
        yield from ([told["$ref"]] if "$ref" in told else [])
        told = list(told.values())
    if isinstance(told, list):
        for one in told:
            yield from _schemas(one)


def test_every_schema_is_one_and_every_reference_leads_somewhere() -> None:
    for schema in TOLD["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    assert {one.removeprefix("#/components/schemas/") for one in _schemas(TOLD)} <= set(TOLD["components"]["schemas"])


def test_every_route_is_told_of_once_and_under_one_name() -> None:
    told = [(method.upper(), path[1:]) for path, methods in TOLD["paths"].items() for method in methods]
    assert sorted(told) == sorted((one.method, one.path) for one in ROUTES)
    names = [one["operationId"] for methods in TOLD["paths"].values() for one in methods.values()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_a_route_says_what_it_answers(route: Route) -> None:
    assert route.answer or route.kinds
    assert operation(route)["responses"][str(route.status)]["content"]


@pytest.mark.parametrize("route", [one for one in SHOWN if one.path not in NOT_THERE], ids=named)
def test_what_a_route_answers_is_as_the_document_says(world: Callable[[], Neighbours], route: Route) -> None:
    one = world()
    id = OUR_ACCOUNT.get(route.path) or ONLY_NAME.get(route.path) or OUR_NAME.get(route.path, "draft-1")
    if route.path.startswith("sends/"):
        id = json.loads(one.door.answer("POST", "drafts/draft-1/approve", {"fingerprint": one.world.fingerprint}).text)["send_id"]
    _before(one, route)
    body = BODIES[named(route)](id, one.world.fingerprint) if route.body else None
    told = one.door.answer(route.method, route.path.replace("{id}", id).replace("{number}", "1"), body)
    assert told.status == route.status or route.path in REFUSED, told.text
    assert of(told, route) == []


REFUSED = {
    "sends/{id}/resolve": "nothing is parked",
    "policy/rollback": "no such version",
    "policy": "based on another",
    "drafts/{id}/object": "no rule approved it",
}


def _before(one: Neighbours, route: Route) -> None:
    """What there has to be, so that the route has something to answer."""
    if route.path.endswith("/undo"):
        one.door.answer("POST", "drafts/draft-1/approve", {"fingerprint": one.world.fingerprint})
    if route.path.endswith("/revisions/{number}"):
        one.door.answer("POST", "drafts/draft-1/edit", BODIES["POST drafts/{id}/edit"]("draft-1", ""))
    if route.path in ("suppressions/lift", "suppressions", "suppressions/check"):
        one.door.answer("POST", "suppressions", BODIES["POST suppressions"]("draft-1", ""))
    if route.path.startswith("dead-letters/"):
        one.world.put(a_dead_letter(id="draft-1"))
    if route.path.startswith("events/"):
        one.world.put(a_hint(id="draft-1"))
    if route.path.startswith("audit"):
        one.door.answer("POST", "policy/kill", {"reason": "a drill"})


@pytest.mark.parametrize("route", [one for one in ROUTES if not one.is_open], ids=named)
def test_what_a_route_refuses_is_as_the_document_says(world: Callable[[], Neighbours], route: Route) -> None:
    door = world().door
    door.let_in("reads", WORKSPACE, label="reads", role=Role.VIEWER)
    for told in (
        door.answer(route.method, path_of(route), {}, token=""),
        door.answer(route.method, path_of(route), {}, token="wrong"),
        door.answer(route.method, path_of(route), {}, token="reads"),
        door.answer(route.method, path_of(route), {"unknown": 1}),
        door.answer(route.method, path_of(route), [], query="limit=0&after=%00&state=x&snoozed=x&format=x&start=%00&from=x"),
        door.answer(route.method, path_of(route), {}, Idempotency_Key="ä"),
    ):
        assert of(told, route) == [], told


def test_a_problem_says_of_which_type_it_is(door: ApiDoor) -> None:
    status, told = door.ask("GET", "runs/nobody")
    assert (status, told["type"], told["title"]) == (404, "/api/docs#problem-not-found", "There is no such thing")
    told = door.answer("PUT", "policy")
    assert (told.status, told.headers["Allow"], json.loads(told.text)["type"]) == (
        405,
        "GET, PATCH",
        "/api/docs#problem-method-not-allowed",
    )


def test_every_status_has_a_type_of_its_own_when_nothing_more_is_said() -> None:
    assert {KINDS[name].status for name in BY_STATUS.values()} == {one.status for one in KINDS.values()}
    assert (BY_STATUS[409], BY_STATUS[422]) == ("conflict", "refused")
    assert set(ALWAYS) <= set(KINDS)


def test_the_page_explains_every_type_and_every_route_and_needs_nothing_from_elsewhere(door: ApiDoor) -> None:
    told = door.answer("GET", "docs", token="")
    assert (told.status, told.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    for name in KINDS:
        assert f'id="problem-{name}"' in told.text
    anchors, ids = set(re.findall(r'href="#([^"]+)"', told.text)), re.findall(r' id="([^"]+)"', told.text)
    assert anchors <= set(ids)
    assert len(ids) == len(set(ids))
    assert {one["operationId"] for methods in TOLD["paths"].values() for one in methods.values()} <= set(ids)
    assert not re.findall(r'(?:src|href)="(?:https?:)?//|<script|@import|url\(', told.text)
    assert "curl -X POST" in told.text
    assert "prefers-color-scheme: dark" in told.text
