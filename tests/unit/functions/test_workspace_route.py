"""Who a workspace is and from where it writes: shown, changed by administrators, in the log, and what is wanting said with the fix."""

from typing import Any

import pytest

from infra.cli import connect_commands
from infra.cli.app import main
from infra.cli.failures import ExitCode
from infra.cli.findings import Health
from infra.cli.imprint import findings
from shared.domain.audit import AuditEntry
from shared.domain.links import link_secret_of
from shared.domain.roles import Role
from shared.domain.workspace import Workspace
from shared.ports.errors import Conflict
from shared.ports.store import Key
from shared.stages.connecting.imprint import change_imprint
from tests.answering import ApiDoor
from tests.builders import WORKSPACE, a_workspace
from tests.unit.stages.desk import JO

ADDRESS = "Calle Mayor 1, 28013 Madrid, Spain"


@pytest.fixture
def bare(door: ApiDoor) -> ApiDoor:
    """A workspace from before mails had footers: without an address, and without a key for links."""
    door.world.store.save_workspace(workspace=a_workspace(legal_name="", postal_address=""))
    return door


def kept(door: ApiDoor) -> Workspace:
    return door.world.store.workspace(workspace_id=WORKSPACE)


def test_what_mails_nobody_asked_for_need_is_said_with_the_fix(bare: ApiDoor) -> None:
    status, found = bare.ask("GET", "workspace")
    assert (status, found["company_name"], found["postal_address"]) == (200, "Northwind Events", "")
    assert [one["works"] for one in found["checks"]] == [False, False]
    address, keys = findings(found)
    assert (address.health, keys.health) == (Health.WARN, Health.WARN)
    assert "sdr workspace set --postal-address" in address.fix
    assert "sdr workspace create northwind" in keys.fix
    bare.world.secrets.values[link_secret_of(WORKSPACE)] = "1:key"
    bare.ask("PATCH", "workspace", {"postal_address": ADDRESS})
    assert {one.health for one in findings(bare.ask("GET", "workspace")[1])} == {Health.OK}


def test_an_administrator_sets_it_and_the_log_tells(bare: ApiDoor) -> None:
    status, found = bare.ask("PATCH", "workspace", {"legal_name": " Northwind\n Events, S.L.", "postal_address": ADDRESS})
    assert (status, found["legal_name"], found["postal_address"]) == (200, "Northwind Events, S.L.", ADDRESS)
    assert (kept(bare).known_as, kept(bare).postal_address, kept(bare).operators) == (
        "Northwind Events, S.L.",
        ADDRESS,
        a_workspace().operators,
    )
    [entry] = bare.world.store.everything(AuditEntry)
    assert (entry.action, entry.actor.label, entry.before["postal_address"], entry.after["postal_address"]) == (
        "workspace.changed",
        "token jo's laptop",
        "",
        ADDRESS,
    )
    bare.ask("PATCH", "workspace", {"postal_address": ADDRESS})
    assert len(bare.world.store.everything(AuditEntry)) == 1
    bare.ask("PATCH", "workspace", {"legal_name": ""})
    assert (kept(bare).known_as, kept(bare).postal_address) == ("Northwind Events", ADDRESS)


def test_nobody_else_sets_it(bare: ApiDoor) -> None:
    bare.let_in("theirs", WORKSPACE, label="theirs", role=Role.OPERATOR)
    assert bare.ask("PATCH", "workspace", {"postal_address": ADDRESS}, token="theirs")[0] == 403
    assert kept(bare).postal_address == ""


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "postal_address"),
        ({"postal_address": " "}, "postal_address"),
        ({"postal_address": "x" * 301}, "postal_address"),
        ({"legal_name": "a\u202eb"}, "legal_name"),
        ({"name": "Other"}, "name"),
    ],
)
def test_what_cannot_be_an_imprint_is_refused_by_its_field(bare: ApiDoor, body: dict[str, Any], field: str) -> None:
    status, told = bare.ask("PATCH", "workspace", body)
    assert (status, told["field"]) == (400, field)
    assert bare.world.store.everything(AuditEntry) == []


def test_of_two_who_change_it_at_once_the_second_is_told(bare: ApiDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    store = bare.world.store
    old = store.read(Key(Workspace, WORKSPACE, WORKSPACE))
    bare.ask("PATCH", "workspace", {"postal_address": ADDRESS})
    monkeypatch.setattr(store, "read", lambda *_: old)
    with pytest.raises(Conflict, match="just been changed"):
        change_imprint(WORKSPACE, legal_name=None, postal_address="Elsewhere 2", by=JO, store=store, audit=bare.world.audit)
    assert kept(bare).postal_address == ADDRESS


def test_it_is_set_and_shown_from_a_terminal(bare: ApiDoor, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(connect_commands, "opened", lambda _url, _token: bare.client)
    assert main(["workspace", "show"]) == ExitCode.OK
    assert "not set" in capsys.readouterr().out
    assert main(["workspace", "set", "--postal-address", ADDRESS]) == ExitCode.OK
    assert ADDRESS in capsys.readouterr().out
    assert main(["workspace", "set"]) == ExitCode.FAILED
    assert "say what to change" in capsys.readouterr().err
