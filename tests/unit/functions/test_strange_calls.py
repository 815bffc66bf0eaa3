"""Requests that somebody makes up from the OpenAPI document, some as it says and some not: no failure, nothing that is not documented."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Request, Response

from functions.api.document import document
from functions.api.main import api
from functions.api.resources import every_route
from functions.api.routing import Route
from tests.neighbours import Neighbours
from tests.unit.functions.test_isolation import BODIES, ONLY_NAME, OUR_NAME, named

ROUTES = every_route()

SCHEMA = schemathesis.openapi.from_dict(document(ROUTES, server="http://localhost/api"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
FEW, MANY = 12, 1_000


@Request.application
def function(request: Request) -> Response:
    body, status, headers = api(request)
    return Response(body, status, headers)


APP = DispatcherMiddleware(Response("elsewhere", 404), {"/api": function})


def tried(route: Route, one: Neighbours, *, examples: int) -> list[int]:
    """The statuses that were answered."""
    id = ONLY_NAME.get(route.path) or OUR_NAME.get(route.path, "draft-1")
    operation = SCHEMA[f"/{route.path}"][route.method]
    modes = [operation.as_strategy(generation_mode=mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)]
    told: list[int] = []

    @settings(max_examples=examples, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=st.one_of(modes), ours=st.booleans())
    def ask(case: Any, ours: bool) -> None:
        if ours and case.path_parameters:
            case.path_parameters = {name: {"id": id, "number": "1"}[name] for name in case.path_parameters}
        if ours and isinstance(case.body, dict):
            case.body = _almost(route, id, one, case.body)
        response = case.call(app=APP, base_url="http://localhost/api", headers={"Authorization": "Bearer good"})
        told.append(response.status_code)
        case.validate_response(response, checks=CHECKS)

    ask()
    assert '"bug"' not in one.door.logged, one.door.logged
    return told


def _almost(route: Route, id: str, one: Neighbours, made_up: dict[str, Any]) -> dict[str, Any]:
    """A body that is right but for one field, or wholly: the first look at it is not where it ends."""
    right = BODIES[named(route)](id, one.world.fingerprint)
    assert isinstance(right, dict)
    field = sorted(made_up)[len(made_up) // 2] if made_up else ""
    return {**right, field: made_up[field]} if field else right


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_nothing_that_anybody_asks_makes_a_route_fail(monkeypatch: pytest.MonkeyPatch, route: Route) -> None:
    assert tried(route, Neighbours(monkeypatch), examples=FEW)


@pytest.mark.nightly
@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_nothing_that_anybody_asks_for_long_makes_a_route_fail(monkeypatch: pytest.MonkeyPatch, route: Route) -> None:
    assert tried(route, Neighbours(monkeypatch), examples=MANY)
