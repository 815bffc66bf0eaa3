"""Who serves the functions of a suite: a process of their own, or threads of this one. Used by infra.suite."""

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from emulators.serving import HttpServer
from infra.enforcement import Ledger
from infra.front import READY, application
from infra.manifests import ROOT
from infra.refusals import FunctionsSilent
from shared.runtime.settings import PREFIX, STANDARD
from shared.wiring import ports


class Front(Protocol):
    """Whoever serves the functions while the suite runs."""

    def start(self, *, port: int, environment: Mapping[str, str]) -> None: ...
    def stop(self) -> None: ...
    def has_ended(self) -> bool: ...


class ProcessFront:
    """The functions in a process of their own, as far from the emulators as Google's are. Logs go to `log_path`."""

    def __init__(self, *, log_path: Path | None = None, module: str = "infra.front") -> None:
        self._log_path, self._module = log_path, module
        self._process: subprocess.Popen[str] | None = None
        self._pump: threading.Thread | None = None

    def start(self, *, port: int, environment: Mapping[str, str]) -> None:
        command = [sys.executable, "-m", self._module, "--port", str(port)]
        with self._log_path.open("a") if self._log_path else Path(os.devnull).open("w") as log:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**_inherited(), **environment},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.strip() == READY:
                break
        else:
            raise FunctionsSilent(f"the functions did not start; see {self._log_path or 'their standard error'}")
        self._pump = _drain(self._process, self._log_path)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._process.kill()
            if self._pump is not None:
                self._pump.join(timeout=5)

    def has_ended(self) -> bool:
        """Whether it is gone although nobody stopped it."""
        return self._process is not None and self._process.poll() is not None


class ThreadFront:
    """The functions in threads of this process, for tests that look inside; `ledger` says what they touched."""

    def __init__(self) -> None:
        self._server: HttpServer | None = None
        self._around: Mapping[str, str] = {}
        self._environment: Mapping[str, str] = {}
        self.ledger = Ledger()
        self.app = application(ledger=self.ledger)

    def start(self, *, port: int, environment: Mapping[str, str]) -> None:
        self._around, self._environment = _settings(), environment
        self.come_forward()
        self._server = HttpServer(self.app, port=port).start()

    def come_forward(self) -> None:
        """This process is the functions of this suite, whichever it was of before."""
        _become(self._environment)

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()
        _become(self._around)  # a suite around this one goes on

    def has_ended(self) -> bool:
        return False


def _become(environment: Mapping[str, str]) -> None:
    """These settings of ours and no others, and no adapter that was built from others."""
    for name in _settings():
        del os.environ[name]
    os.environ.update(environment)
    ports.interpose(lambda _, adapter: adapter)


def _settings() -> Mapping[str, str]:
    """What of the environment are settings of ours."""
    return {name: value for name, value in os.environ.items() if name.startswith(PREFIX) or name in STANDARD}


def _inherited() -> dict[str, str]:
    """The environment without any setting of ours: a suite's functions have exactly the settings the suite gives them."""
    ours = _settings()
    return {name: value for name, value in os.environ.items() if name not in ours}


def _drain(process: subprocess.Popen[str], log_path: Path | None) -> threading.Thread:
    """Keep reading what the functions log until they end, so that their pipe never fills."""

    def pump() -> None:
        assert process.stdout is not None
        with process.stdout, log_path.open("a") if log_path else Path(os.devnull).open("w") as log:
            for line in process.stdout:
                log.write(line)
                log.flush()

    thread = threading.Thread(target=pump, daemon=True)
    thread.start()
    return thread
