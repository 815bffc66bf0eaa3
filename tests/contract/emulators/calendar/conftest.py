"""A Calendar emulator with Maria's and Leo's calendars behind a real socket, and Google's own client for each of them."""

from collections.abc import Iterator
from typing import Any

import pytest

from emulators.calendar.routes import CalendarEmulator
from emulators.clock import Clock
from emulators.serving import HttpServer
from tests.contract.emulators.calendar.appointments import LEO, MARIA, MONDAY
from tests.contract.emulators.google_client import official_client


@pytest.fixture
def clock() -> Clock:
    return Clock(frozen_at=MONDAY)


@pytest.fixture
def emulator(clock: Clock) -> CalendarEmulator:
    calendar = CalendarEmulator(clock)
    calendar.account(MARIA, time_zone="Europe/Madrid")
    calendar.account(LEO)
    return calendar


@pytest.fixture
def url(emulator: CalendarEmulator) -> Iterator[str]:
    with HttpServer(emulator) as server:
        yield server.url


@pytest.fixture
def service(url: str) -> Any:
    return official_client("calendar", url, token=f"emulated:{MARIA}")


@pytest.fixture
def events(service: Any) -> Any:
    return service.events()


@pytest.fixture
def leos(url: str) -> Any:
    """The events of the colleague who is invited."""
    return official_client("calendar", url, token=f"emulated:{LEO}").events()
