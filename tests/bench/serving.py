"""Functions served as they are deployed: functions-framework with gunicorn, one worker of eight threads, in the minimal environment."""

import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from emulators.serving import free_port
from tests.bench.deployed import bare_environment

THREADS = 8
AT_MOST_S = 30


@dataclass
class Server:
    """Where it answers and, once it has ended, the user and system time that it and its worker have used."""

    port: int
    cpu_ms: float = 0.0


@contextmanager
def served(target: str, source: Path, *, python: Path, environment: Mapping[str, str]) -> Iterator[Server]:
    """It ends with the block, its worker with it."""
    server = Server(free_port())
    port = server.port
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
        yield server
    finally:
        process.send_signal(signal.SIGQUIT)
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = 0
        server.cpu_ms = (used.ru_utime + used.ru_stime) * 1000


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(AT_MOST_S * 50):
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        threading.Event().wait(0.02)
    raise RuntimeError(f"{process.args} does not serve")
