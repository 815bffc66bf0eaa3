"""The commands of policy, kill switch, suppressions and quotas, against the API's own function."""

import csv
import io
import json
from pathlib import Path

import pytest

from infra.cli import policy_commands, ruling
from infra.cli.app import main
from infra.cli.failures import ExitCode, Failure
from tests.answering import ApiDoor
from tests.builders import PROSPECT
from tests.unit.stages.policy.test_previewing import decided, sent
from tests.unit.stages.world import StageWorld

COMPLIANCE = (
    'compliance.touches=["answer", "outreach", "follow_up"]',
    'compliance.consent_only=["FR"]',
    "compliance.inquiry_days=90",
    "compliance.assessment=LIA-7",
    "compliance.source=",
    "compliance.disclosure=always",
    "compliance.disclosure_sentence=Software helped to write this.",
)


class Terminal:
    """Runs commands and keeps what they print."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.code: int = ExitCode.OK
        self.complaint = ""

    def run(self, *arguments: str) -> str:
        self.code = main(list(arguments))
        told = self._capsys.readouterr()
        self.complaint = told.err
        return " ".join(told.out.split())


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> ApiDoor:
    opened = ApiDoor(StageWorld(), monkeypatch)
    monkeypatch.setattr(policy_commands, "opened", lambda _url, _token: opened.client)
    return opened


@pytest.fixture
def sdr(door: ApiDoor, capsys: pytest.CaptureFixture[str]) -> Terminal:
    assert door
    return Terminal(capsys)


def test_the_policy_is_shown_set_and_put_back(sdr: Terminal, door: ApiDoor) -> None:
    assert "nobody has decided anything yet" in sdr.run("policy", "show")
    told = sdr.run("policy", "set", "mode=SEND_ALLOWED", "quotas.mailbox_per_day=5", "--reason", "we begin")
    assert "Policy version 1, by token jo's laptop" in told
    assert "we begin mode DRAFT_ONLY → SEND_ALLOWED quotas.mailbox_per_day 20 → 5 " in told
    assert told.endswith("policy show has every rule.")
    assert "weights" not in told
    door.world.later(minutes=1)
    told = sdr.run("policy", "rollback", "0", "--reason", "too early")
    assert "Policy version 2" in told
    assert "quotas.mailbox_per_day 5 → 20" in told
    history = sdr.run("policy", "history")
    assert history.index("too early") < history.index("we begin")
    assert json.loads(sdr.run("policy", "show", "--json"))["version"] == 2


def test_a_file_can_hold_the_whole_rules(sdr: Terminal, tmp_path: Path) -> None:
    rules = json.loads(sdr.run("policy", "show", "--json"))["rules"]
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({**rules, "mode": "SEND_ALLOWED"}))
    assert "mode DRAFT_ONLY → SEND_ALLOWED" in sdr.run("policy", "set", "--file", str(file), "--reason", "as agreed")
    file.write_text("{")
    sdr.run("policy", "set", "--file", str(file), "--reason", "as agreed")
    assert sdr.code == ExitCode.FAILED
    assert "cannot be read as JSON" in sdr.complaint


def test_a_refusal_names_the_field_and_says_that_nothing_was_changed(sdr: Terminal) -> None:
    sdr.run("policy", "set", "window.end=07:00", "--reason", "why")
    assert sdr.code == ExitCode.FAILED
    assert sdr.complaint.splitlines() == ["sdr: window.end: should be later on the same day than start, 08:00", "     nothing was changed"]


@pytest.mark.parametrize(
    ("command", "fix"),
    [
        (("policy", "rollback", "99", "--reason", "back"), "`sdr policy history` shows every version"),
        (("suppress", "lift", "ana@one.example", "--reason", "other"), "`sdr suppress export` lists everybody"),
    ],
)
def test_what_does_not_exist_is_answered_with_what_lists_its_kind(sdr: Terminal, command: tuple[str, ...], fix: str) -> None:
    sdr.run(*command)
    assert (sdr.code, sdr.complaint.splitlines()[-1].strip()) == (ExitCode.NOT_FOUND, fix)


def test_who_looked_at_an_earlier_version_is_told_who_was_faster(sdr: Terminal) -> None:
    sdr.run("policy", "set", "mode=SEND_ALLOWED", "--reason", "we begin")
    sdr.run("policy", "set", "mode=DRAFT_ONLY", "--reason", "no", "--based-on", "0")
    assert sdr.code == ExitCode.FAILED
    assert "policy version 1 is in force, changed by token jo's laptop" in sdr.complaint


def test_a_preview_names_what_would_have_been_refused_and_what_would_have_waited(sdr: Terminal, door: ApiDoor) -> None:
    for number, employees in enumerate((10, 500)):
        sent(door.world, decided(door.world, number, employees=employees), minutes=number)
    told = sdr.run("policy", "preview", "guardrails.employees_at_least=50", "quotas.mailbox_per_day=1", "mode=SEND_ALLOWED")
    assert "quotas.mailbox_per_day 20 → 1" in told
    assert "1 would have been refused" in told
    assert "employees_at_least 1" in told
    assert "mailbox_per_day 1, now 0" in told
    assert json.loads(sdr.run("policy", "preview", "mode=SEND_ALLOWED", "--json"))["decisions"] == 2
    assert "No mail would have waited" in sdr.run("policy", "preview", "mode=SEND_ALLOWED")


@pytest.mark.parametrize("words", [(), ("--reason", "")])
def test_everything_is_stopped_without_a_word(sdr: Terminal, words: tuple[str, ...]) -> None:
    assert "ON: nothing leaves" in (told := sdr.run("kill", *words))
    assert "stopped without a reason given" in told


def test_kill_and_release_are_said_aloud(sdr: Terminal) -> None:
    told = sdr.run("kill", "--reason", "a wrong list")
    assert "The kill switch is ON: nothing leaves. By token jo's laptop" in told
    assert "a wrong list" in told
    assert "ON" in sdr.run("policy", "show")
    assert sdr.run("release") == "The kill switch is off."


def test_somebody_is_suppressed_explained_and_let_back(sdr: Terminal) -> None:
    assert "is not written to (manual), for ever" in sdr.run("suppress", "add", "brightleaf.example")
    assert "their whole mail domain" in sdr.run("suppress", "check", PROSPECT)
    assert sdr.code == ExitCode.FAILED
    assert "Taken back: 1" in sdr.run("suppress", "lift", "brightleaf.example", "--reason", "mistake")
    assert "Nothing forbids" in sdr.run("suppress", "check", PROSPECT)
    assert sdr.code == ExitCode.OK
    assert "until Fri 01 Jan 2027" in sdr.run("suppress", "add", PROSPECT, "--cause", "bounce", "--until", "2027-01-01")
    assert "901" in sdr.run("suppress", "add", "901", "--company", "--cause", "opt_out")
    sdr.run("suppress", "lift", "901", "--company", "--reason", "mistake")
    assert "never taken back" in sdr.complaint


def test_a_list_goes_in_and_comes_out_to_go_in_again(sdr: Terminal, tmp_path: Path, door: ApiDoor) -> None:
    file = tmp_path / "list.csv"
    file.write_text(f"email,cause\n{PROSPECT},opt_out\nbrightleaf.example,\nnonsense,\n")
    assert "2 of 3 rows would be added, 1 rejected" in sdr.run("suppress", "import", str(file), "--dry-run")
    assert sdr.code == ExitCode.FAILED
    sdr.run("suppress", "import", str(file))
    assert "Forgotten" in sdr.run("forget", PROSPECT, "--reason", "asked", "--yes")
    out = tmp_path / "out.csv"
    sdr.run("suppress", "export", "--file", str(out))
    lines = list(csv.DictReader(io.StringIO(out.read_text())))
    assert {(one["email"], one["cause"], one["key_version"]) for one in lines} == {
        ("", "opt_out", "1"),
        ("brightleaf.example", "import", "1"),
    }
    assert PROSPECT not in out.read_text()
    assert "0 of 2 rows added, 1 were known, 1 rejected" in sdr.run("suppress", "import", str(out))
    assert len(json.loads(sdr.run("suppress", "export", "--json"))["items"]) == 2
    assert sdr.run("suppress", "export").startswith("id,key_version,scope,email")


def test_a_file_that_cannot_be_read_is_named(sdr: Terminal, tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes(b"email\n\xe4@b.example\n")
    sdr.run("suppress", "import", str(tmp_path / "latin.csv"))
    assert "not UTF-8" in sdr.complaint
    sdr.run("suppress", "import", str(tmp_path / "none.csv"))
    assert "cannot be read" in sdr.complaint


def test_the_quotas_are_told_in_words(sdr: Terminal) -> None:
    told = sdr.run("quota", "--contact", PROSPECT)
    assert "Outreach of the workspace today 0 50" in told
    assert f"{PROSPECT} New threads with this contact within 7 days 0 1" in told
    sdr.run("policy", "set", "quotas.mailbox_per_day=0", "--reason", "rest")
    assert "never: none is allowed" in sdr.run("quota")


@pytest.mark.parametrize("settings", [[], ["mode"], ["=1"], ["quotas..x=1"], ["mode=1", "mode.x=2"]])
def test_what_is_no_setting_is_wrong_usage(settings: list[str]) -> None:
    with pytest.raises(Failure) as failed:
        ruling.proposal(settings, None)
    assert failed.value.code is ExitCode.USAGE


def test_values_are_json_or_taken_as_they_stand() -> None:
    assert ruling.patch(["a.b=5", "a.c=null", "d=SEND_ALLOWED", 'e=["x"]', "f=true"]) == {
        "a": {"b": 5, "c": None},
        "d": "SEND_ALLOWED",
        "e": ["x"],
        "f": True,
    }


def test_what_the_law_of_recipients_asks_for_is_shown_set_compared_and_put_back(sdr: Terminal, door: ApiDoor) -> None:
    told = sdr.run("policy", "show")
    assert "compliance.touches outreach, follow_up" in told
    assert "compliance.consent_only DE, AT, CA" in told
    assert "compliance.assessment not set" in told
    told = sdr.run("policy", "set", *COMPLIANCE, "--reason", "our lawyers say so")
    assert sdr.code == ExitCode.OK, sdr.complaint
    assert "compliance.touches outreach, follow_up → answer, outreach, follow_up" in told
    assert "compliance.consent_only DE, AT, CA → FR" in told
    assert "compliance.inquiry_days 180 → 90" in told
    assert "compliance.assessment not set → LIA-7" in told
    assert "compliance.source Your address is kept" in told
    assert "→ not set" in told
    assert "compliance.disclosure unseen → always" in told
    assert "compliance.disclosure_sentence This mail was written with the help of AI. → Software helped to write this." in told
    assert door.ask("GET", "policy")[1]["rules"]["compliance"]["disclosure"] == "always"
    assert "compliance.consent_only FR → DE, AT, CA" in sdr.run("policy", "preview", "compliance=null")
    assert "compliance.consent_only FR → none" in sdr.run("policy", "set", "compliance.consent_only=[]", "--reason", "elsewhere too")


@pytest.mark.parametrize(
    ("setting", "named"),
    [
        ('compliance.touches=["outreach"]', "compliance.touches: should hold follow_up"),
        ('compliance.consent_only=["Germany"]', "compliance.consent_only.0"),
        ("compliance.inquiry_days=181", "compliance.inquiry_days"),
        ("compliance.disclosure=sometimes", "compliance.disclosure"),
        ("compliance.disclosure_sentence=", "compliance.disclosure_sentence"),
        ("compliance.unknown=1", "compliance.unknown"),
    ],
)
def test_a_policy_that_asks_for_less_than_the_law_is_refused_by_its_field(sdr: Terminal, setting: str, named: str) -> None:
    sdr.run("policy", "set", setting, "--reason", "why")
    assert sdr.code == ExitCode.FAILED
    assert named in sdr.complaint


def test_a_reference_that_is_a_number_is_taken_as_it_is_written(sdr: Terminal) -> None:
    assert "compliance.assessment not set → 2026" in sdr.run("policy", "set", "compliance.assessment=2026", "--reason", "the file's number")
