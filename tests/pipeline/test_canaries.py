"""The canary goes in through the webhook, through every function, and touches nobody; when it does not come out, we hear of it."""

import json
from datetime import timedelta

import httpx
import pytest

from infra.cli import invariants
from infra.cli.findings import Health
from shared.domain.canary import ADDRESS, STOPPED
from shared.domain.canary_fate import LATEST, Canary
from shared.domain.hints import HintSource
from shared.domain.outbox import Queue
from shared.domain.people import Contact
from shared.domain.run import Run, RunState
from shared.domain.voice import VoiceProfile
from shared.ports.store import Put
from tests.pipeline.world import World


@pytest.fixture
def singing(world: World) -> World:
    world.let_come(Queue.CANARY)
    return world


def latest(world: World) -> Canary:
    found = world.store.get(Canary, workspace_id=world.workspace_id, id=LATEST)
    assert found is not None
    return found.entity


def health(world: World) -> Health:
    return invariants.canary_sings(world.store, world.seeded.workspace, now=world.suite.clock.now()).health


def get(world: World, path: str, **query: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {world.seeded.api_token}"}
    return httpx.get(f"{world.suite.urls['functions']}/api/{path}", params=query, headers=headers)


def test_a_canary_takes_every_step_and_touches_nobody(singing: World) -> None:
    contacts = singing.crm("contacts")
    singing.advance(minutes=6)

    [run] = singing.all(Run)
    assert (run.synthetic, run.recipient, run.state) == (True, ADDRESS, RunState.DONE)
    assert [step.state.value for step in run.history] == ["received", "planned", "drafted", "gated", "placed", "logged", "done"]
    assert run.history[4].note == STOPPED
    assert run.crm is None
    assert [hint.announced.source for hint in singing.hints] == [HintSource.CANARY]
    assert (singing.gmail_drafts(), singing.notes(), singing.tasks(), singing.crm("contacts")) == ([], [], [], contacts)
    assert not singing.all(Contact)
    assert (singing.outbox, singing.dead_letters) == ([], [])
    assert health(singing) is Health.OK


def test_canaries_come_every_hour_and_each_is_looked_at_by_the_next(singing: World) -> None:
    singing.advance(hours=3, minutes=6)

    assert len(singing.all(Run)) == 4
    assert latest(singing).alarm == ""
    assert latest(singing).passed_at is not None


def test_canaries_are_in_no_list_but_their_own(singing: World) -> None:
    singing.advance(minutes=6)
    singing.submit()
    singing.settle()

    assert [one["recipient"] for one in get(singing, "runs").json()["items"]] == ["jonas.keller@halden-foods.example"]
    assert [one["recipient"] for one in get(singing, "runs", canaries="true").json()["items"]] == [ADDRESS]
    assert [one["recipient"] for one in get(singing, "drafts").json()["items"]] == ["jonas.keller@halden-foods.example"]
    assert get(singing, "runs", canaries="perhaps").status_code == 400
    assert get(singing, "canaries/latest").json()["handle"] == latest(singing).handle
    assert get(singing, "canaries").status_code == 404
    assert get(singing, f"runs/{latest(singing).handle}").json()["progress"] == "SUCCESS"


def test_the_alarm_rings_while_planning_is_broken_and_stops_afterwards(singing: World, capfd: pytest.CaptureFixture[str]) -> None:
    singing.advance(minutes=6)
    singing.fail("gmail", "*", until=singing.start + timedelta(hours=1, minutes=55))
    singing.advance(hours=1)
    assert health(singing) is Health.OK  # sent a minute ago: it may still come through
    singing.advance(minutes=15)
    assert health(singing) is Health.FAIL
    capfd.readouterr()
    singing.advance(minutes=45)

    told = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    [complaint] = [one for one in told if one["message"] == "a canary did not come through"]
    assert (complaint["severity"], complaint["workspace_id"]) == ("ERROR", singing.workspace_id)
    assert "it has stood at “received”" in complaint["detail"]
    assert get(singing, "canaries/latest").json()["alarm"] == complaint["detail"]

    singing.advance(hours=1)
    assert latest(singing).alarm == ""
    assert health(singing) is Health.OK


def test_a_webhook_that_lets_nobody_in_is_heard_of_at_once(singing: World, capfd: pytest.CaptureFixture[str]) -> None:
    workspace = singing.seeded.workspace
    wrong = workspace.model_copy(update={"crm": workspace.crm.model_copy(update={"portal_id": "999"})})
    singing.store.save_workspace(workspace=wrong)
    singing.advance(minutes=6)

    assert "without a handle" in latest(singing).trouble
    assert "a canary did not come through" in capfd.readouterr().out
    assert health(singing) is Health.FAIL


def test_a_workspace_may_switch_its_canary_off(singing: World) -> None:
    quiet = singing.seeded.workspace.model_copy(update={"canary": False})
    singing.store.save_workspace(workspace=quiet)
    singing.advance(hours=1, minutes=6)

    assert not singing.all(Run)
    assert invariants.canary_sings(singing.store, quiet, now=singing.suite.clock.now()).health is Health.WARN


def test_a_canary_the_gate_refuses_says_so(singing: World) -> None:
    operator = singing.seeded.operator.id
    voice = singing.store.get(VoiceProfile, workspace_id=singing.workspace_id, id=operator)
    assert voice is not None
    singing.store.commit(
        Put(voice.entity.model_copy(update={"sign_off_formal": "Regards, {name}", "sign_off_conversational": "Best, {name}"}))
    )
    singing.advance(minutes=6)

    [run] = singing.all(Run)
    assert (run.state, run.failed_stage) == (RunState.FAILED, "gate")
    assert (singing.notes(), singing.tasks()) == ([], [])
    found = invariants.canary_sings(singing.store, singing.seeded.workspace, now=singing.suite.clock.now())
    assert (found.health, "it failed in gate" in found.detail) == (Health.FAIL, True)
