"""A Drive emulator with Maria's files behind a real socket, and Google's own client for her and for a colleague."""

from datetime import timedelta
from typing import Any

import pytest

from emulators.clock import Clock
from emulators.drive.routes import DriveEmulator
from emulators.drive.state import PRESENTATION, SPREADSHEET
from emulators.serving import HttpServer
from tests.contract.emulators.drive.folders import LEO, MARIA, MONDAY
from tests.contract.emulators.google_client import official_client


@pytest.fixture
def clock() -> Clock:
    return Clock(frozen_at=MONDAY)


@pytest.fixture
def emulator(clock):
    drive = DriveEmulator(clock)
    drive.account(MARIA)
    drive.folder("Proposals", owner=MARIA, file_id="proposals")
    drive.file("Summit proposal", owner=MARIA, parent="proposals", file_id="summit", text="Four hundred guests.\nTwo days.")
    drive.file("Price list", owner=MARIA, parent="proposals", file_id="prices", mime_type=SPREADSHEET, text="item,price\nhall,900\n")
    drive.file("Pitch", owner=MARIA, file_id="pitch", mime_type=PRESENTATION, text="Slide one", modified_at=MONDAY - timedelta(days=9))
    drive.file("Brochure.pdf", owner=MARIA, file_id="brochure", mime_type="application/pdf", content=b"%PDF-1.7 brochure")
    return drive


@pytest.fixture
def url(emulator):
    with HttpServer(emulator) as server:
        yield server.url


@pytest.fixture
def service(url) -> Any:
    return official_client("drive", url, token=f"emulated:{MARIA}")


@pytest.fixture
def files(service) -> Any:
    return service.files()


@pytest.fixture
def leos(url, emulator) -> Any:
    """The service as a colleague with an account of his own uses it."""
    emulator.account(LEO)
    return official_client("drive", url, token=f"emulated:{LEO}")
