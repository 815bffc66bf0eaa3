"""The net itself: whatever way our code would tell a planted secret or body, the test in which it happens fails."""

import base64
import io
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from infra.cli.failures import Failure
from infra.seed.loader import API_TOKEN
from shared.domain.audit import AuditEntry, by_stage
from shared.domain.dead_letter import DeadLetter
from shared.domain.outbox import Channel, Outgoing
from shared.ports.errors import Permanent, ReconnectNeeded, Rejected
from shared.ports.requests import Page, Reply
from shared.ports.store import Create, Put
from shared.runtime import endpoints
from shared.runtime.logging import EventLog
from tests.builders import MONDAY, WORKSPACE, a_run
from tests.confidential import plant, plant_text, planted, told_in
from tests.eavesdropping import overheard

ROOT = Path(__file__).parents[3]
SECRET = planted("a refresh token")
BODY = plant_text("a mail", "Between us, our margin on chilled goods has fallen to nine percent.")


def log(**fields: object) -> None:
    EventLog(project="p", least="ALERT", stream=io.StringIO()).write("DEBUG", "something", **fields)


def in_audit(reason: str = "", **changes: object) -> AuditEntry:
    return AuditEntry(id="a", workspace_id=WORKSPACE, at=MONDAY, actor=by_stage("x"), action="x", reason=reason, **changes)


def owed(text: str) -> Outgoing:
    usual = {"channel": Channel.EVENT, "destination": "t", "trace_id": "t", "created_at": MONDAY}
    return Outgoing(id="o", workspace_id=WORKSPACE, payload={"run_id": text}, **usual)


def a_dead_letter(reason: str) -> DeadLetter:
    usual = {"function": "plan", "source": "t", "payload": BODY, "received_at": MONDAY}
    return DeadLetter(id="d", workspace_id=WORKSPACE, reason=reason, **usual)


def process(text: str) -> None:
    subprocess.run([sys.executable, "-c", "import sys; sys.exit(sys.argv[1])", text], capture_output=True, check=False)


WAYS: dict[str, Callable[[str], object]] = {
    "a field of a line of the log": lambda text: log(detail=text),
    "a field that is withheld": lambda text: log(body=text),
    "an answer that refuses": lambda text: endpoints._rendered(Reply({"detail": text}, status=422)),
    "a header of it": lambda text: endpoints._rendered(Reply({}, status=401, headers={"WWW-Authenticate": text})),
    "an error page": lambda text: endpoints._rendered(Page(f"<p>{text}</p>", status=404, nonce="n")),
    "the detail of an error": lambda text: Rejected(text),
    "the detail of an error of another family": lambda text: ReconnectNeeded(text, source="gmail"),
    "an entry of the audit log": lambda text: Create(in_audit(text)),
    "what a policy was before": lambda text: Put(in_audit(before={"x": text})),
    "what is owed": lambda text: Create(owed(text)),
    "why a message is a dead letter": lambda text: Put(a_dead_letter(text)),
    "a line of a library": lambda text: logging.getLogger("urllib3").warning("could not reach %s", text),
    "the command line": lambda text: Failure("no", fix=f"try {text}"),
    "the standard error of a process": process,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("told", "name"), [(SECRET, "a refresh token"), (BODY, "a mail")], ids=["secret", "body"])
def test_what_is_told_in_any_way_is_heard(way: str, told: str, name: str) -> None:
    with overheard() as heard:
        WAYS[way](told)
    assert heard
    assert all(one.endswith(f" tells: {name}") for one in heard)


@pytest.mark.parametrize("way", WAYS)
def test_what_is_harmless_is_told_in_silence(way: str) -> None:
    with overheard() as heard:
        WAYS[way]("run_1 of northwind waits for the mailbox")
    assert heard == []


def test_what_is_heard_names_the_secret_and_does_not_repeat_it() -> None:
    with overheard() as heard:
        log(detail=f"Bearer {SECRET}")
    assert heard == ["the log line “something” tells: a refresh token"]


def test_a_success_may_show_a_draft_to_its_operator() -> None:
    with overheard() as heard:
        endpoints._rendered(Reply({"text": BODY}, status=200))
    assert heard == []


