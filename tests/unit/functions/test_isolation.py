"""A workspace never sees, counts or touches another's data: every route and every function, found by discovery.

What is asked of the store is recorded, and the other workspace is given a document at each of those places: a new route or function needs
no entry here, except for what its body has to say. Three worlds are compared: with them, without them, and with them but a name nobody has.
"""

import json
import re
from collections.abc import Callable, Mapping

import pytest

from functions.api.resources import every_route
from functions.api.routing import Route
from functions.console.main import ROUTES as PAGES
from functions.console.visits import PageRoute
from infra.manifests import TriggerKind, load_all
from shared.domain.allowance import Allowance
from shared.domain.assets import INDEX_ID
from shared.domain.canary_fate import LATEST
from shared.domain.circuit import Circuit
from shared.domain.draft import Draft
from shared.domain.polling import FORMS
from shared.domain.sends import Send
from tests.builders import OPERATOR, WORKSPACE
from tests.neighbours import HOOK, THEIR_PORTAL, VISITOR, Neighbours, Place, Told
from tests.planting import PLANTED, WORD, planted

ROUTES = every_route()

THEIRS, NOBODYS = "theirs-0001", "nobody-0001"
DELIVERED = {name: one for name, one in load_all().items() if one.trigger.kind not in (TriggerKind.HTTP, TriggerKind.SCHEDULE)}
TICKING = [name for name, one in load_all().items() if one.trigger.kind is TriggerKind.SCHEDULE]
OPEN = [name for name, one in load_all().items() if one.trigger.kind is TriggerKind.HTTP]
DERIVED = re.compile(f"{THEIRS}|{NOBODYS}|[0-9a-f]{{26,}}")
ANSWERED_ITEM_BY_ITEM = "drafts/approvals"
ONLY_NAME = {"index/{id}": INDEX_ID, "canaries/{id}": LATEST, "polls/{id}": FORMS}
"""Routes to what a workspace has one of: everybody's has the same id."""
EVERYBODYS = (Allowance, Circuit)
"""Kept for callers before anybody knows whose they are, and for the vendors that one account serves all with."""
OUR_NAME = {"runs/{id}": "run_1", "mailboxes/{id}": OPERATOR}

NAMED_BY_US = ("connect/", "connections/", "mailboxes/")
"""What can be connected, and whose mailbox it is, is named by the workspace itself, and looked for nowhere else."""

REASON = "it was asked for"
BODIES: Mapping[str, Callable[[str, str], object]] = {
    "POST connections/{id}/delegate": lambda id, seen: {},
    "POST drafts/approvals": lambda id, seen: {"drafts": [{"id": id, "fingerprint": seen}]},
    "POST drafts/{id}/approve": lambda id, seen: {"fingerprint": seen},
    "POST drafts/{id}/edit": lambda id, seen: {"subject": "Your summit", "body": "Hi Ana,\n\nWhat matters most to you?", "revision": 1},
    "POST drafts/{id}/reject": lambda id, seen: {"reason": "other", "note": id},
    "POST drafts/{id}/regenerate": lambda id, seen: {"instruction": "shorter"},
    "POST drafts/{id}/snooze": lambda id, seen: {"until": "2026-11-30T09:00:00Z"},
    "POST sends/{id}/resolve": lambda id, seen: {"word": "left"},
    "POST dead-letters/{id}/resolve": lambda id, seen: {"note": "it was tried by hand"},
    "PATCH workspace": lambda id, seen: {"postal_address": "Rua Nova 2, Lisbon"},
    "PATCH mailboxes/{id}": lambda id, seen: {"way": "smtp", "smtp": {"host": "mail.northwind.example"}},
    "PATCH policy": lambda id, seen: {"patch": {"mode": "DRAFT_ONLY"}, "based_on": 1, "reason": REASON},
    "POST policy/rollback": lambda id, seen: {"version": 7, "based_on": 1, "reason": REASON},
    "POST policy/preview": lambda id, seen: {"patch": {"mode": "DRAFT_ONLY"}},
    "POST policy/kill": lambda id, seen: {"reason": REASON},
    "POST policy/release": lambda id, seen: {"reason": REASON},
    "POST suppressions": lambda id, seen: {"value": id, "scope": "company"},
    "POST suppressions/check": lambda id, seen: {"value": "ana@them.example", "company_id": id},
    "POST suppressions/lift": lambda id, seen: {"value": id, "scope": "company", "reason": "mistake"},
    "POST suppressions/import": lambda id, seen: {"content": "email\nana@them.example\n", "name": "list.csv"},
    "PATCH notices": lambda id, seen: {"slack_channel": "C0SALES001"},
    "POST forget": lambda id, seen: {"address": "ana@them.example", "reason": "asked"},
    "POST quotas": lambda id, seen: {"contact": "ana@them.example"},
}
"""What a body says of the draft (or company) with that id, of which that fingerprint was seen."""

