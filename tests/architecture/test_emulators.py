"""Emulators: each can be started by name, and the suite leads the product to it and not to the vendor."""

from collections.abc import Iterator, Mapping

import pytest

from emulators.catalogue import CATALOGUE
from infra.fronts import ThreadFront
from infra.suite import ALONE, Suite
from shared.runtime.settings import PREFIX, Settings
from tests.architecture.sources import ROOT

SERVICES = sorted(path.parent.name for path in (ROOT / "emulators").glob("*/routes.py"))
REACHED = [name for name in SERVICES if name not in ALONE and f"{name}_url" in Settings.model_fields]


@pytest.fixture(scope="module")
def environment() -> Iterator[Mapping[str, str]]:
    """What a suite tells its functions, without serving anything."""
    suite = Suite(front=ThreadFront())
    suite.urls = {name: f"http://{name}.example" for name in (*CATALOGUE, "google", "functions")}
    yield suite.environment()
    for service in suite.emulators.values():
        service.close()
    suite.clock_path.unlink()
    suite.clock_path.parent.rmdir()


@pytest.mark.parametrize("name", SERVICES)
def test_every_emulator_can_be_started_by_its_name(name: str) -> None:
    assert name in CATALOGUE, f"emulators/catalogue.py should name {name}"


@pytest.mark.parametrize("name", REACHED)
def test_the_suite_leads_the_product_to_every_emulator_it_speaks_to(name: str, environment: Mapping[str, str]) -> None:
    told = environment.get(f"{PREFIX}{name.upper()}_URL")
    assert told == f"http://{name}.example", f"Suite.environment should say where {name} is"
