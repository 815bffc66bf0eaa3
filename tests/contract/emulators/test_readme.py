"""Every example in emulators/README.md works as it stands there."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from emulators.catalogue import CATALOGUE
from emulators.clock import Clock
from emulators.faults import Kind
from emulators.serving import HttpServer, free_port

ROOT = Path(__file__).parents[3]
README = (ROOT / "emulators" / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
SHELL = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
SERVER = re.compile(
    r"^python -m emulators (?P<names>[\w ]+?) --port (?P<port>\d+)(?: --control-port (?P<control>\d+))?(?P<more>[^#\n]*)", re.MULTILINE
)


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_for_pytest_pass(tmp_path: Path, example: str) -> None:
    (tmp_path / "test_example.py").write_text(example, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    count = len(re.findall(r"^def test_", example, re.MULTILINE))
    assert f"{count} passed" in run.stdout, run.stdout + run.stderr


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not on PATH")
@pytest.mark.parametrize("example", SHELL)
def test_the_examples_for_the_command_line_work(example: str) -> None:
    """The server is started on free ports, and every other command has to succeed, HTTP refusals included."""
    server = SERVER.search(example)
    assert server is not None
    ports = {given: free_port() for given in (server["port"], server["control"]) if given}
    script = example.replace(server[0], "")
    for given, free in ports.items():
        script = script.replace(f"localhost:{given}", f"127.0.0.1:{free}")
    command = [sys.executable, "-m", "emulators", *server["names"].split(), "--port", str(ports[server["port"]])]
    command += ["--control-port", str(ports[server["control"]])] if server["control"] else []
    with subprocess.Popen([*command, *server["more"].split()], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        while "listens on" not in process.stdout.readline():
            assert process.poll() is None
        for _ in range(server["control"] is not None):
            process.stdout.readline()
        curl = re.sub(r"\bcurl ", "curl --noproxy '*' --fail-with-body --silent --show-error ", script)
        run = subprocess.run(["sh", "-ec", curl], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        process.terminate()
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_example_without_a_socket_runs() -> None:
    [example] = re.findall(r"```py\n(.*?)```", README, re.DOTALL)
    subprocess.run([sys.executable, "-c", example], cwd=ROOT, timeout=60, check=True)


def test_every_emulator_is_told_of() -> None:
    assert set(re.findall(r"^\| `(\w+)` \| (?:gRPC|REST|SMTP)", README, re.MULTILINE)) == set(CATALOGUE)


def test_every_kind_of_fault_is_told_of() -> None:
    [table] = re.findall(r"\| Kind \|.*?\n\n", README, re.DOTALL)
    assert set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == set(Kind)


def test_every_control_route_the_readme_names_is_there() -> None:
    from emulators.hubspot.routes import HubSpotEmulator

    named = set(re.findall(r"`(?:GET|POST|PUT|DELETE) (/_emulator/[\w/]+)`", README))
    emulator = HubSpotEmulator(Clock())
    with HttpServer(emulator) as server:
        missing = {path for path in named if httpx.request("OPTIONS", server.url + path, trust_env=False).status_code == 404}
    emulator.close()
    assert named
    assert not missing
