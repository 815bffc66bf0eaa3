"""`sdr` as a user meets it: the demo verified from outside, a suite that starts, stops and comes back, and questions to a running one."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.cli.client import Api
from infra.cli.connection import Connection, announce, connection_of, runtime_folder
from infra.cli.failures import ExitCode
from infra.cli.landing import Landing
from infra.cli.stories import Storyteller, Visit
from infra.cli.vendors import GmailView, HubSpotView
from infra.manifests import ROOT
from shared.domain.dead_letter import DeadLetter
from shared.domain.outbox import Queue
from shared.domain.run import RunState
from shared.ports.store import Put
from tests.pipeline.world import JONAS, World

SDR = [sys.executable, "-P", "-m", "infra.cli"]
BLOCKS = range(12_000, 22_000, 100)
STATES = ["received", "planned", "drafted", "gated", "placed", "logged", "done"]


class Terminal:
    """Commands in processes of their own, with a session folder of their own."""

    def __init__(self, folder: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SALES_AGENT_", "SDR_", "OPENAI_"))}
        self.environment = kept | {"PYTHONPATH": str(ROOT), "XDG_RUNTIME_DIR": str(folder)}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*SDR, *arguments], cwd="/", env=self.environment, capture_output=True, text=True, timeout=300, check=False)

    def json(self, *arguments: str) -> Any:
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def start(self, *arguments: str) -> tuple[subprocess.Popen[str], dict[str, Any]]:
        """`sdr up`, once it has told where everything is."""
        process = subprocess.Popen([*SDR, "up", "--json", *arguments], cwd="/", env=self.environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        told = ""
        for line in process.stdout:
            told += line
            if line == "}\n":
                break
        return process, json.loads(told)


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    (tmp_path / "session").mkdir()
    return Terminal(tmp_path / "session")


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[str]]]:
    """Whatever a test starts and does not stop is stopped."""
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        process.kill()
        process.wait(timeout=10)
        assert process.stdout is not None
        process.stdout.close()


def first_of_a_free_block() -> int:
    """The first of as many free consecutive ports as two suites take; another process begins to look elsewhere."""
    for turn in range(len(BLOCKS)):
        first = BLOCKS[(os.getpid() + turn) % len(BLOCKS)]
        if all(_is_free(port) for port in range(first, first + 32)):
            return first
    raise AssertionError("no free ports")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def stop(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> int:
    process.send_signal(number)
    return process.wait(timeout=120)


# The demo
def test_the_demo_shows_three_submissions_and_finds_all_of_them_where_they_should_be(terminal: Terminal) -> None:
    told = terminal.json("demo")

    assert told["ok"]
    assert [one["landing"]["missing"] for one in told["submissions"]] == [[], [], []]
    assert {(way["shape"], way["signature"], way["status"]) for one in told["submissions"] for way in one["arrivals"]} == {
        ("workflow", "v3", 202),
        ("workflow-legacy", "v2", 202),
        ("subscription", "v1", 202),
    }
    assert [[step["state"] for step in one["run"]["history"]] for one in told["submissions"]] == [STATES] * 3
    known, *unknown = [one["landing"]["gmail"]["earlier_messages"] for one in told["submissions"]]
    assert (known, unknown) == (3, [0, 0])


def test_the_piped_demo_is_plain_text_that_tells_the_whole_story(terminal: Terminal) -> None:
    done = terminal.run("demo", "--submissions", "1")

    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    assert list(re.findall(r"(?m)^ +\d+\.\d\d s  Jonas Keller +(\w+)", done.stdout)) == STATES
    for expected in ("Because ", "└  from: Form field “message”", "Gate      PASS", "Gmail     ✓ one draft", "✓ one note", "✓ one task"):
        assert expected in done.stdout, expected
    assert all(line == line.rstrip() for line in done.stdout.splitlines())


def test_the_demo_can_be_written_by_a_language_model(terminal: Terminal) -> None:
    [story] = terminal.json("demo", "--submissions", "1", "--model", "emulated")["submissions"]

    assert story["draft"]["authorship"]["model"] == "gpt-5-mini"
    assert [(call["outcome"], call["fell_back"]) for call in story["run"]["model_calls"]] == [("ok", False)]


# A suite that is left running
def test_a_suite_is_found_from_another_terminal_stops_cleanly_and_comes_back(
    terminal: Terminal, tmp_path: Path, started: list[subprocess.Popen[str]]
) -> None:
    state, first = str(tmp_path / "state"), first_of_a_free_block()
    process, told = terminal.start("--port", str(first), "--state", state)
    started.append(process)
    assert told["functions"] == f"http://127.0.0.1:{first}"

    story = terminal.json("submit-form", "--email", JONAS, "--field", "message=Could we see a demo?", "--wait")
    assert story["landing"]["missing"] == []
    assert stop(process) == ExitCode.OK
    assert terminal.run("runs", "list").returncode == ExitCode.NOT_RUNNING

    elsewhere, _ = terminal.start("--port", str(first + 20), "--state", state)
    started.append(elsewhere)
    assert [one["id"] for one in terminal.json("runs", "list")["items"]] == [story["run"]["id"]]
    assert terminal.json("submit-form", "--email", "lea@nordwind.example", "--wait")["landing"]["missing"] == []
    assert stop(elsewhere, signal.SIGINT) == ExitCode.OK


def test_a_killed_suite_leaves_no_functions_behind_and_keeps_what_was_saved(
    terminal: Terminal, tmp_path: Path, started: list[subprocess.Popen[str]]
) -> None:
    state, first = str(tmp_path / "state"), first_of_a_free_block()
    process, _ = terminal.start("--port", str(first), "--state", state)
    started.append(process)
    stop(process, signal.SIGKILL)

    assert terminal.run("runs", "list").returncode == ExitCode.NOT_RUNNING
    again, _ = terminal.start("--port", str(first + 20), "--state", state)
    started.append(again)
    assert terminal.json("doctor")["ok"]
    assert stop(again) == ExitCode.OK
    assert _is_free(first)


def test_a_suite_whose_functions_are_killed_stops_and_says_so(terminal: Terminal, started: list[subprocess.Popen[str]]) -> None:
    first = first_of_a_free_block()
    process, _ = terminal.start("--port", str(first))
    started.append(process)
    everything = subprocess.run(["ps", "-eo", "pid=,args="], capture_output=True, text=True, check=True).stdout.splitlines()
    [functions] = [line for line in everything if line.endswith(f"infra.front --port {first}")]
    os.kill(int(functions.split()[0]), signal.SIGKILL)

    assert process.wait(timeout=60) == ExitCode.FAILED
    assert terminal.run("runs", "list").returncode == ExitCode.NOT_RUNNING


def test_a_taken_port_is_named_with_the_way_out(terminal: Terminal) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = terminal.run("up", "--port", str(taken.getsockname()[1]))

    assert done.returncode == ExitCode.PORT_TAKEN
    assert "is in use" in done.stderr.splitlines()[0]
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_state_folder_with_something_else_in_it_is_refused(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "suite.json").write_text("[]")

    done = terminal.run("up", "--port", str(first_of_a_free_block()), "--state", str(tmp_path))

    assert done.returncode == ExitCode.FAILED
    assert "is not the state of a suite" in done.stderr
    assert (tmp_path / "suite.json").read_text() == "[]"


# Questions to a running suite
@pytest.fixture
def connection(world: World, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> Connection:
    """The world's suite, announced as `sdr up` does it."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", terminal.environment["XDG_RUNTIME_DIR"])
    found = connection_of(world.suite, world.seeded, model="built-in")
    announce(found, folder=runtime_folder())
    return found


