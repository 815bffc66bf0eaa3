"""Every route of the API has a role, and whoever has less is refused before anything is looked at; by discovery."""

import pytest

from functions.api.resources import every_route
from functions.api.routing import Route
from shared.domain.audit import AuditEntry
from shared.domain.ids import OperatorId, WorkspaceId
from shared.domain.roles import Role
from shared.domain.workspace import SignInRoute, sign_in_id
from tests.answering import ApiDoor
from tests.builders import OPERATOR, WORKSPACE

ROUTES = every_route()

BEHIND_A_TOKEN = [one for one in ROUTES if not one.is_open]
OPEN = [one for one in ROUTES if one.is_open]
ROBOT, PERSON, STRANGER = "nightly@crm.iam.gserviceaccount.com", "jo@northwind.example", "eve@elsewhere.example"


def named(route: Route) -> str:
    return f"{route.method} {route.path}"


PAIRS = [pytest.param(route, role, id=f"{named(route)} as {role}") for route in BEHIND_A_TOKEN for role in Role]


def path_of(route: Route) -> str:
    return "/".join("1" if part.startswith("{") else part for part in route.path.split("/"))


def known(door: ApiDoor, address: str, role: Role, *, operator: str = "", workspace: WorkspaceId = WORKSPACE) -> str:
    """The identity token of a Google account that the workspace knows."""
    token = f"header.{sign_in_id(address)}.signature"
    door.identities.addresses[token] = address
    operator_id = OperatorId(operator)
    door.world.store.add_route(route=SignInRoute(id=sign_in_id(address), workspace_id=workspace, operator_id=operator_id, role=role))
    return token


@pytest.mark.parametrize(("route", "role"), PAIRS)
def test_a_route_serves_its_role_and_those_above_and_nobody_else(door: ApiDoor, route: Route, role: Role) -> None:
    door.let_in("theirs", WORKSPACE, label="theirs", role=role)
    door.world.store.trips.clear()
    status, told = door.ask(route.method, path_of(route), {}, token="theirs")
    assert (status == 403) is not role.includes(route.role)
    if status == 403:
        assert told["detail"] == f"this needs a token of the role {route.role}"
        assert sorted(door.world.store.trips) == ["commit", "get", "read"]  # the token itself, and how often it was used


@pytest.mark.parametrize("address", [ROBOT, PERSON])
@pytest.mark.parametrize(("route", "role"), PAIRS)
def test_a_google_account_may_do_what_its_role_may(door: ApiDoor, route: Route, role: Role, address: str) -> None:
    token = known(door, address, role, operator=OPERATOR if address == PERSON else "")
    status, _ = door.ask(route.method, path_of(route), {}, token=token)
    assert (status == 403) is not role.includes(route.role)
    assert status != 401


@pytest.mark.parametrize("route", BEHIND_A_TOKEN, ids=named)
@pytest.mark.parametrize("token", ["", "wrong", "header.unknown.signature"])
def test_without_somebody_we_know_nothing_is_looked_at(door: ApiDoor, route: Route, token: str) -> None:
    door.world.store.trips.clear()
    told = door.answer(route.method, path_of(route), {}, token=token)
    assert (told.status, told.headers["WWW-Authenticate"], told.headers["Content-Type"]) == (401, "Bearer", "application/problem+json")
    assert sorted(door.world.store.trips) == (["commit", "get", "read"] if token else [])  # the guess was looked up, and counted


@pytest.mark.parametrize("route", BEHIND_A_TOKEN, ids=named)
def test_a_google_account_that_no_workspace_knows_is_answered_like_a_wrong_token(door: ApiDoor, route: Route) -> None:
    door.identities.addresses["header.eve.signature"] = STRANGER
    wrong = door.answer(route.method, path_of(route), {}, token="wrong")
    assert door.answer(route.method, path_of(route), {}, token="header.eve.signature")[:2] == wrong[:2]


@pytest.mark.parametrize("route", OPEN, ids=named)
def test_an_open_route_needs_nobody_and_changes_nothing(door: ApiDoor, route: Route) -> None:
    assert route.method == "GET"
    told = door.answer(route.method, path_of(route), token="")
    assert told.status == 200, told.text
    assert "commit" not in door.world.store.trips
    assert told[:2] == door.answer(route.method, path_of(route), token="wrong")[:2]


def test_what_is_open_is_known_here() -> None:
    assert {one.path for one in OPEN} == {"openapi.json", "docs", "health/live", "health/ready"}


def test_who_changes_something_is_more_than_a_viewer() -> None:
    readings = {"policy/preview", "suppressions/check", "quotas"}
    lax = [route.path for route in ROUTES if route.method != "GET" and route.role is Role.VIEWER and route.path not in readings]
    assert lax == []


def test_each_role_may_do_what_those_before_it_may() -> None:
    assert [[one.includes(other) for other in Role] for one in Role] == [[True, False, False], [True, True, False], [True, True, True]]


@pytest.mark.parametrize(("address", "operator", "label"), [(ROBOT, "", f"service {ROBOT}"), (PERSON, OPERATOR, OPERATOR)])
def test_what_a_google_account_decides_is_written_down_under_its_name(door: ApiDoor, address: str, operator: str, label: str) -> None:
    status, told = door.ask("POST", "policy/kill", {"reason": "a drill"}, token=known(door, address, Role.OPERATOR, operator=operator))
    assert (status, told["changed_by"]) == (200, label)
    [entry] = door.world.store.everything(AuditEntry)
    assert entry.actor.label == label


def test_a_google_account_of_another_workspace_decides_there_alone(door: ApiDoor) -> None:
    token = known(door, ROBOT, Role.ADMIN, workspace=WorkspaceId("fabrikam"))
    door.ask("POST", "policy/kill", {"reason": "a drill"}, token=token)
    assert door.ask("GET", "policy")[1]["version"] == 0
    assert door.ask("GET", "policy", token=token)[1]["version"] == 1
