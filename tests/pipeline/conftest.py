"""One suite for all journeys; each starts from the same state at the same frozen moment."""

from collections.abc import Iterator

import pytest

from infra.fronts import ThreadFront
from infra.suite import Suite
from tests.pipeline.world import MONDAY, World

SETTINGS = {"SALES_AGENT_VENDOR_TIMEOUT_S": "0.5", "SALES_AGENT_MODEL_TIMEOUT_S": "0.5", "SALES_AGENT_LOG_LEVEL": "DEBUG"}


@pytest.fixture(scope="session")
def shared_world() -> Iterator[World]:
    with Suite(front=ThreadFront(), frozen_at=MONDAY, settings=SETTINGS) as suite:
        yield World(suite)


@pytest.fixture
def world(shared_world: World) -> World:
    shared_world.rewind()
    return shared_world
