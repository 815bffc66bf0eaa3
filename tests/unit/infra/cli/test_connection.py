"""How a command finds the suite that is running, and only one that is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.cli.connection import Connection, announce, connect, running_suites, runtime_folder
from infra.cli.failures import ExitCode, Failure

HERE = Connection(functions="http://127.0.0.1:8080", token="local", emulators={"gmail": "http://127.0.0.1:8086"}, pid=os.getpid())


@pytest.fixture(scope="module")
def dead_pid() -> int:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def test_an_announced_suite_is_found_again_as_it_was(tmp_path: Path) -> None:
    announce(HERE, folder=tmp_path)

    assert connect(folder=tmp_path) == HERE


def test_only_the_owner_can_read_the_token(tmp_path: Path) -> None:
    assert announce(HERE, folder=tmp_path).stat().st_mode & 0o077 == 0


def test_the_suite_started_last_is_the_one_that_is_meant(tmp_path: Path) -> None:
    later = HERE.model_copy(update={"functions": "http://127.0.0.1:9080"})
    os.utime(announce(HERE, folder=tmp_path), (1, 1))
    announce(later, folder=tmp_path)

    assert connect(folder=tmp_path) == later
    assert connect(url="http://127.0.0.1:8080/", folder=tmp_path) == HERE
    assert connect(url="http://127.0.0.1:8080/api", folder=tmp_path) == HERE


def test_what_a_killed_suite_left_behind_is_removed(tmp_path: Path, dead_pid: int) -> None:
    left = announce(HERE.model_copy(update={"pid": dead_pid}), folder=tmp_path)

    assert running_suites(folder=tmp_path) == []
    assert not left.exists()


def test_a_file_that_is_none_of_ours_does_not_disturb(tmp_path: Path) -> None:
    (tmp_path / "suite-1.json").write_text("{not json")
    announce(HERE, folder=tmp_path)

    assert running_suites(folder=tmp_path) == [HERE]


def test_without_a_suite_the_user_is_told_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(Failure) as caught:
        connect(folder=tmp_path)

    assert caught.value.code is ExitCode.NOT_RUNNING
    assert "sdr up" in caught.value.fix


def test_a_url_nobody_announced_is_taken_at_its_word(tmp_path: Path) -> None:
    found = connect(url="http://10.0.0.7:8080", token="theirs", folder=tmp_path)

    assert (found.functions, found.api, found.token) == ("http://10.0.0.7:8080", "http://10.0.0.7:8080/api", "theirs")
    assert not found.emulators


def test_a_given_token_replaces_the_known_one(tmp_path: Path) -> None:
    announce(HERE, folder=tmp_path)

    assert connect(token="another", folder=tmp_path) == HERE.model_copy(update={"token": "another"})


def test_the_folder_is_the_sessions_own_where_there_is_one(tmp_path: Path) -> None:
    folder = runtime_folder({"XDG_RUNTIME_DIR": str(tmp_path)})

    assert folder == tmp_path / "sales-agent"
    assert folder.stat().st_mode & 0o077 == 0
    assert runtime_folder({"XDG_RUNTIME_DIR": str(tmp_path / "gone")}).name == f"sales-agent-{os.getuid()}"
