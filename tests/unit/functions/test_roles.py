"""Every route of the API has a role, and a token with less is refused before anything is looked at; by discovery."""

import pytest

from functions.api.main import ROUTES
from functions.api.routing import Route
from shared.domain.roles import Role
from tests.answering import ApiDoor
from tests.builders import WORKSPACE

PAIRS = [pytest.param(route, role, id=f"{route.method} {route.path} as {role}") for route in ROUTES for role in Role]


def path_of(route: Route) -> str:
    return "/".join("1" if part.startswith("{") else part for part in route.path.split("/"))


@pytest.mark.parametrize(("route", "role"), PAIRS)
def test_a_route_serves_its_role_and_those_above_and_nobody_else(door: ApiDoor, route: Route, role: Role) -> None:
    door.let_in("theirs", WORKSPACE, label="theirs", role=role)
    door.world.store.trips.clear()
    status, told = door.ask(route.method, path_of(route), {}, token="theirs")
    assert (status == 403) is not role.includes(route.role)
    if status == 403:
        assert told["detail"] == f"this needs a token of the role {route.role}"
        assert door.world.store.trips == ["get"]  # the token itself


def test_who_changes_something_is_more_than_a_viewer() -> None:
    readings = {"policy/preview", "suppressions/check", "quotas"}
    lax = [route.path for route in ROUTES if route.method != "GET" and route.role is Role.VIEWER and route.path not in readings]
    assert lax == []


def test_each_role_may_do_what_those_before_it_may() -> None:
    assert [[one.includes(other) for other in Role] for one in Role] == [[True, False, False], [True, True, False], [True, True, True]]
