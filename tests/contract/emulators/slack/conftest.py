"""A workspace on a frozen clock behind a real socket, and the vendor's own client pointed at it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from slack_sdk import WebClient

from emulators.clock import Clock
from emulators.serving import HttpServer
from emulators.slack.routes import TOKEN, SlackEmulator

SEED = {
    "users": [{"id": "U0MARIA001", "name": "maria", "email": "maria@northwind.example"}, {"id": "U0LEO00001", "name": "leo"}],
    "channels": [
        {"id": "C0SALES001", "name": "sales", "members": ["U0MARIA001"]},
        {"id": "C0OTHER001", "name": "other", "is_member": False},
        {"id": "C0SHUT0001", "name": "shut", "is_archived": True},
        {"id": "C0DEALS001", "name": "deals", "is_private": True, "is_channel": False},
    ],
}


@pytest.fixture
def clock() -> Clock:
    return Clock(frozen_at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC))


@pytest.fixture
def emulator(clock: Clock) -> Iterator[SlackEmulator]:
    emulator = SlackEmulator(clock)
    emulator.seed(SEED)
    yield emulator
    emulator.close()


@pytest.fixture
def url(emulator: SlackEmulator) -> Iterator[str]:
    with HttpServer(emulator) as server:
        emulator.connect(host=server.url)
        yield server.url


@pytest.fixture
def slack(url: str) -> WebClient:
    return WebClient(token=TOKEN, base_url=f"{url}/api/", timeout=5)
