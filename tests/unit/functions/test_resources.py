"""Which module serves which path of the API, and what of it is loaded for a request."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import functions.api
from functions.api.resources import RESOURCES, every_route, routes_for
from tests.architecture.sources import ROOT

ASK = """
import json, sys
import functions.api.main
from functions.api.resources import routes_for
routes_for(sys.argv[1])
print(json.dumps(sorted(sys.modules)))
"""
SHARED = {"functions.api.main", "functions.api.resources", "functions.api.routing"}


def test_every_route_is_found_by_its_own_path_and_every_module_with_routes_is_known() -> None:
    for route in every_route():
        assert route in routes_for(f"/{route.path}")
    [folder] = functions.api.__path__
    with_routes = {one.stem for one in Path(folder).glob("*.py") if "\nROUTES" in one.read_text()}
    assert with_routes == {load.args[0].rpartition(".")[2] for load in RESOURCES.values()}


@pytest.mark.parametrize("path", ["", "/", "nothing", "runsx", "/api/runs", "__init__", "main"])
def test_where_nothing_is_nothing_is_loaded(path: str) -> None:
    assert routes_for(path) == ()


@pytest.mark.parametrize(("path", "module", "most"), [("health/live", "functions.api.health", 90), ("runs", "functions.api.readings", 80)])
def test_a_request_loads_its_own_resource_alone(path: str, module: str, most: int) -> None:
    """Of modules of ours, which are most of what the first request of an instance waits for."""
    environment = {"PATH": os.environ["PATH"]}
    told = subprocess.run(
        [sys.executable, "-c", ASK, path], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=True
    )
    ours = [one for one in json.loads(told.stdout) if one.partition(".")[0] in ("shared", "functions")]
    assert {one for one in ours if one.startswith("functions.api.")} == {*SHARED, module}
    assert not [one for one in ours if one.startswith(("shared.stages.deciding", "shared.stages.connecting", "shared.stages.audit"))]
    assert len(ours) <= most
