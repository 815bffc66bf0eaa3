"""Every run tries the same examples, a busy machine fails none of them, and nothing that is secret is said in any."""

from functools import cache

import pytest
from httpx._transports import default as httpx_transports
from hypothesis import settings

from tests import eavesdropping

settings.register_profile("repeatable", derandomize=True, deadline=None)  # keeps no database, which workers would share
settings.load_profile("repeatable")

# Reading all authorities costs 20 ms, and httpx does it for every client and every `httpx.get`: half the time of the contract tests.
httpx_transports.create_ssl_context = cache(httpx_transports.create_ssl_context)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(eavesdropping)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The journeys first: whoever is done early takes over short tests, and nobody waits at the end for one that takes minutes."""
    items.sort(key=lambda one: "tests/pipeline/" not in one.nodeid)
