"""Accounts that are disconnected and connected again: mailbox or portal, whatever came meanwhile is done afterwards, once."""

import json

import httpx
import pytest
from google.cloud import secretmanager
from google.cloud.secretmanager_v1.services.secret_manager_service.transports.grpc import SecretManagerServiceGrpcTransport

from infra.cli import invariants
from infra.cli.findings import Health
from infra.seed.loader import OAUTH_CLIENT, SCOPES
from shared.domain.hints import HintState
from shared.domain.outbox import Queue
from shared.domain.pauses import Pause
from shared.domain.run import RunState
from shared.gcp.channels import insecure_transport
from shared.stages.reading.records import run as shown
from tests.pipeline.world import CONTACT, DEMO, GUIDE, JONAS, World

PEOPLE = ((JONAS, DEMO), ("lea@nordwind-textil.example", CONTACT), ("noa@lindgren-paper.example", GUIDE))


@pytest.fixture
def watched(world: World) -> World:
    """With the chores that find what was lost and try again what waits."""
    world.let_come(Queue.RESUME_RUNS, Queue.POLL_FORMS)
    world.advance(seconds=1)
    return world


def disconnect(world: World) -> None:
    """The operator withdraws consent in their Google account."""
    httpx.post(f"{world.suite.urls['oauth2']}/revoke", params={"token": "refresh-mara"}, trust_env=False).raise_for_status()


def connect_again(world: World) -> None:
    operator = world.seeded.operator
    world.suite.oauth2.register(operator.email, "refresh-anew", SCOPES, **OAUTH_CLIENT)
    authorized = {"type": "authorized_user", **OAUTH_CLIENT, "refresh_token": "refresh-anew"}
    transport = insecure_transport(SecretManagerServiceGrpcTransport, world.suite.settings.secrets_emulator_host)
    client = secretmanager.SecretManagerServiceClient(transport=transport)
    name = f"projects/{world.suite.settings.google_cloud_project}/secrets/{operator.refresh_token_secret}"
    client.add_secret_version(parent=name, payload=secretmanager.SecretPayload(data=json.dumps(authorized).encode()))
    transport.close()


def submit_all(world: World) -> None:
    for email, form in PEOPLE:
        world.submit(email, form=form)
        world.advance(seconds=20)


def assert_everybody_is_answered_once(world: World) -> None:
    assert sorted((run.recipient, run.state) for run in world.runs) == sorted((email, RunState.DONE) for email, _ in PEOPLE)
    assert (len(world.gmail_drafts()), len(world.notes()), len(world.tasks())) == (3, 3, 3)
    assert len({note["properties"]["hs_note_body"] for note in world.notes()}) == 3
    assert {run.paused for run in world.runs} == {""}
    assert (world.outbox, world.dead_letters, world.all(Pause)) == ([], [], [])


def test_a_revoked_mailbox_pauses_its_runs_and_loses_none(watched: World, capfd: pytest.CaptureFixture[str]) -> None:
    disconnect(watched)
    submit_all(watched)
    watched.advance(hours=5)

    assert {run.state for run in watched.runs} == {RunState.RECEIVED}
    assert all("reconnect the mailbox" in run.paused for run in watched.runs)
    told = [json.loads(line) for line in capfd.readouterr().out.splitlines() if "run paused until" in line]
    assert sorted(one["entity"] for one in told if one["severity"] == "ERROR") == sorted(run.id for run in watched.runs)
    assert len(told) > 3 * 25  # every ten minutes for five hours
    assert not watched.gmail_drafts()
    assert invariants.nothing_is_paused(watched.store, watched.workspace_id).health is Health.FAIL
    assert invariants.runs_move_on(watched.store, watched.workspace_id, now=watched.suite.clock.now()).health is Health.OK
    assert "plan: " in str(shown(workspace_id=watched.workspace_id, id=watched.runs[0].id, store=watched.store)["paused"])

    connect_again(watched)
    watched.advance(minutes=25)
    assert_everybody_is_answered_once(watched)


def test_a_mailbox_that_dies_before_the_draft_is_placed_gets_it_later(watched: World) -> None:
    watched.fail("gmail", "drafts.*", status=401)
    submit_all(watched)
    watched.advance(hours=2)
    assert {run.state for run in watched.runs} == {RunState.GATED}

    watched.heal("gmail")
    watched.advance(minutes=25)
    assert_everybody_is_answered_once(watched)


@pytest.mark.parametrize("routes", [("*",), ("notes.*", "tasks.*")], ids=["before anything", "before the entry"])
def test_a_revoked_portal_token_pauses_and_loses_nothing(watched: World, routes: tuple[str, ...]) -> None:
    for email, form in PEOPLE:
        watched.submit(email, form=form)  # the webhooks are on their way
    for route in routes:
        watched.fail("hubspot", route, status=401)
    watched.advance(hours=3)
    assert not watched.notes()
    assert watched.all(Pause)
    assert {hint.state for hint in watched.hints} <= {HintState.PAUSED, HintState.RESOLVED}

    watched.heal("hubspot")
    watched.advance(minutes=25)
    assert_everybody_is_answered_once(watched)
