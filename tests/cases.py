"""The evaluation cases beside an agent, as pytest parameters named by what they show."""

import json
from pathlib import Path
from typing import Any

import pytest

AGENTS = Path(__file__).parent.parent / "shared" / "agents"


def cases_of(agent: str) -> list[Any]:
    """Each line of cases.jsonl: {"shows": a sentence, "given": {...}, "expected": {...}}."""
    lines = (AGENTS / agent / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines if line.strip()]
    return [pytest.param(one["given"], one["expected"], id=one["shows"]) for one in cases]
