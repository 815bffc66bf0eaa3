"""The commands of notices, against the API's own function: what is set, what it says of a place that refuses, and a trial."""

import json

import pytest

from infra.cli import notice_commands, noticing
from infra.cli.failures import ExitCode, Failure
from infra.cli.findings import Health
from infra.cli.noticing import TRIAL, findings
from shared.domain.places import Medium, Place
from shared.ports.errors import Permanent
from shared.stages.telling.settling import Noticing
from shared.wiring import ports
from tests.answering import ApiDoor
from tests.builders import OPERATOR
from tests.fakes.noticeboards import MemoryBoards
from tests.unit.infra.cli.test_policy_commands import Terminal
from tests.unit.stages.told import Addresses
from tests.unit.stages.world import StageWorld


@pytest.fixture
def boards() -> MemoryBoards:
    return MemoryBoards()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, boards: MemoryBoards) -> StageWorld:
    world = StageWorld()
    door = ApiDoor(world, monkeypatch)
    ports._built["noticing"] = Noticing(
        store=world.store, clock=world.clock, ids=world.ids, audit=world.audit, settings=Addresses(), boards=boards
    )
    monkeypatch.setattr(notice_commands, "opened", lambda _url, _token: door.client)
    return world


@pytest.fixture
def terminal(capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(capsys)


def test_nobody_is_told_until_somebody_has_chosen_where(world: StageWorld, terminal: Terminal) -> None:
    assert "nobody is told there" in terminal.run("notices", "show")
    assert "choose where with `sdr notices set`" in terminal.run("notices", "try")
    assert terminal.code == ExitCode.FAILED


def test_what_is_not_named_stays_as_it_is(world: StageWorld, terminal: Terminal) -> None:
    terminal.run("notices", "set", "--slack", "C0SALES001", "--mail", "maria")
    assert "jo (Slack W0JO000001)" in terminal.run("notices", "set", "--own", "jo=W0JO000001")  # a member of an Enterprise Grid
    assert "C0SALES001 Operators maria (by mail), jo (Slack U0JO000001)" in terminal.run("notices", "set", "--own", "jo=U0JO000001")
    told = json.loads(terminal.run("notices", "set", "--slack", "", "--json"))
    assert (told["slack_channel"], [one["by_mail"] for one in told["operators"]]) == ("", [True, False])
    assert world.store.workspace(workspace_id=world.workspace.id).operators[0].notices_by_mail


def test_a_channel_and_an_operator_that_cannot_be_are_refused_by_name(world: StageWorld, terminal: Terminal) -> None:
    terminal.run("notices", "set", "--slack", "https://hooks.slack.com/services/T0/B0/secret")
    assert "should be a channel's id" in terminal.complaint
    terminal.run("notices", "set", "--mail", "nobody")
    assert "nobody is no operator's id here" in terminal.complaint


def test_a_trial_says_of_every_place_what_came_of_it(world: StageWorld, terminal: Terminal, boards: MemoryBoards) -> None:
    terminal.run("notices", "set", "--slack", "C0SALES001", "--mail", "maria")
    boards.at(Place(medium=Medium.SLACK)).failing = Permanent("Slack refuses (not_in_channel): invite the app")
    told = terminal.run("notices", "try")
    assert "Slack C0SALES001 no Slack refuses (not_in_channel): invite the app" in told
    assert "Mailbox of Maria Costa yes" in told
    assert terminal.code == ExitCode.FAILED
    [trial] = boards.at(Place(medium=Medium.MAIL, operator_id=OPERATOR)).notices
    assert trial.links[0].url.endswith("/console/queue")


@pytest.mark.parametrize("given", ["jo", "=U0JO000001"])
def test_an_own_place_names_whose_it_is(given: str) -> None:
    with pytest.raises(Failure, match="--own"):
        noticing.asked(None, [], [], [given])


def test_something_that_is_no_bot_token_is_kept_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(noticing.TOKEN_IN, "xoxp-somebodys-own")
    with pytest.raises(Failure, match="no bot token"):
        noticing.keep_token("slack-token-northwind", project="", url="")


def a_book(**changes: object) -> dict[str, object]:
    usual = {"medium": "slack", "operator": "", "concern": "runs", "trouble": "", "last_at": None}
    return {**usual, **changes}


def doctored(*books: dict[str, object], by_mail: bool = False, state: str = "connected") -> list[tuple[Health, str]]:
    told = {"slack_channel": "C1", "operators": [{"id": "mara", "by_mail": by_mail, "slack": ""}], "books": list(books)}
    return [(one.health, one.fix) for one in findings(told, [{"service": "google", "operator": "mara", "state": state}])]


def test_the_doctor_says_what_keeps_people_from_being_told() -> None:
    assert doctored() == [(Health.WARN, TRIAL)]
    assert doctored(a_book(last_at="2026-11-23T09:00:00Z")) == [(Health.OK, "")]
    assert doctored(a_book(trouble="the token was refused")) == [(Health.FAIL, TRIAL)]
    assert doctored(a_book(last_at="now"), by_mail=True, state="missing")[1] == (Health.FAIL, "`sdr connect-mailbox mara`")
    assert len(doctored(a_book(last_at="now"), by_mail=True)) == 1
