"""The whole product on one machine: every emulator, every function with its real trigger, one clock. For up, demo, tests and benchmarks."""

import json
import os
import socket
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from emulators.catalogue import CATALOGUE, build
from emulators.clock import Clock
from emulators.service import Deliverer, HttpEmulator
from emulators.serving import GrpcServer, HttpServer
from emulators.settling import Settler
from infra.fronts import Front, ProcessFront
from infra.manifests import load_all
from infra.provision import Provisioner
from shared.runtime.settings import Settings, load_settings

GOOGLE = ("firestore", "pubsub", "tasks", "secretmanager")
"""These share one gRPC port."""

NEEDS_IDENTITY = ("pubsub", "tasks", "scheduler")
NEEDS_TOKENS = ("gmail", "calendar", "drive")
STATE_FILE = "suite.json"


class PortTaken(OSError):
    """A fixed port is in use; the message says which."""


class Suite:
    """Use as a context manager. `first_port` fixes all ports (functions first); 0 takes free ones."""

    def __init__(
        self,
        *,
        front: Front,
        frozen_at: datetime | None = None,
        state_dir: Path | None = None,
        first_port: int = 0,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="sales-agent-"))
        self.clock = Clock(frozen_at=frozen_at, path=self._folder / "clock")
        self._clock_path = self._folder / "clock"
        self._front, self._state_dir, self._first_port, self._given = front, state_dir, first_port, dict(settings or {})
        self.emulators: dict[str, Any] = {}
        self.urls: dict[str, str] = {}
        self._servers: list[Any] = []
        self._build()
        self.settler = Settler(self.clock, [one for one in self.emulators.values() if isinstance(one, Deliverer)])

    def __getattr__(self, name: str) -> Any:
        """`suite.gmail` is the Gmail emulator."""
        emulators = self.__dict__.get("emulators", {})
        if name in emulators:
            return emulators[name]
        raise AttributeError(name)

    def __enter__(self) -> Self:
        self._serve()
        # The Firestore client has no other way to be pointed at an emulator; seeds and tests use it in this process.
        os.environ["FIRESTORE_EMULATOR_HOST"] = self.urls["google"]
        self._restore()
        self.provisioner = Provisioner(self.settings, scheduler_url=self.urls["scheduler"])
        self._front.start(port=self._port_of("functions"), environment=self.environment())
        self.provisioner.provision(load_all().values())
        return self

    def __exit__(self, *_: object) -> None:
        self._save()
        for service in self.emulators.values():
            service.close()
        self._front.stop()
        for server in self._servers:
            server.stop()
        os.environ.pop("FIRESTORE_EMULATOR_HOST", None)

    @property
    def settings(self) -> Settings:
        return load_settings(self.environment())

    def environment(self) -> dict[str, str]:
        """What a process needs in its environment to be one of this suite's functions."""
        google = self.urls["google"]
        functions = self.urls["functions"]
        ours = {
            "ENVIRONMENT": "local",
            "PUBLIC_URL": functions,
            "FUNCTIONS_URL": functions,
            "TASKS_EMULATOR_HOST": google,
            "SECRETS_EMULATOR_HOST": google,
            "OIDC_CERTS_URL": self.urls["oidc"] + "/oauth2/v1/certs",
            "CLOCK_FILE": str(self._clock_path),
            "HUBSPOT_URL": self.urls["hubspot"],
            "GMAIL_URL": self.urls["gmail"],
            "CALENDAR_URL": self.urls["calendar"],
            "DRIVE_URL": self.urls["drive"],
            "OAUTH_TOKEN_URL": self.urls["oauth2"] + "/token",
        }
        standard = {"GOOGLE_CLOUD_PROJECT": "sales-agent-local", "FIRESTORE_EMULATOR_HOST": google, "PUBSUB_EMULATOR_HOST": google}
        return standard | {f"SALES_AGENT_{name}": value for name, value in ours.items()} | self._given

    def _build(self) -> None:
        oidc, oauth2 = build("oidc", self.clock), build("oauth2", self.clock)
        self.emulators |= {"oidc": oidc, "oauth2": oauth2}
        for name in CATALOGUE:
            options: dict[str, Any] = {}
            if name in NEEDS_IDENTITY:
                options = {"identity": oidc}
            if name in NEEDS_TOKENS:
                options = {"oauth2": oauth2}
            if name not in self.emulators:
                self.emulators[name] = build(name, self.clock, **options)

    def _serve(self) -> None:
        over_http = [name for name, service in self.emulators.items() if isinstance(service, HttpEmulator)]
        self._names = ["functions", "google", *over_http]
        google = GrpcServer([self.emulators[name] for name in GOOGLE], port=self._port_of("google")).start()
        self._servers.append(google)
        self.urls["google"] = google.address
        for name in over_http:
            server = HttpServer(self.emulators[name], port=self._port_of(name)).start()
            self._servers.append(server)
            self.urls[name] = server.url
        if not self._first_port:
            self._functions_port = _free_port()
        self.urls["functions"] = f"http://127.0.0.1:{self._port_of('functions')}"

    def _port_of(self, name: str) -> int:
        if not self._first_port:
            return self._functions_port if name == "functions" else 0
        port = self._first_port + self._names.index(name)
        if name not in self.urls:
            _check_free(port, name)
        return port

    def _restore(self) -> None:
        path = self._state_dir / STATE_FILE if self._state_dir else None
        if path is None or not path.exists():
            return
        for name, state in json.loads(path.read_text()).items():
            if name in self.emulators:
                self.emulators[name].load(state)

    def _save(self) -> None:
        """Written beside and moved over the old file, so that a crash keeps the old state."""
        if self._state_dir is None:
            return
        self._state_dir.mkdir(parents=True, exist_ok=True)
        state = {name: service.dump() for name, service in self.emulators.items() if name != "oidc"}
        fresh = self._state_dir / f"{STATE_FILE}.new"
        fresh.write_text(json.dumps(state))
        fresh.replace(self._state_dir / STATE_FILE)


@contextmanager
def running(**options: Any) -> Iterator[Suite]:
    """A suite whose functions run in a process of their own."""
    with Suite(front=ProcessFront(log_path=options.pop("log_path", None)), **options) as suite:
        yield suite


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _check_free(port: int, name: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise PortTaken(f"port {port} (for {name}) is in use; choose another with --port") from error
