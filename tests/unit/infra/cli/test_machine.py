"""What doctor says of a machine: interpreter, lock files, installed packages, settings."""

from importlib.metadata import version
from pathlib import Path

import pytest

from infra.cli import machine
from infra.cli.findings import Health
from infra.manifests import ROOT

LOCK = """# made by uv
httpx==0.28.1 \\
    --hash=sha256:00
colorama==0.4.6 ; sys_platform == 'win32' \\
    --hash=sha256:11
Typing_Extensions==4.15.0
"""


@pytest.mark.parametrize(("running", "health"), [((3, 10), Health.FAIL), ((3, 11), Health.OK), ((3, 13), Health.WARN)])
def test_the_interpreter_should_be_the_deployed_one(running: tuple[int, int], health: Health) -> None:
    assert machine.python_version(running).health is health


def test_a_lock_file_names_what_this_machine_needs(tmp_path: Path) -> None:
    (tmp_path / "lock.txt").write_text(LOCK)

    assert machine.locked(tmp_path / "lock.txt") == {"httpx": "0.28.1", "typing_extensions": "4.15.0"}
    assert machine.locked(tmp_path / "none.txt") == {}


def test_what_deploys_is_locked_to_what_is_tested() -> None:
    deployed = {"httpx": "0.28.1"}

    assert machine.locks_agree(deployed, {"httpx": "0.28.1", "pytest": "9.0"}).health is Health.OK
    assert "httpx" in machine.locks_agree(deployed, {"httpx": "0.29.0"}).detail
    assert machine.locks_agree({}, {}).health is Health.FAIL


def test_a_package_of_another_version_is_named_with_both() -> None:
    installed = version("httpx")

    assert machine.packages_installed({"httpx": installed}).health is Health.OK
    other = machine.packages_installed({"httpx": "0.1", "no-such-package": "1.0"})
    assert other.health is Health.FAIL
    assert f"httpx {installed}, locked 0.1" in other.detail
    assert "no-such-package is missing, locked 1.0" in other.detail


def test_only_a_few_of_many_wrong_packages_are_named() -> None:
    assert machine.packages_installed({f"no-such-{number}": "1" for number in range(5)}).detail.endswith("and 2 more")


def test_a_wrong_setting_is_named_and_a_key_is_not_shown() -> None:
    assert "SALES_AGENT_COLOUR" in machine.settings_valid({"SALES_AGENT_COLOUR": "blue"}).detail
    assert machine.settings_valid({}).health is Health.OK
    with_key = machine.settings_valid({"OPENAI_API_KEY": "sk-very-secret"})
    assert with_key.health is Health.OK
    assert "sk-very-secret" not in with_key.detail


def test_the_projects_own_lock_files_agree() -> None:
    assert machine.locks_agree(machine.locked(ROOT / "requirements.txt"), machine.locked(ROOT / "requirements-dev.txt")).health is Health.OK
