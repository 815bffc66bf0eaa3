"""Fixtures for anybody's tests: `pytest_plugins = ["emulators.pytest_plugin"]`, or `-p emulators.pytest_plugin` on the command line."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest

from emulators.catalogue import build
from emulators.clock import Clock
from emulators.service import Deliverer, HttpEmulator
from emulators.serving import GrpcServer, HttpServer
from emulators.settling import Settler

HOSTS = {"firestore": "FIRESTORE_EMULATOR_HOST", "pubsub": "PUBSUB_EMULATOR_HOST"}
"""The variables Google's clients look at."""


@dataclass(frozen=True)
class Emulated:
    """One emulator that listens. `url` is for those that speak HTTP, `address` and `channel` for those that speak gRPC."""

    emulator: Any
    clock: Clock
    url: str = ""
    address: str = ""
    channel: grpc.Channel | None = None

    @property
    def faults(self) -> Any:
        return self.emulator.faults

    @property
    def settler(self) -> Settler:
        """Waits for its deliveries, and moves the clock from one due moment to the next."""
        return Settler(self.clock, [self.emulator] if isinstance(self.emulator, Deliverer) else [])


@pytest.fixture
def emulator_clock() -> Clock:
    """The clock of every emulator of this test: it stands still until `advance`. Override it for another moment, or with one that runs."""
    return Clock(frozen_at=datetime(2026, 3, 2, 9, tzinfo=UTC))


@pytest.fixture
def emulated(emulator_clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Emulated]]:
    """`emulated("gmail")`: a fresh emulator of that name, with the options its class takes, listening until the test ends.

    Firestore and Pub/Sub are also put where Google's clients look for them.
    """
    with ExitStack() as running:

        def start(name: str, **options: Any) -> Emulated:
            service = build(name, emulator_clock, **options)
            running.callback(service.close)
            if isinstance(service, HttpEmulator):
                return Emulated(service, emulator_clock, url=running.enter_context(HttpServer(service)).url)
            server = GrpcServer([service]).start()
            running.callback(server.stop)
            if name in HOSTS:
                monkeypatch.setenv(HOSTS[name], server.address)
            channel = running.enter_context(grpc.insecure_channel(server.address))
            return Emulated(service, emulator_clock, address=server.address, channel=channel)

        yield start


@pytest.fixture
def emulated_firestore(emulated: Callable[..., Emulated]) -> Emulated:
    return emulated("firestore")


@pytest.fixture
def emulated_pubsub(emulated: Callable[..., Emulated]) -> Emulated:
    """Its pushes carry no identity token; `emulated("pubsub", identity=emulated("oidc").emulator)` makes one whose pushes do."""
    return emulated("pubsub")


@pytest.fixture
def emulated_tasks(emulated: Callable[..., Emulated]) -> Emulated:
    """Its client is `CloudTasksClient(transport=CloudTasksGrpcTransport(channel=emulated_tasks.channel))`."""
    return emulated("tasks")


@pytest.fixture
def emulated_secretmanager(emulated: Callable[..., Emulated]) -> Emulated:
    return emulated("secretmanager")
