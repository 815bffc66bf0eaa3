"""One suite for all journeys; each starts from the same state at the same frozen moment."""

from collections.abc import Iterator

import pytest

from infra.fronts import ThreadFront
from infra.official.installed import FIRESTORE, PUBSUB, missing
from infra.suite import Suite, is_official
from tests.pipeline.world import MONDAY, World

SETTINGS = {"SALES_AGENT_VENDOR_TIMEOUT_S": "10", "SALES_AGENT_MODEL_TIMEOUT_S": "2", "SALES_AGENT_LOG_LEVEL": "DEBUG"}
"""Only a model is ever too slow on purpose; a vendor is when the machine is busy, and then it is waited for."""


def pytest_runtest_setup(item: pytest.Item) -> None:
    """On Google's own emulators (EMULATORS=official) a test marked `embedded` skips, and all do where these are not installed."""
    mark = item.get_closest_marker("embedded")
    if is_official() and (reason := missing(FIRESTORE, PUBSUB) or (mark.args[0] if mark else "")):
        pytest.skip(reason)


@pytest.fixture(scope="session")
def front() -> ThreadFront:
    return ThreadFront()


@pytest.fixture(scope="session")
def shared_world(front: ThreadFront) -> Iterator[World]:
    with Suite(front=front, frozen_at=MONDAY, settings=SETTINGS) as suite:
        yield World(suite)


@pytest.fixture
def world(shared_world: World, front: ThreadFront) -> Iterator[World]:
    """Whatever a journey does, no function may touch what its manifest does not grant."""
    front.come_forward()  # another suite may have been this process since
    shared_world.rewind()
    front.ledger.violations.clear()
    yield shared_world
    assert front.ledger.violations == []