@pytest.fixture
def jonas(world: World) -> Visit:
    """He has filled in a form, and his run has ended."""
    world.submit(JONAS)
    world.settle()
    return Visit("Jonas Keller", JONAS, "Request a demo", world.start, {})


def landing(connection: Connection, visit: Visit, world: World) -> Landing:
    return Storyteller(Api(connection), GmailView(connection), HubSpotView(connection)).tell(visit, world.only_run.id).landing


@pytest.mark.usefixtures("connection", "jonas")
def test_runs_and_drafts_are_listed_and_shown(world: World, terminal: Terminal) -> None:
    [line] = terminal.json("runs", "list")["items"]
    assert terminal.json("runs", "show", line["id"])["progress"] == "SUCCESS"
    [draft] = terminal.json("drafts", "list")["items"]
    assert terminal.json("drafts", "show", draft["id"])["recipient"] == JONAS
    assert {one["draft_id"] for one in terminal.json("holds", "list")["items"]} <= {draft["id"]}
    for page in (["runs", "list"], ["drafts", "list"], ["holds", "list"], ["runs", "show", line["id"]], ["drafts", "show", draft["id"]]):
        done = terminal.run(*page)
        assert (done.returncode, done.stderr) == (ExitCode.OK, "")
        assert JONAS in done.stdout