World = Callable[..., Neighbours]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return lambda theirs=(): Neighbours(monkeypatch, theirs)


def named(route: Route) -> str:
    return f"{route.method} {route.path}"


def asked(one: Neighbours, route: Route, id: str, *, query: str = "") -> Told:
    seen = one.world.fingerprint
    body = BODIES[named(route)](id, seen) if route.body else None
    return one.ask(route.method, route.path.replace("{id}", id).replace("{number}", "1"), body, query=query)


def moved_in(told: Told) -> list[Place]:
    """They have something wherever we looked, and in every list we read."""
    return [*told.places, *(Place(kind, f"{THEIRS}-{one}") for kind in told.listed for one in ("listed", "not"))]


def nothing_shows(told: Told) -> None:
    assert not [mark for mark in PLANTED if mark in str(told)], str(told)
    assert '"bug"' not in told.logged, told.logged


def as_if(told: Told) -> tuple[object, ...]:
    """With the id that was named taken out, and what is derived from it."""
    return told.status, *(DERIVED.sub("…", text) for text in (told.answer, told.logged)), told.shape


def compared(world: World, call: Callable[[Neighbours, str], Told], *, id: str = THEIRS) -> tuple[Told, list[Place]]:
    """How it ends with what is theirs, which is as if they were not there, and the places where they have something."""
    alone = call(world(), id)
    places = moved_in(alone)
    beside = world(places)
    before, told = beside.theirs, call(beside, id)
    assert told == alone
    assert beside.theirs == before
    assert {one.workspace_id for one in told.asked if one.kind not in EVERYBODYS} <= {WORKSPACE, ""}
    nothing_shows(told)
    return told, places


def test_what_is_planted_shows_in_every_kind_of_document() -> None:
    """Or nobody would notice that it does."""
    kinds = {place.kind for place in _every_place()}
    assert len(kinds) > 12
    for kind in kinds:
        told = planted(kind, workspace_id=WORKSPACE, id="x").model_dump_json(warnings=False)
        assert any(mark in told for mark in PLANTED), kind


def test_every_route_with_a_body_says_here_what_it_says() -> None:
    assert set(BODIES) == {named(route) for route in ROUTES if route.body}


@pytest.mark.parametrize("route", [one for one in ROUTES if "{" in one.path], ids=named)
def test_what_is_theirs_is_refused_as_what_nobody_has(world: World, route: Route) -> None:
    id = ONLY_NAME.get(route.path, THEIRS)
    told, places = compared(world, lambda one, id: asked(one, route, id), id=id)
    assert told.status == 404
    looked_for = any(place.id == id or place.kind.__name__ == "Revision" for place in places)
    assert looked_for or route.path.startswith(NAMED_BY_US), "the route looks for nothing they have"
    if id == THEIRS:
        assert as_if(asked(world(places), route, NOBODYS)) == as_if(told)


@pytest.mark.parametrize("route", [one for one in ROUTES if "{" not in one.path and one.body], ids=named)
def test_what_is_theirs_in_a_body_is_what_nobody_has(world: World, route: Route) -> None:
    told, places = compared(world, lambda one, id: asked(one, route, id))
    assert as_if(asked(world(places), route, NOBODYS)) == as_if(told)
    if route.path == ANSWERED_ITEM_BY_ITEM:
        assert f'"id": "{THEIRS}", "approved": false' in told.answer


