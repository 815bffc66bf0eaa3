"""Connecting from a terminal: whose account, when somebody is sent to the page, and what the doctor says."""

from typing import Any

import pytest

from infra.cli.failures import Failure
from infra.cli.findings import Health
from infra.cli.founding import Wish as NewOne
from infra.cli.founding import new_of
from infra.cli.linking import Wish, chosen, connect, delegated_findings, findings

WORKS = {"what": "Read mail and keep drafts", "works": True, "told": "mara@x.example", "fix": ""}
FAILS = {"what": "See and hold times", "works": False, "told": "the consent lacks the scope calendar.events", "fix": "connect again"}


def connection(**changes: Any) -> dict[str, Any]:
    usual = {"id": "google-mara", "service": "google", "operator": "mara", "account": "mara@x.example", "state": "connected"}
    more = {
        "reason": "",
        "fix": "",
        "connected_by": "mara",
        "since": "2026-11-23T09:00:00Z",
        "checks": [WORKS],
        "connect_at": "http://us/connect",
    }
    return {**usual, **more, **changes}


class ScriptedApi:
    """`looks` are the connections as one look after the other finds them; `checks` what the vendor says then."""

    def __init__(self, *looks: dict[str, Any], checks: list[dict[str, Any]]) -> None:
        self.looks, self.checks, self.asked = list(looks), checks, 0

    def connections(self) -> list[dict[str, Any]]:
        return [self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]]

    def check_connection(self, _id: str) -> dict[str, Any]:
        self.asked += 1
        return {"checks": self.checks}


def wish(**changes: Any) -> Wish:
    return Wish(**{"service": "google", "needed": (), "who": "", "browse": False, "again": False, "at_most_s": 0.0, **changes})


def test_what_is_connected_and_works_is_only_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    api = ScriptedApi(connection(), checks=[WORKS])
    assert connect(api, wish(), as_json=False)  # type: ignore[arg-type]
    told = capsys.readouterr().out
    assert "Open" not in told
    assert "mara@x.example is connected" in told


def test_whoever_has_to_agree_is_told_where_and_then_what_works(capsys: pytest.CaptureFixture[str]) -> None:
    before, after = connection(state="not connected", since=None), connection()
    api = ScriptedApi(before, after, checks=[WORKS, FAILS])
    assert not connect(api, wish(at_most_s=5.0), as_json=False)  # type: ignore[arg-type]
    told = capsys.readouterr().out
    assert "Open http://us/connect" in told
    assert "the consent lacks the scope calendar.events → connect again" in told


@pytest.mark.parametrize("changes", [{"again": True}, {"needed": ("See and hold times",)}])
def test_somebody_who_does_not_come_back_is_told_so(changes: dict[str, Any]) -> None:
    api = ScriptedApi(connection(), checks=[WORKS, FAILS])
    with pytest.raises(Failure, match="nobody has connected mara@x.example in time"):
        connect(api, wish(**changes), as_json=False)  # type: ignore[arg-type]


def test_an_operator_is_named_by_id_or_address() -> None:
    both = [connection(), connection(id="google-ole", operator="ole", account="ole@x.example")]
    assert chosen(both, wish())["operator"] == "mara"
    assert chosen(both, wish(who="Ole@x.example"))["operator"] == "ole"
    with pytest.raises(Failure) as refused:
        chosen(both, wish(who="nobody"))
    assert refused.value.fix == "one of: mara, ole"


def test_the_doctor_has_a_line_for_each_account_and_for_each_thing_that_fails() -> None:
    never = connection(state="not connected", fix="connect it")
    withdrawn = connection(state="disconnected", reason="Google no longer accepts our access", fix="connect it")
    partly = connection(checks=[WORKS, FAILS])
    slow = connection(reason="HubSpot answered 503")
    found = [(one.health, one.fix) for one in findings([connection(), never, withdrawn, partly, slow])]
    assert found == [
        (Health.OK, ""),
        (Health.WARN, "connect it"),
        (Health.FAIL, "connect it"),
        (Health.FAIL, "connect again"),
        (Health.WARN, "`sdr doctor` again in a few minutes; if it stays, connect it again"),
    ]


def test_a_workspace_is_read_from_what_was_typed() -> None:
    typed = NewOne("fjord", "Fjord", " 5151 ", ["Lena Berg <lena@fjord.example>"], "Europe/Oslo", "no", ["folder"], ["Cases"], [])
    new = new_of(typed)
    assert (new.operators[0].name, new.operators[0].email) == ("Lena Berg", "lena@fjord.example")
    assert (new.portal_id, new.hours.country, new.drive.roots) == ("5151", "NO", ("folder",))
    with pytest.raises(Failure, match="is no time zone"):
        new_of(NewOne("fjord", "Fjord", "5151", [], "Oslo", "", [], [], []))


def test_the_doctor_looks_into_delegated_mailboxes_alone_and_says_what_mends_them() -> None:
    api = ScriptedApi(connection(), checks=[WORKS, FAILS])
    assert list(delegated_findings([connection(agreement="consent")], api)) == []
    assert api.asked == 0
    [one] = delegated_findings([connection(agreement="delegation")], api)
    assert (one.health, one.fix, api.asked) == (Health.FAIL, "connect again", 1)
    [fine] = delegated_findings([connection(agreement="delegation")], ScriptedApi(connection(), checks=[WORKS]))
    assert fine.health is Health.OK
    assert list(delegated_findings([connection(agreement="delegation", state="missing")], api)) == []