@pytest.mark.usefixtures("connection")
def test_a_trace_tells_every_state_and_every_model_call(world: World, terminal: Terminal) -> None:
    world.use_language_model()
    world.submit(JONAS)
    world.settle()

    [call] = terminal.json("trace", world.only_run.id)["model_calls"]
    told = terminal.run("trace", world.only_run.id).stdout

    assert (call["agent"], call["tokens_in"] > 0) == ("draft_writer", True)
    assert [word for word in re.findall(r"(?m)^\d+\.\d\d s +(\w+)", told) if word != "model"] == STATES
    assert "model call  draft_writer" in told
    assert f"{call['tokens_in']} tokens in" in told


@pytest.mark.usefixtures("connection")
def test_a_form_is_submitted_and_followed_to_its_end(world: World, terminal: Terminal) -> None:
    story = terminal.json("submit-form", "--email", JONAS, "--form", "guide", "--field", "message=Which data do you need?", "--wait")

    assert story["visit"]["form"] == "Download the forecasting guide"
    assert story["run"]["id"] == world.only_run.id
    assert story["landing"]["missing"] == []


@pytest.mark.usefixtures("connection")
def test_a_form_no_webhook_tells_of_is_followed_to_its_end_too(world: World, terminal: Terminal) -> None:
    world.let_come(Queue.POLL_FORMS)
    asked = ["submit-form", "--email", JONAS, "--form", "contact", "--field", "message=Which data do you need?", "--wait"]
    process = subprocess.Popen([*SDR, *asked], cwd="/", env=terminal.environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    told = [process.stdout.readline()]
    world.advance(minutes=12)
    told += process.stdout.readlines()
    process.stdout.close()

    assert process.wait(timeout=30) == ExitCode.OK, told
    assert "No webhook of this portal tells of it" in told[0]
    assert "announced by poll" in "".join(told)
    assert world.only_run.state is RunState.DONE


@pytest.mark.usefixtures("connection")
def test_a_form_no_webhook_tells_of_is_not_waited_for_for_ever(world: World, terminal: Terminal) -> None:
    done = terminal.run("submit-form", "--email", JONAS, "--form", "contact", "--wait", "--timeout", "2", "--json")

    assert done.returncode == ExitCode.FAILED
    assert json.loads(done.stdout)["landing"]["missing"]
    assert not world.runs


@pytest.mark.usefixtures("connection")
def test_a_run_that_does_not_end_well_is_a_failure_of_the_command(world: World, terminal: Terminal) -> None:
    world.fail("hubspot", "notes.create", status=500, times=None)

    done = terminal.run("submit-form", "--email", JONAS, "--wait", "--timeout", "4", "--json")

    assert done.returncode == ExitCode.FAILED
    assert any("HubSpot holds 0 notes" in complaint for complaint in json.loads(done.stdout)["landing"]["missing"])


@pytest.mark.usefixtures("connection")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["runs", "show", "run_unknown"], ExitCode.NOT_FOUND),
        (["drafts", "show", "a/b"], ExitCode.NOT_FOUND),
        (["runs", "list", "--token", "wrong"], ExitCode.REFUSED),
        (["submit-form", "--email", "nobody"], ExitCode.FAILED),
        (["submit-form", "--email", JONAS, "--form", "pricing"], ExitCode.NOT_FOUND),
    ],
)
def test_what_cannot_be_answered_has_an_exit_code_of_its_own(terminal: Terminal, arguments: Sequence[str], code: ExitCode) -> None:
    done = terminal.run(*arguments)

    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith("sdr: ")


