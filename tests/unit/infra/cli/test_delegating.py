"""`sdr connect-mailbox --delegated`: everybody or whoever is named, and what to enter at Google where it does not let us in."""

import json
from typing import Any

import pytest

from infra.cli import delegating
from infra.cli.app import main
from infra.cli.failures import Failure

WORKS = {"what": "Read mail and keep drafts", "works": True, "told": "mara@tidewater.example", "fix": ""}
ACCOUNTS = [
    {"id": "hubspot", "service": "hubspot", "operator": "", "account": "4242"},
    {"id": "google-mara", "service": "google", "operator": "mara", "account": "mara@tidewater.example"},
    {"id": "google-ole", "service": "google", "operator": "ole", "account": "ole@tidewater.example"},
]


class Answering:
    """The API as far as this command needs it; `refused` are not let in."""

    def __init__(self, *refused: str) -> None:
        self.refused, self.asked = refused, list[str]()

    def connections(self) -> list[dict[str, str]]:
        return ACCOUNTS

    def delegate(self, id: str) -> dict[str, object]:
        self.asked.append(id)
        trouble = "Google does not let the delegate in" if id in self.refused else ""
        return {"works": not trouble, "trouble": trouble, "checks": [] if trouble else [WORKS]}

    def delegation(self) -> dict[str, object]:
        return {"client_id": "1042", "scopes": ["scope-a", "scope-b"], "where": "the Admin console", "lacks": ""}


def asked(api: Any, who: str = "", *, as_json: bool = False) -> bool:
    return delegating.delegate(api, who, as_json=as_json)


def test_everybody_is_connected_when_nobody_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    api = Answering()
    assert asked(api)
    assert api.asked == ["google-mara", "google-ole"]
    assert "ole@tidewater.example is connected by delegation" in capsys.readouterr().out


@pytest.mark.parametrize("who", ["ole", "Ole@tidewater.example"])
def test_one_is_connected_who_is_named(who: str) -> None:
    api = Answering()
    assert asked(api, who)
    assert api.asked == ["google-ole"]


def test_whoever_is_not_let_in_is_told_what_to_enter_and_where(capsys: pytest.CaptureFixture[str]) -> None:
    assert not asked(Answering("google-ole"))
    told = capsys.readouterr().out
    assert all(one in told for one in ("does not let the delegate in", "the Admin console", "1042", "scope-a,scope-b"))


def test_scripts_get_every_outcome(capsys: pytest.CaptureFixture[str]) -> None:
    assert not asked(Answering("google-ole"), as_json=True)
    assert [one["works"] for one in json.loads(capsys.readouterr().out)["items"]] == [True, False]


def test_a_stranger_is_refused_with_those_there_are() -> None:
    with pytest.raises(Failure, match="no operator nobody"):
        asked(Answering(), "nobody")


@pytest.mark.parametrize("name", ["connect-mailbox", "connect-calendar", "connect-drive"])
def test_all_that_comes_with_an_account_is_connected_by_one_shape_of_command(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    told = capsys.readouterr().out
    assert all(option in told for option in ("--delegated", "--again", "--timeout", "--json"))
