"""Every check against the rows of cases.jsonl, in both directions."""

from typing import Any

import pytest

from tests.cases import cases_of
from tests.unit.agents.quality_gate.judging import judged_row

CASES = cases_of("quality_gate")
FAILING = [case for case in CASES if case.values[1]["outcome"] == "FAIL"]


@pytest.mark.parametrize(("given", "expected"), CASES)
def test_a_check_finds_what_it_should_and_nothing_else(given: dict[str, Any], expected: dict[str, str]) -> None:
    found = {one.outcome for one in judged_row(given).violations if one.check == expected["check"]}
    assert found == {expected["outcome"]} - {"PASS"}


@pytest.mark.parametrize(("given", "expected"), FAILING)
def test_what_fails_a_check_fails_the_draft_and_says_why_and_what_to_do(given: dict[str, Any], expected: dict[str, str]) -> None:
    verdict = judged_row(given)
    assert verdict.outcome == "FAIL"
    assert verdict.risk > 0
    assert all(one.reason.endswith(".") and one.suggestion for one in verdict.violations)


def test_every_check_has_cases_in_both_directions() -> None:
    outcomes: dict[str, set[str]] = {}
    for case in CASES:
        outcomes.setdefault(case.values[1]["check"], set()).add(case.values[1]["outcome"])
    assert [check for check, seen in outcomes.items() if "PASS" not in seen or len(seen) < 2] == []