def test_a_draft_that_vanished_from_gmail_is_missed(world: World, connection: Connection, jonas: Visit) -> None:
    assert landing(connection, jonas, world).missing == ()

    world.mailbox.drop_draft(world.gmail_drafts()[0])

    assert landing(connection, jonas, world).missing == (f"Gmail holds 0 drafts to {JONAS}, not one",)


def test_a_second_copy_in_gmail_and_other_words_are_noticed(world: World, connection: Connection, jonas: Visit) -> None:
    [gmail_id] = world.gmail_drafts()
    thread_id, raw = world.mailbox.draft_message(gmail_id).thread_id, world.gmail_draft_text(gmail_id)

    world.mailbox.replace_draft(gmail_id, f"{raw}PS: cheaper\r\n".encode(), at=world.start, thread_id=thread_id)
    assert "words" in landing(connection, jonas, world).missing[0]
    world.mailbox.add_draft(raw.encode(), at=world.start, thread_id=thread_id)
    assert "holds 2 drafts" in landing(connection, jonas, world).missing[0]


@pytest.mark.usefixtures("connection", "jonas")
def test_the_doctor_finds_a_healthy_suite_healthy(terminal: Terminal) -> None:
    checks = {one["check"]: one["health"] for one in terminal.json("doctor")["checks"]}

    wanted = ("outbox", "runs", "drafts", "holds", "dead letters", "functions", "API", "gmail", "hubspot", "google")
    assert [checks[name] for name in wanted] == ["ok"] * len(wanted)


@pytest.mark.usefixtures("connection", "jonas")
def test_the_doctor_names_a_vanished_draft_a_stuck_run_and_a_dead_letter(world: World, terminal: Terminal) -> None:
    world.mailbox.drop_draft(world.gmail_drafts()[0])
    stuck = world.only_run.model_copy(update={"id": "run_stuck", "state": RunState.GATED})
    given_up = DeadLetter(
        id="dl_1", workspace_id=world.workspace_id, function="plan", source="x", payload="?", reason="why", received_at=world.start
    )
    world.store.commit(Put(stuck), Put(given_up))
    world.advance(minutes=11)

    done = terminal.run("doctor", "--json")

    failed = {one["check"]: one for one in json.loads(done.stdout)["checks"] if one["health"] == "fail"}
    assert done.returncode == ExitCode.FAILED
    assert set(failed) == {"drafts", "runs", "dead letters"}
    assert "run_stuck" in failed["runs"]["detail"]
    assert all(one["fix"] for one in failed.values())


@pytest.mark.usefixtures("connection", "jonas")
def test_the_doctor_tells_of_a_revoked_mailbox_and_goes_on(world: World, terminal: Terminal, connection: Connection) -> None:
    assert connection.mailbox is not None
    revoked = httpx.post(f"{world.suite.urls['oauth2']}/revoke", data={"token": connection.mailbox.refresh_token}, trust_env=False)
    assert revoked.is_success

    checks = {one["check"]: one for one in json.loads(terminal.run("doctor", "--json").stdout)["checks"]}

    assert checks["mailbox"]["health"] == "fail"
    assert connection.mailbox.email in checks["mailbox"]["detail"]
    assert "signed in again" in checks["mailbox"]["fix"]
    assert {"runs", "dead letters", "canary"} <= set(checks)
