"""The routes of policy, suppressions, quotas and forgetting: what they take, answer and refuse, and that nothing of others is seen."""

import json
from typing import Any

import pytest

from shared.domain.audit import AuditEntry
from shared.domain.ids import WorkspaceId
from shared.domain.policy import Policy
from shared.domain.suppression import Suppression
from shared.stages.policy.suppressions import secret_of
from tests.answering import ApiDoor
from tests.builders import PROSPECT, a_workspace
from tests.unit.stages.world import SUPPRESSION_KEY

OTHERS = WorkspaceId("fabrikam")
SENDING = {"patch": {"mode": "SEND_ALLOWED"}, "based_on": 0, "reason": "we begin"}


def test_the_policy_is_read_changed_looked_back_at_and_put_back(door: ApiDoor) -> None:
    status, first = door.ask("GET", "policy")
    assert (status, first["version"], first["rules"]["mode"], first["changed_by"]) == (200, 0, "DRAFT_ONLY", "")
    status, changed = door.ask("PATCH", "policy", SENDING)
    assert (status, changed["version"], changed["changed_by"], changed["reason"]) == (200, 1, "token jo's laptop", "we begin")
    assert door.ask("GET", "policy")[1] == changed
    door.world.later(minutes=1)
    status, back = door.ask("POST", "policy/rollback", {"version": 0, "based_on": 1, "reason": "too early"})
    assert (status, back["version"], back["rules"]) == (200, 2, first["rules"])
    page = door.ask("GET", "policy/versions", query="limit=1")[1]
    assert ([one["version"] for one in page["items"]], page["next"]) == ([2], "v000002")
    rest = door.ask("GET", "policy/versions", query="limit=1&after=v000002")[1]
    assert ([one["version"] for one in rest["items"]], rest["next"]) == ([1], "")


def test_whole_rules_read_here_can_be_given_back_changed(door: ApiDoor) -> None:
    rules = door.ask("GET", "policy")[1]["rules"]
    rules["window"]["start"] = "09:00:00"
    status, changed = door.ask("PATCH", "policy", {"rules": rules, "based_on": 0, "reason": "later"})
    assert (status, changed["rules"]) == (200, rules)


def test_who_comes_second_is_told_who_was_first(door: ApiDoor) -> None:
    door.ask("PATCH", "policy", SENDING)
    status, told = door.ask("PATCH", "policy", SENDING)
    assert status == 409
    assert told["detail"].startswith("policy version 1 is in force, changed by token jo's laptop at 2026-11-23")


@pytest.mark.parametrize("body", [{}, {"reason": ""}])
def test_everything_is_stopped_without_a_reason_too(door: ApiDoor, body: Any) -> None:
    status, killed = door.ask("POST", "policy/kill", body)
    assert (status, killed["rules"]["kill_switch"]["on"], killed["reason"]) == (200, True, "stopped without a reason given")


def test_kill_and_release_are_one_call_each(door: ApiDoor) -> None:
    status, killed = door.ask("POST", "policy/kill", {"reason": "a wrong list"})
    switch = killed["rules"]["kill_switch"]
    assert (status, switch["on"], switch["by"], switch["reason"]) == (200, True, "token jo's laptop", "a wrong list")
    assert door.ask("POST", "policy/kill", {"reason": "again"})[1] == killed
    status, released = door.ask("POST", "policy/release", {"reason": "it was right"})
    assert (status, released["rules"]["kill_switch"]["on"]) == (200, False)