@pytest.mark.parametrize("name", ["after", "start", "draft", "actor", "company", "contact"])
@pytest.mark.parametrize("route", [one for one in ROUTES if "{" not in one.path and one.method == "GET"], ids=named)
def test_a_cursor_or_a_filter_of_theirs_is_one_that_nobody_has(world: World, route: Route, name: str) -> None:
    id = {"start": f"blocks-{THEIRS}", "contact": "ana@them.example"}.get(name, THEIRS)
    told, places = compared(world, lambda one, id: asked(one, route, id, query=f"{name}={id}"), id=id)
    assert as_if(asked(world(places), route, NOBODYS, query=f"{name}={id.replace(THEIRS, NOBODYS)}")) == as_if(told)


@pytest.mark.parametrize("cursor", ["7-" + THEIRS, "0-" + THEIRS])
@pytest.mark.parametrize("kind", ["json", "csv"])
def test_an_export_does_not_go_on_behind_an_entry_of_theirs(world: World, kind: str, cursor: str) -> None:
    query = f"format={kind}&after={cursor}"
    told, places = compared(world, lambda one, _: one.ask("GET", "audit/export", query=query))
    assert as_if(world(places).ask("GET", "audit/export", query=query.replace(THEIRS, NOBODYS))) == as_if(told)


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_what_is_ours_is_answered_as_if_there_were_nobody_else(world: World, route: Route) -> None:
    """They have documents with the same ids, a full day, a kill switch, suppressions and a log: none of it counts for us."""
    compared(world, lambda one, id: asked(one, route, id), id=ONLY_NAME.get(route.path) or OUR_NAME.get(route.path, "draft-1"))


@pytest.mark.parametrize("name", DELIVERED)
def test_a_delivery_of_ours_that_names_what_is_theirs_ends_like_one_that_names_nothing(world: World, name: str) -> None:
    manifest = DELIVERED[name]
    told, places = compared(world, lambda one, id: one.deliver(manifest, id))
    if not manifest.chore:
        assert any(place.id == THEIRS for place in places), "the function looks for nothing they have"
    assert as_if(world(places).deliver(manifest, NOBODYS)) == as_if(told)


@pytest.mark.parametrize("id", ["run_1", "draft-1", "20261123T0900"])
@pytest.mark.parametrize("name", DELIVERED)
def test_a_delivery_of_ours_ends_as_if_there_were_nobody_else(world: World, name: str, id: str) -> None:
    compared(world, lambda one, id: one.deliver(DELIVERED[name], id), id=id)


@pytest.mark.parametrize("name", TICKING)
def test_a_tick_takes_no_orders(world: World, name: str) -> None:
    """It comes for every workspace; whatever stands in it changes nothing."""
    ordered = f'{{"workspace_id": "{WORD}", "id": "{THEIRS}"}}'.encode()
    assert world().post(name, ordered) == world().post(name, b"")


def _webhook(one: Neighbours, id: str) -> Told:
    event = {"portalId": "4242", "workspace_id": WORD, "note": id, "email": VISITOR, "form_guid": "form-demo", "submittedAt": 1795424400000}
    return one.post("form_webhook", json.dumps(event).encode())


def _import(one: Neighbours, id: str) -> Told:
    row = {"email": VISITOR, "id": id, "contact_id": id, "workspace_id": WORD, "company": "Brightleaf"}
    return one.post("imports", json.dumps([row]).encode())


COMES_IN: Mapping[str, Callable[[Neighbours, str], Told]] = {"form_webhook": _webhook, "imports": _import}


def _carrier(one: Neighbours, id: str) -> Told:
    event = {"event": "delivered", "email": VISITOR, "timestamp": 1795424400, "sg_event_id": "event-1", "send_id": id}
    return one.post("sendgrid_events", json.dumps([event]).encode(), path=f"/{WORKSPACE}")


