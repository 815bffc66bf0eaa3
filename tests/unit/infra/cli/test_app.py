"""The commands from outside: help in plain words, exit codes that scripts can tell apart, errors with their fix."""

from pathlib import Path

import pytest

from infra.cli.app import main
from infra.cli.failures import ExitCode

COMMANDS = (
    ["up"],
    ["demo"],
    ["submit-form"],
    ["import"],
    ["runs", "list"],
    ["runs", "show"],
    ["drafts", "list"],
    ["drafts", "show"],
    ["holds", "list"],
    ["trace"],
    ["doctor"],
    ["policy", "show"],
    ["policy", "set"],
    ["policy", "history"],
    ["policy", "rollback"],
    ["policy", "preview"],
    ["kill"],
    ["release"],
    ["suppress", "add"],
    ["suppress", "check"],
    ["suppress", "lift"],
    ["suppress", "import"],
    ["suppress", "export"],
    ["quota"],
    ["forget"],
    ["approve"],
    ["reject"],
    ["edit"],
    ["regenerate"],
    ["snooze"],
    ["undo"],
    ["object"],
    ["policy", "autonomy"],
    ["sends"],
)


@pytest.fixture(autouse=True)
def _nobody_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    for name in ("SDR_URL", "SDR_TOKEN", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command, "--help"]) == ExitCode.OK
    assert "--json" in capsys.readouterr().out


def test_the_first_help_lists_every_command_and_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--help"])

    told = capsys.readouterr().out
    assert all(command[0] in told for command in COMMANDS)
    assert "Exit codes" in told


@pytest.mark.parametrize("command", [["runs", "list"], ["drafts", "show", "x"], ["trace", "x"], ["submit-form", "--email", "a@b.example"]])
def test_without_a_suite_the_error_is_a_line_and_the_fix(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command) == ExitCode.NOT_RUNNING

    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines()[0] == "sdr: no suite is running on this machine"
    assert "sdr up" in told.err


@pytest.mark.parametrize("command", [["trace", ""], ["runs", "show", " "], ["drafts", "show", ""]])
def test_an_empty_id_is_no_id(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command, "--url", "http://127.0.0.1:1"]) == ExitCode.USAGE
    assert capsys.readouterr().err.startswith("sdr: an id is missing")


@pytest.mark.parametrize("token", ["t\u00f6ken", "two\nlines"])
def test_a_token_that_can_be_none_is_refused_without_being_shown(token: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "list", "--url", "http://127.0.0.1:1", "--token", token]) == ExitCode.REFUSED

    told = capsys.readouterr().err
    assert told.startswith("sdr: the token holds characters that no token has")
    assert token not in told


def test_what_is_no_url_is_said_to_be_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "list", "--url", "localhost:8080"]) == ExitCode.USAGE
    assert capsys.readouterr().err.startswith("sdr: 'localhost:8080' is no URL")


def test_a_suite_that_does_not_answer_is_told_by_its_address(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "list", "--url", "http://127.0.0.1:1"]) == ExitCode.NOT_RUNNING
    assert "127.0.0.1:1" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", [["runs", "list", "--limit", "0"], ["demo", "--model", "magic"], ["submit-form"], ["up", "--port", "80"], ["fly"]]
)
def test_wrong_usage_is_told_apart_from_failure(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command) == ExitCode.USAGE
    assert capsys.readouterr().err


def test_the_real_model_needs_a_key(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--model", "openai"]) == ExitCode.USAGE
    assert "OPENAI_API_KEY" in capsys.readouterr().err


def test_a_state_folder_that_cannot_be_made_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")

    assert main(["up", "--state", str(tmp_path / "file" / "state")]) == ExitCode.FAILED
    assert "cannot be written" in capsys.readouterr().err
