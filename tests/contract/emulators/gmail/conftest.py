"""A Gmail emulator with Maria's mailbox behind a real socket, Google's own client on it, and a topic that keeps what it is sent."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from emulators.clock import Clock
from emulators.gmail.routes import GmailEmulator
from emulators.serving import HttpServer
from tests.contract.emulators.gmail.correspondence import MARIA, MONDAY
from tests.contract.emulators.google_client import official_client

TOPIC = "projects/sales-agent/topics/mail"


class Topic:
    """Stands where Pub/Sub stands: keeps notifications by topic, knows one topic only."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    def publish(self, topic: str, data: bytes) -> None:
        if topic != TOPIC:
            raise LookupError(topic)
        self.told.append(json.loads(data))


@pytest.fixture
def clock() -> Clock:
    return Clock(frozen_at=MONDAY)


@pytest.fixture
def topic() -> Topic:
    return Topic()


@pytest.fixture
def emulator(clock: Clock, topic: Topic) -> GmailEmulator:
    gmail = GmailEmulator(clock, publish=topic.publish)
    gmail.mailbox(MARIA, name="Maria Costa", signature="Maria<br>Northwind", aliases=[{"sendAsEmail": "mc@northwind.example"}])
    return gmail


@pytest.fixture
def url(emulator: GmailEmulator) -> Iterator[str]:
    with HttpServer(emulator) as server:
        yield server.url


@pytest.fixture
def service(url: str) -> Any:
    return official_client("gmail", url, token=f"emulated:{MARIA}")


@pytest.fixture
def users(service: Any) -> Any:
    return service.users()
