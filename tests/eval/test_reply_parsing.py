"""Whose words a mail says: measured on real mail of twenty-five years and fifteen languages."""

from typing import Any

import pytest

from tests.eval.scoring import needs_labelled_mail, score

pytestmark = needs_labelled_mail

FLOORS = {
    "all": 0.925,
    "quote_stripping": 0.89,
    "era:modern": 0.90,
    "kind:reply": 0.86,
    "kind:forward": 0.97,
    "kind:reply_eml": 0.99,
    "kind:html_reply": 0.85,
    "kind:plain": 0.98,
}


@pytest.fixture(scope="module")
def reached() -> dict[str, Any]:
    return score("reply_parsing")


@pytest.mark.parametrize(("part", "floor"), FLOORS.items(), ids=FLOORS)
def test_the_newest_words_are_told_from_the_rest(reached: dict[str, Any], part: str, floor: float) -> None:
    assert reached[part]["exact"] >= floor


def test_what_a_reader_expects_to_be_left_out_is_left_out(reached: dict[str, Any]) -> None:
    assert reached["all"]["constraints"] >= 0.95


def test_html_reads_like_the_plain_text_beside_it() -> None:
    answer = score("html_text")
    assert answer["all"]["f1"] >= 0.84
    assert answer["markup_leak"] == 0
