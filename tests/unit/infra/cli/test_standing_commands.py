"""The commands of status, mailboxes and dead letters, against the API's own function."""

import json

import pytest

from infra.cli import standing_commands
from infra.cli.failures import ExitCode
from shared.domain.circuit import Circuit, CircuitState
from shared.stages.deciding.dead_letters import LetterBox
from shared.wiring import ports
from tests.answering import ApiDoor
from tests.builders import WORKSPACE
from tests.letters import a_dead_letter
from tests.unit.infra.cli.test_policy_commands import Terminal
from tests.unit.stages.world import StageWorld


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> StageWorld:
    world = StageWorld()
    door = ApiDoor(world, monkeypatch)
    ports._built["letter_box"] = LetterBox(store=world.store, clock=world.clock, audit=world.audit)
    monkeypatch.setattr(standing_commands, "opened", lambda _url, _token: door.client)
    return world


@pytest.fixture
def terminal(capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(capsys)


def test_the_status_says_what_waits_and_who_does_not_answer(world: StageWorld, terminal: Terminal) -> None:
    opened = Circuit(id="gmail", workspace_id=WORKSPACE, state=CircuitState.OPEN, changed_at=world.clock.now(), reason="it times out")
    world.put(opened, a_dead_letter())
    told = terminal.run("status")
    assert "DRAFT_ONLY, policy version 0" in told
    assert "1 dead letters open" in told
    assert "gmail held back never it times out" in told
    assert json.loads(terminal.run("status", "--json"))["dead_letters_open"] == 1


def test_a_mailbox_says_whether_it_is_listened_to(world: StageWorld, terminal: Terminal) -> None:
    assert "no never it was never read" in terminal.run("mailboxes")


def test_a_dead_letter_is_listed_shown_and_replayed_once(world: StageWorld, terminal: Terminal) -> None:
    assert terminal.run("dead-letters", "list") == "None. Whatever came could be processed."
    world.put(a_dead_letter())
    assert "dead_1 open send" in terminal.run("dead-letters", "list", "--state", "open")
    assert "send-1" in terminal.run("dead-letters", "show", "dead_1")
    assert "replayed by token jo's laptop" in terminal.run("dead-letters", "replay", "dead_1")
    terminal.run("dead-letters", "replay", "dead_1")
    assert terminal.code == ExitCode.FAILED
    assert "replayed already by token jo's laptop" in terminal.complaint


def test_a_dead_letter_is_put_away_with_a_note(world: StageWorld, terminal: Terminal) -> None:
    world.put(a_dead_letter())
    assert "resolved by token jo's laptop: sent by hand" in terminal.run("dead-letters", "resolve", "dead_1", "--note", "sent by hand")
