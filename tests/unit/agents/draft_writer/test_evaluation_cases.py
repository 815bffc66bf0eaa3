"""Every case beside the agent, written by the built-in writer and judged by the gate."""

import pytest

from shared.connectors.builtin.writer import VERSION, BuiltInWriter
from shared.domain.verdict import Outcome
from tests.cases import cases_of
from tests.drafting import judged, unmet, written

RUNS = [f"run_{number}" for number in range(12)]


@pytest.mark.parametrize(("given", "expected"), cases_of("draft_writer"))
def test_the_mail_is_as_the_case_expects(given, expected):
    text, authorship = written(BuiltInWriter(), given)
    assert unmet(text, expected) == []
    assert (authorship.model, authorship.prompt_version, authorship.fell_back) == (VERSION, "draft_writer/4", False)


@pytest.mark.parametrize(("given", "expected"), cases_of("draft_writer"))
def test_whatever_the_run_the_mail_passes_the_gate(given, expected):
    for run in RUNS:
        text, _ = written(BuiltInWriter(), given, run=run)
        assert unmet(text, expected) == []
        verdict = judged(text, given)
        assert [one.check for one in verdict.violations if one.check != "recent_thread"] == expected.get("warned_of", [])
        assert verdict.outcome is not Outcome.FAIL
