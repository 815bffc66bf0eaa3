"""An account on a frozen clock behind a real socket, and the vendor's own client pointed at it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sendgrid import SendGridAPIClient

from emulators.clock import Clock
from emulators.sendgrid.routes import API_KEY, SendGridEmulator
from emulators.serving import HttpServer


@pytest.fixture
def clock() -> Clock:
    return Clock(frozen_at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC))


@pytest.fixture
def emulator(clock: Clock) -> Iterator[SendGridEmulator]:
    emulator = SendGridEmulator(clock)
    emulator.seed({"senders": ["maria@northwind.example"], "domains": ["brightleaf.example"]})
    yield emulator
    emulator.close()


@pytest.fixture
def url(emulator: SendGridEmulator) -> Iterator[str]:
    with HttpServer(emulator) as server:
        yield server.url


@pytest.fixture
def sendgrid(url: str) -> SendGridAPIClient:
    return SendGridAPIClient(API_KEY, host=url)
