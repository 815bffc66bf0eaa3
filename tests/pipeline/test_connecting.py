"""Connecting on the whole suite: what comes back counts once, in the browser it left from; secrets stay where they are."""

import json
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from emulators.faults import Kind
from infra.suite import DELEGATE_CLIENT_ID
from shared.connectors.google_oauth.scopes import SCOPES
from shared.domain.audit import AuditEntry
from shared.domain.connections import Connection, Consent
from shared.domain.outbox import Queue
from shared.domain.run import RunState
from tests.pipeline.connecting import WAYS, Connecting
from tests.pipeline.world import World


@pytest.mark.parametrize("id", WAYS)
def test_an_answer_counts_once_and_only_in_the_browser_it_left_from(world: World, id: str) -> None:
    here, elsewhere = Connecting(world), Connecting(world)
    back = here.agree(here.begin(id))
    assert elsewhere.http.get(back).status_code == 403
    assert here.http.head(back).status_code == 405
    assert world.all(Consent) != []
    assert here.http.get(back).headers["location"] == "/console/connect?told=connected"
    again = here.http.get(back)
    assert (again.status_code, "begin again" in again.text) == (403, True)
    assert world.all(Consent) == []


def test_an_answer_is_for_whoever_has_signed_in(world: World) -> None:
    here = Connecting(world)
    back = here.agree(here.begin("google-mara"))
    assert httpx.get(back, trust_env=False).headers["location"].startswith("/console/sign-in")


@pytest.mark.parametrize("id", WAYS)
def test_what_is_connected_anew_carries_a_form_to_its_end(world: World, id: str) -> None:
    here = Connecting(world)
    assert here.connect(id).status_code == 303
    world.submit()
    world.run_to_the_end()
    assert world.only_run.state is RunState.DONE
    assert [one.secret_version for one in world.all(Connection) if one.id == id] == [2]
    assert {"google.connected", "hubspot.connected"} & {one.action for one in world.all(AuditEntry)}


def test_after_disconnecting_what_comes_waits_and_connecting_again_loses_nothing(world: World) -> None:
    here = Connecting(world)
    here.connect("google-mara")
    assert here.press("google-mara", "check").status_code == 303
    assert here.press("google-mara", "disconnect").status_code == 303
    world.submit()
    world.settle()
    assert world.only_run.paused
    world.advance(minutes=2)
    here.connect("google-mara")
    world.run_to_the_end()
    assert (world.only_run.state, world.only_run.paused) == (RunState.DONE, "")
    assert len(world.gmail_drafts()) == 1


def test_no_page_address_or_log_holds_a_credential(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    here, seen = Connecting(world), list[str]()
    for id in WAYS:
        back = here.agree(here.begin(id))
        seen += [parse_qs(urlsplit(back).query)["code"][0]]
        answer = here.http.get(back)
        assert seen[-1] not in answer.text + answer.headers["location"]
    grants = world.suite.oauth2.state
    seen += [
        *grants.grants,
        *grants.access_tokens,
        *world.suite.hubspot.oauth.dump()["refresh"],
        *world.suite.hubspot.oauth.dump()["access"],
    ]
    page = here.http.get(f"{here.console}/connect").text
    kept = json.dumps([one.model_dump(mode="json") for kind in (Connection, AuditEntry, Consent) for one in world.all(kind)])
    logged = capsys.readouterr().out
    assert len(seen) > 6
    assert not [one for one in seen if one in page or one in kept or one in logged]


def test_another_site_cannot_begin_or_end_anything(world: World) -> None:
    here = Connecting(world)
    here.http.headers["Sec-Fetch-Site"] = "cross-site"
    for what in ("begin", "check", "disconnect"):
        assert here.press("google-mara", what).status_code == 403
    assert world.all(Consent) == []


def let_in(world: World, *scopes: str) -> None:
    """In the Workspace's Admin console; nothing takes the line away."""
    world.suite.oauth2.delegate("tidewater.example", client_id=DELEGATE_CLIENT_ID, scopes=scopes)


def test_a_workspace_that_lets_us_in_is_connected_at_once_and_carries_a_form_to_its_end(world: World) -> None:
    here = Connecting(world)
    let_in(world, *SCOPES.values())
    assert here.http.post(f"{here.console}/connect/delegate").status_code == 303
    world.suite.oauth2.revoke("mara@tidewater.example")  # her own consent is not needed any more
    world.submit()
    world.run_to_the_end()
    assert world.only_run.state is RunState.DONE
    assert [one.agreement for one in world.all(Connection) if one.id == "google-mara"] == ["delegation"]


def test_a_line_taken_from_the_admin_console_pauses_and_put_back_loses_nothing(world: World) -> None:
    here = Connecting(world)
    world.let_come(Queue.RESUME_RUNS)
    let_in(world, *SCOPES.values())
    here.http.post(f"{here.console}/connect/delegate")
    world.settle()
    let_in(world)
    world.advance(minutes=61)
    world.submit()
    world.advance(minutes=61)
    assert f"add client id {DELEGATE_CLIENT_ID}" in world.only_run.paused
    let_in(world, *SCOPES.values())
    world.advance(minutes=25)  # nobody connects anything: the next try gets in
    world.run_to_the_end()
    assert (world.only_run.state, world.only_run.paused) == (RunState.DONE, "")
    assert len(world.gmail_drafts()) == 1


def test_a_workspace_that_does_not_let_us_in_is_told_what_to_enter_and_keeps_its_consent(world: World) -> None:
    here = Connecting(world)
    answer = here.http.post(f"{here.console}/connect/delegate")
    assert answer.status_code == 409
    assert f"add client id {DELEGATE_CLIENT_ID} with exactly these scopes: {','.join(SCOPES.values())}" in answer.text
    world.submit()
    world.run_to_the_end()
    assert world.only_run.state is RunState.DONE


def test_a_consent_that_cannot_be_taken_back_when_delegation_replaces_it_is_told_with_what_to_do(world: World) -> None:
    here = Connecting(world)
    let_in(world, *SCOPES.values())
    world.fail("oauth2", "revoke", Kind.STATUS, status=503)
    answer = here.http.post(f"{here.console}/connect/delegate")
    assert "remove sales-agent at myaccount.google.com/permissions" in answer.text
    assert [one.agreement for one in world.all(Connection) if one.id == "google-mara"] == ["delegation"]
    world.heal("oauth2")
    assert here.http.post(f"{here.console}/connect/delegate").status_code == 303
