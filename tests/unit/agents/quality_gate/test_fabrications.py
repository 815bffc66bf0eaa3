"""Inventions are caught, honest drafts are not: rates over seeded drafts."""

import pytest

from shared.domain.draft import Draft
from shared.domain.verdict import Outcome, Verdict
from tests.unit.agents.quality_gate.judging import judged
from tests.unit.agents.quality_gate.seeded_drafts import KINDS, Tale, a_fabrication, a_good_draft, a_tale

GOOD = 200
OF_EACH_KIND = 50
CATCHING_CHECKS = {
    "number": {"ungrounded_number"},
    "name": {"ungrounded_name"},
    "date": {"ungrounded_date"},
    "company": {"ungrounded_name"},
    "offer": {"ungrounded_offer"},
    "asset": {"attachment"},
}


def verdict_on(tale: Tale, draft: Draft) -> Verdict:
    return judged(draft, context=tale.context)


def test_at_most_five_percent_of_good_drafts_fail() -> None:
    verdicts = [verdict_on(tale, a_good_draft(tale)) for tale in map(a_tale, range(GOOD))]
    failed = [[(one.check, one.quote) for one in verdict.violations] for verdict in verdicts if verdict.outcome is Outcome.FAIL]
    assert len(failed) <= 0.05 * GOOD, failed


@pytest.mark.parametrize("kind", KINDS)
def test_at_least_ninety_nine_percent_of_inventions_fail_for_the_right_reason(kind: str) -> None:
    missed = []
    for seed in range(1000, 1000 + OF_EACH_KIND):
        tale = a_tale(seed)
        draft = a_fabrication(tale, kind)
        found = {one.check for one in verdict_on(tale, draft).violations if one.outcome is Outcome.FAIL}
        if not found & CATCHING_CHECKS[kind]:
            missed.append(draft.text.body)
    assert len(missed) <= 0.01 * OF_EACH_KIND, missed
