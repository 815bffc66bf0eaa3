"""One check of the development environment for all tests; it takes a few seconds."""

import json
from pathlib import Path

import pytest

from tests.terraform.checked import Checked, checked, copy_of_the_tree
from tests.terraform.planned import Plan


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_the_tree(tmp_path_factory.mktemp("terraform") / "tree")


@pytest.fixture(scope="session")
def dev(tree: Path) -> Checked:
    return checked(tree)


@pytest.fixture(scope="session")
def plan(dev: Checked) -> Plan:
    assert dev.plan, dev.output
    return dev.plan


@pytest.fixture(scope="session")
def bundles(tree: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((tree / "build" / "bundles.json").read_text())
    return found