def test_a_preview_changes_nothing(door: ApiDoor) -> None:
    status, found = door.ask("POST", "policy/preview", {"patch": {"mode": "SEND_ALLOWED"}})
    assert (status, found["decisions"], found["after"]) == (200, 0, {"mode": "SEND_ALLOWED"})
    assert door.world.store.everything(Policy) == []


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("PATCH", "policy", {**SENDING, "patch": {"window": {"end": "07:00"}}}, "window.end"),
        ("PATCH", "policy", {**SENDING, "patch": {"kill_switch": {"on": True}}}, "kill_switch"),
        ("PATCH", "policy", {"patch": {}, "reason": "x"}, "based_on"),
        ("PATCH", "policy", {**SENDING, "reason": " "}, "reason"),
        ("PATCH", "policy", {**SENDING, "based_on": "0"}, "based_on"),
        ("PATCH", "policy", {**SENDING, "unknown": 1}, "unknown"),
        ("POST", "policy/rollback", {"version": -1, "based_on": 0, "reason": "x"}, "version"),
        ("POST", "policy/release", {}, "reason"),
        ("POST", "policy/preview", {}, "patch"),
        ("POST", "suppressions", {"value": "nobody at all"}, "value"),
        ("POST", "suppressions", {"value": PROSPECT, "cause": "whim"}, "cause"),
        ("POST", "suppressions", {"value": PROSPECT, "expires_at": "2027-01-01T00:00:00"}, "expires_at"),
        ("POST", "suppressions", {"value": PROSPECT, "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ("POST", "suppressions/lift", {"value": PROSPECT}, "reason"),
        ("POST", "suppressions/import", {"content": "name\nAna", "name": "", "cause": "import"}, "name"),
        ("POST", "forget", {"address": "ana", "reason": "asked"}, "address"),
        ("POST", "forget", {"address": PROSPECT, "reason": "Ana Silva asked"}, "reason"),
        ("POST", "quotas", {"contact": "ana"}, "contact"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_field(door: ApiDoor, method: str, path: str, body: Any, field: str) -> None:
    status, told = door.ask(method, path, body)
    assert status == 400
    assert told["detail"].startswith(field)
    assert door.world.store.everything(AuditEntry) == []


def test_a_suppression_is_added_explained_and_taken_back(door: ApiDoor) -> None:
    status, added = door.ask("POST", "suppressions", {"value": "Brightleaf.example", "source": "console"})
    assert (status, added["scope"], added["shown"], added["cause"], added["can_be_lifted"]) == (
        200,
        "domain",
        "brightleaf.example",
        "manual",
        True,
    )
    found = door.ask("POST", "suppressions/check", {"value": PROSPECT})[1]
    assert (found["suppressed"], [one["scope"] for one in found["because"]]) == (True, ["domain"])
    status, lifted = door.ask("POST", "suppressions/lift", {"value": "brightleaf.example", "reason": "mistake"})
    assert (status, lifted) == (200, {"lifted": 1})
    assert door.ask("POST", "suppressions/check", {"value": PROSPECT})[1] == {"suppressed": False, "because": []}
    assert door.ask("POST", "suppressions/lift", {"value": PROSPECT, "reason": "mistake"})[0] == 404
    door.ask("POST", "suppressions", {"value": PROSPECT, "cause": "opt_out"})
    assert door.ask("POST", "suppressions/lift", {"value": PROSPECT, "reason": "mistake"})[0] == 409


def test_a_list_comes_in_and_goes_out_and_a_person_is_forgotten(door: ApiDoor) -> None:
    content = f"email,cause\n{PROSPECT},opt_out\nrui@brightleaf.example,\nnonsense,\n"
    status, report = door.ask("POST", "suppressions/import", {"content": content, "name": "list.csv"})
    assert (status, report["added"], report["rejected"]) == (200, 2, 1)
    assert door.ask("POST", "forget", {"address": PROSPECT, "reason": "asked"}) == (
        200,
        {"pieces": 0, "suppressions": 1, "drafts": 0, "records": 0, "left": 0},
    )
    lines = door.ask("GET", "suppressions")[1]["items"]
    assert {one["shown"] for one in lines} == {"", "rui@brightleaf.example"}
    assert door.ask("POST", "suppressions/check", {"value": PROSPECT})[1]["suppressed"]


def test_the_quotas_are_told_with_and_without_a_contact(door: ApiDoor) -> None:
    without, with_one = door.ask("GET", "quotas")[1]["items"], door.ask("POST", "quotas", {"contact": PROSPECT})[1]["items"]
    assert {one["of"] for one in without} == {"workspace", "mailbox"}
    assert {one["of"] for one in with_one} == {"workspace", "mailbox", "contact"}


def test_no_address_and_no_reason_reaches_the_log(door: ApiDoor) -> None:
    for path, body in (
        ("suppressions", {"value": PROSPECT, "cause": "opt_out"}),
        ("suppressions/lift", {"value": PROSPECT, "reason": "agreed"}),
        ("suppressions/lift", {"value": "rui@brightleaf.example", "reason": "agreed"}),
        ("suppressions", {"value": "nobody at all"}),
        ("forget", {"address": PROSPECT, "reason": "ordered"}),
        ("forget", {"address": PROSPECT, "reason": "Ana Silva asked"}),
    ):
        door.ask("POST", path, body)
    assert "request not served" in door.logged
    assert not any(word in door.logged for word in ("ana", "Ana", "rui", "nobody at all"))
    kept = [one.model_dump_json() for one in door.world.store.everything(AuditEntry)]
    assert not any(word in " ".join(kept) for word in ("ana", "Ana", "rui"))


def test_another_workspace_sees_and_changes_nothing_of_ours(door: ApiDoor) -> None:
    door.world.store.save_workspace(workspace=a_workspace(id=OTHERS, name="Fabrikam"))
    door.world.secrets.values[secret_of(OTHERS)] = SUPPRESSION_KEY
    door.let_in("theirs", OTHERS, label="theirs")
    door.ask("PATCH", "policy", SENDING)
    door.ask("POST", "suppressions", {"value": PROSPECT, "cause": "opt_out"})
    ours = [*door.world.store.everything(Policy), *door.world.store.everything(Suppression)]
    assert door.ask("GET", "policy", token="theirs")[1]["version"] == 0
    assert door.ask("GET", "policy/versions", query="after=v000001", token="theirs")[1] == {"items": [], "next": ""}
    assert door.ask("POST", "policy/rollback", {"version": 1, "based_on": 0, "reason": "x"}, token="theirs")[0] == 404
    assert door.ask("GET", "suppressions", token="theirs")[1]["items"] == []
    assert not door.ask("POST", "suppressions/check", {"value": PROSPECT}, token="theirs")[1]["suppressed"]
    assert door.ask("POST", "suppressions/lift", {"value": PROSPECT, "reason": "other"}, token="theirs")[0] == 404
    door.ask("POST", "policy/kill", {"reason": "x"}, token="theirs")
    kept = [one for kind in (Policy, Suppression) for one in door.world.store.everything(kind) if one.workspace_id != OTHERS]
    assert kept == ours
    assert "northwind" not in json.dumps(door.ask("GET", "quotas", token="theirs")[1]).replace("@northwind.example", "")


def test_without_a_token_nothing_is_answered(door: ApiDoor) -> None:
    assert door.ask("GET", "policy", token="wrong")[0] == 401
    assert door.ask("DELETE", "policy")[0] == 405
