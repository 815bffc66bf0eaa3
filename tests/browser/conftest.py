"""One suite with a full queue for all browser tests, and Debian's Chromium; they skip where none is installed."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from infra.fronts import ThreadFront
from infra.suite import Suite
from tests.browser.operating import Operating, QueueWorld
from tests.pipeline.world import MONDAY

CHROMIUM = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), "")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"
).split()
SETTINGS = {"SALES_AGENT_LOG_LEVEL": "ERROR"}


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Playwright downloads no browser of its own."""
    if not CHROMIUM:
        pytest.skip("no Chromium is installed: apt-get install chromium")
    return {"executable_path": CHROMIUM, "args": FLAGS}


@pytest.fixture(scope="session")
def base_url() -> str:
    """Instead of pytest-base-url's, which this pytest warns of."""
    return ""


@pytest.fixture(scope="session")
def front() -> ThreadFront:
    return ThreadFront()


@pytest.fixture(scope="session")
def shared_world(front: ThreadFront) -> Iterator[QueueWorld]:
    with Suite(front=front, frozen_at=MONDAY, settings=SETTINGS) as suite:
        yield QueueWorld(suite)


@pytest.fixture
def world(shared_world: QueueWorld, front: ThreadFront) -> Iterator[QueueWorld]:
    front.come_forward()  # another suite may have been this process since
    shared_world.rewind()
    front.ledger.violations.clear()
    yield shared_world
    assert front.ledger.violations == []


@pytest.fixture
def desk(world: QueueWorld, page: Page) -> Iterator[Operating]:
    """Signed in, at the queue; at the end the browser's console must have been silent."""
    page.set_viewport_size({"width": 1440, "height": 900})
    page.set_default_timeout(8000)
    desk = Operating(page, world)
    desk.sign_in()
    yield desk
    assert desk.noise == []


@pytest.fixture
def another(world: QueueWorld, context: BrowserContext, desk: Operating) -> Operating:
    """A second tab of the same operator."""
    other = Operating(context.new_page(), world)
    other.go("/queue")
    return other
