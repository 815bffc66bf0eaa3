"""Runs a scoring script of the labelled data over our adapter; used by the tests beside it."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.architecture.sources import ROOT

SCORES = ROOT.parent / "shared" / "data" / "score"
needs_labelled_mail = pytest.mark.skipif(not SCORES.exists(), reason="the labelled real mail is not on this machine")


def score(topic: str) -> dict[str, Any]:
    """What the script prints; it never writes."""
    adapter = f"{ROOT / 'tests' / 'eval' / 'adapters.py'}:{topic}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, str(SCORES / f"{topic}.py"), "--impl", adapter, "--json"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    answer: dict[str, Any] = json.loads(done.stdout)
    assert answer["errors"] == 0, answer.get("error_sample")
    return answer
