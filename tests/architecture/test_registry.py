"""The registry of shared/wiring.py: every entry resolves, needs what exists, and takes exactly what it needs."""

import importlib
import inspect
import subprocess
import sys

import pytest

from shared.wiring import REGISTRY
from tests.architecture.sources import ROOT

EAGER = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
before = set(sys.modules)
import shared.wiring
print(*sorted(set(sys.modules) - before))
"""


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_every_registry_entry_resolves(name: str) -> None:
    module, _, attribute = REGISTRY[name].target.partition(":")
    assert callable(getattr(importlib.import_module(module), attribute))


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_every_entry_needs_only_what_is_registered_and_not_itself(name: str) -> None:
    needs = set(REGISTRY[name].needs)
    assert needs <= set(REGISTRY)
    assert name not in _needed_in_the_end(name)


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_an_entry_can_be_built_from_what_the_registry_gives_it(name: str) -> None:
    module, _, attribute = REGISTRY[name].target.partition(":")
    signature = inspect.signature(getattr(importlib.import_module(module), attribute))
    signature.bind(**dict.fromkeys(REGISTRY[name].arguments))


def test_importing_the_wiring_imports_no_adapter() -> None:
    loaded = set(subprocess.run([sys.executable, "-I", "-c", EAGER], check=True, capture_output=True, text=True).stdout.split())
    assert not {name for name in loaded if name.startswith(("shared.agents.", "shared.connectors.", "shared.gcp.", "shared.stages."))}
    assert not {name for name in loaded if name.partition(".")[0] in {"google", "httpx", "openai", "jinja2", "grpc"}}


def _needed_in_the_end(name: str) -> set[str]:
    waiting, seen = list(REGISTRY[name].needs), set[str]()
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            waiting += REGISTRY[one].needs
    return seen
