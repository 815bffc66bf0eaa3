"""Cold starts: what a function may load before its first answer."""

import pytest

from tests.architecture.served import served
from tests.architecture.sources import ROOT

# Flask itself brings jinja2: it costs every function the same.
HEAVY = {"openai", "numpy", "rich", "holidays", "requests", "aiohttp", "yaml", "jsonschema"}
FOREIGN = {"shared.connectors", "emulators", "infra"}
MODULES = 900


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    return set(served("form_webhook", ROOT).files)


def test_the_webhook_loads_no_library_it_does_not_need(loaded: set[str]) -> None:
    assert not {name for name in loaded if name.partition(".")[0] in HEAVY}


def test_the_webhook_loads_no_connector_but_hubspots(loaded: set[str]) -> None:
    foreign = {name for name in loaded if name.startswith(tuple(f"{one}." for one in FOREIGN))}
    assert not {name for name in foreign if not name.startswith("shared.connectors.hubspot")}


def test_the_webhook_loads_only_its_own_folder_of_functions(loaded: set[str]) -> None:
    assert {name for name in loaded if name.startswith("functions.")} <= {"functions.form_webhook", "functions.form_webhook.main"}


def test_the_webhook_stays_within_its_budget_of_modules(loaded: set[str]) -> None:
    assert len(loaded) <= MODULES
