"""Functions served as they are deployed: functions-framework with gunicorn, one worker of eight threads, in the minimal environment."""

import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.bench.deployed import bare_environment

THREADS = 8
AT_MOST_S = 30


@contextmanager
def served(target: str, source: Path, *, python: Path, environment: Mapping[str, str]) -> Iterator[int]:
    """The port at which it answers; the whole process group ends with the block."""
    port = _free_port()
    ours = {"WORKERS": "1", "THREADS": str(THREADS), "PYTHONDONTWRITEBYTECODE": "1"}
    process = subprocess.Popen(
        [python.parent / "functions-framework", "--target", target, "--source", source, "--host", "127.0.0.1", "--port", str(port)],
        cwd=source.parent,
        env={**bare_environment(), **environment, **ours},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=AT_MOST_S)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(AT_MOST_S * 20):
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        threading.Event().wait(0.05)
    raise RuntimeError(f"{process.args} does not serve")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