FOR_OPERATORS: dict[str, Callable[[str], object]] = {
    "why a run failed": lambda text: Put(a_run(failure_reason=text)),
    "what a command shows of it": lambda text: subprocess.run(
        [sys.executable, "-c", "import sys; print(sys.argv[1]); sys.exit(1)", text], capture_output=True, check=False
    ),
}


@pytest.mark.parametrize("way", FOR_OPERATORS)
def test_an_operator_may_read_what_somebody_wrote_and_no_secret(way: str) -> None:
    with overheard() as heard:
        FOR_OPERATORS[way](BODY)
    assert heard == []
    with overheard() as heard:
        FOR_OPERATORS[way](SECRET)
    assert heard


def test_the_words_of_a_vendor_are_kept_unsaid() -> None:
    with overheard() as heard:
        Permanent("Gmail refused the mail", source="gmail", raw=BODY)
    assert heard == []


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda text: f"https://vendor.example/?token={quote(text)}",
        lambda text: base64.b64encode(f"\0me\0{text}".encode()).decode(),
        lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
        lambda text: text.upper(),
        lambda text: f"<b>{text}</b>,",
        lambda text: text.replace(" ", "\r\n> "),
        lambda text: text[: len(text) * 2 // 3] if " " in text else text,
    ],
    ids=["in a URL", "in a sign-in", "in base64", "in capitals", "in HTML", "quoted", "cut off"],
)
@pytest.mark.parametrize("told", [SECRET, BODY], ids=["secret", "body"])
def test_it_is_recognised_however_it_is_wrapped(told: str, wrapped: Callable[[str], str]) -> None:
    assert told_in(wrapped(told))


def test_of_a_credential_in_json_each_secret_part_is_planted_and_the_client_is_not() -> None:
    plant(
        "a consent",
        '{"client_id": "northwind-client-of-tests", "client_secret": "quiet-client-secret-7", "refresh_token": "1//quiet-mice-7"}',
    )
    assert told_in("quiet-client-secret-7")
    assert told_in("a call with 1//quiet-mice-7")
    assert not told_in("northwind-client-of-tests")


def test_what_is_too_short_to_be_told_apart_is_not_planted() -> None:
    plant("a short secret", "hunter2")
    plant_text("a short answer", "Could we talk?")
    assert not told_in("hunter2 asks: Could we talk?")


def test_the_constants_of_the_suite_are_planted() -> None:
    assert told_in(f"wrong token {API_TOKEN}")


LEAKS = """
import logging.config
import pytest
from tests.confidential import planted
from shared.runtime.logging import EventLog

@pytest.fixture
def told_in_teardown():
    yield
    EventLog(project="p").write("INFO", "late", detail=planted("late secret"))

def test_that_logs_a_secret():
    EventLog(project="p").write("INFO", "early", detail=planted("early secret"))

def test_that_prints_a_secret():
    print("debug:", planted("printed secret"))

def test_whose_processes_log_a_secret(tmp_path):
    (tmp_path / "functions.log").write_text(planted("secret of a process"))

def test_whose_fixture_tells_a_secret(told_in_teardown):
    pass

def test_that_silences_libraries():
    logging.getLogger("library")
    logging.config.dictConfig({"version": 1})

def test_whose_library_tells_a_secret_all_the_same():
    logging.getLogger("library").warning(planted("secret of a library"))

def test_that_keeps_it_to_itself():
    assert planted("kept secret")
"""


def test_the_test_in_which_a_secret_is_told_fails_and_the_others_do_not(tmp_path: Path) -> None:
    (tmp_path / "test_leaks.py").write_text(LEAKS)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.eavesdropping",
        "-q",
        "--rootdir",
        str(tmp_path),
        "-c",
        "/dev/null",
        str(tmp_path),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)

    assert "3 failed, 4 passed, 2 errors" in done.stdout, done.stdout + done.stderr
    for where in (
        "the log line “early” tells: early secret",
        "Captured stdout call tells: printed secret",
        "what a process logged in functions.log tells: secret of a process",
        "the log line “late” tells: late secret",
        "a line of library tells: secret of a library",
    ):
        assert where in done.stdout, done.stdout
    assert "kept secret" not in done.stdout
