"""What every emulator that delivers is tested with; each folder brings its own `clock` and `emulator`."""

from collections.abc import Iterator

import pytest

from emulators.clock import Clock
from emulators.service import Deliverer
from emulators.settling import Settler
from tests.contract.emulators.endpoint import Endpoint


@pytest.fixture
def settler(clock: Clock, emulator: Deliverer) -> Settler:
    return Settler(clock, [emulator])


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint() as endpoint:
        yield endpoint