def test_an_event_about_a_send_of_theirs_is_about_one_that_nobody_has(world: World) -> None:
    told, places = compared(world, _carrier)
    assert Send in {place.kind for place in places}
    assert as_if(_carrier(world(places), NOBODYS)) == as_if(told)
    assert (told.status, json.loads(told.answer.partition("\n")[0])) == (200, {"heard": 0})


@pytest.mark.parametrize("name", [one for one in OPEN if one not in ("api", "console", "sendgrid_events", "unsubscribe", "track")])
def test_what_comes_in_for_us_becomes_a_draft_as_if_there_were_nobody_else(world: World, name: str) -> None:
    """They know the same person, and have a run, a draft and a mail under every id of ours."""
    told, _ = compared(world, lambda one, id: one.carried_on(COMES_IN[name](one, id)))
    assert Draft in {place.kind for place in told.places}


def test_their_portal_at_our_address_is_one_that_nobody_has_connected(world: World) -> None:
    def told(one: Neighbours, portal: str) -> Told:
        return one.post("form_webhook", json.dumps({"portalId": portal, "email": VISITOR}).encode(), path=f"/{HOOK}")

    theirs, nobodys = told(world([Place(Draft, THEIRS)]), THEIR_PORTAL), told(world(), "4344")
    assert theirs.answer.replace(THEIR_PORTAL, "…") == nobodys.answer.replace("4344", "…")
    assert "is not connected" in theirs.answer
    assert (theirs.logged, theirs.places) == (nobodys.logged, [])


def looked(one: Neighbours, route: PageRoute, id: str) -> Told:
    form = {"fingerprint": one.world.fingerprint, "subject": "Your summit", "body": "Hi Ana,\n\nWhat matters most?", "revision": "1"}
    further = {"reason": "other", "note": "no", "until": "tomorrow", "instruction": "shorter", "word": "left"}
    chosen = {"wanted": f"{id} {one.world.fingerprint}", "confirmed": "yes"}
    return one.look(route.method, route.path.replace("{id}", id), {**form, **further, **chosen})


@pytest.mark.parametrize("route", [one for one in PAGES if "{" in one.path], ids=lambda one: f"{one.method} {one.path}")
def test_a_page_of_theirs_is_refused_as_one_that_nobody_has(world: World, route: PageRoute) -> None:
    told, places = compared(world, lambda one, id: looked(one, route, id))
    assert told.status == 404, told
    assert places or route.path.startswith(NAMED_BY_US), "the page looks for nothing they have"
    assert as_if(looked(world(places), route, NOBODYS)) == as_if(told)


@pytest.mark.parametrize(
    "route", [one for one in PAGES if not one.path.startswith(("assets/", "sign"))], ids=lambda one: f"{one.method} {one.path}"
)
@pytest.mark.parametrize("id", ["draft-1", THEIRS])
def test_a_page_of_ours_is_shown_as_if_there_were_nobody_else(world: World, route: PageRoute, id: str) -> None:
    told, places = compared(world, lambda one, id: looked(one, route, id), id=id)
    if id == THEIRS:
        assert as_if(looked(world(places), route, NOBODYS)) == as_if(told)


def _approved(one: Neighbours) -> Told:
    return one.ask("POST", "drafts/draft-1/approve", {"fingerprint": one.world.fingerprint})


def _anew(one: Neighbours) -> Told:
    return one.ask("POST", "drafts/draft-1/regenerate", {"instruction": "shorter"})


@pytest.mark.parametrize("begun", [_approved, _anew])
def test_what_we_decide_is_carried_out_as_if_there_were_nobody_else(world: World, begun: Callable[[Neighbours], Told]) -> None:
    """Their kill switch is on, their day is full, and they have heard from everybody."""
    worlds: list[Neighbours] = []

    def carried_out(one: Neighbours, _: str) -> Told:
        worlds.append(one)
        return one.carried_on(begun(one))

    told, _ = compared(world, carried_out)
    assert "not served" not in told.logged
    assert [len(one.world.mailbox.left) for one in worlds] == ([1, 1] if begun is _approved else [0, 0])


def _every_place() -> set[Place]:
    with pytest.MonkeyPatch.context() as patch:
        return {place for route in ROUTES for place in asked(Neighbours(patch), route, "draft-1").places}
