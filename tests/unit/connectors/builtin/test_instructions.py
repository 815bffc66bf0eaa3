"""The built-in writer follows what an operator asks as far as it understands, and stays within the gate."""

import pytest

from shared.connectors.builtin.writer import BuiltInWriter
from shared.domain.verdict import Outcome
from tests.cases import cases_of
from tests.drafting import judged, written

CASES = cases_of("draft_writer")


def text_of(given, instruction, *, attempt=2):
    return written(BuiltInWriter(), given, instruction=instruction, attempt=attempt)[0]


def words(text):
    return len(text.body.split())


@pytest.mark.parametrize("instruction", ["shorter", "longer", "more formal", "less formal", "no call", "mention the fair"])
@pytest.mark.parametrize(("given", "expected"), CASES)
def test_what_is_written_as_asked_passes_the_gate_as_the_first_text_did(given, expected, instruction):
    first = judged(text_of(given, "", attempt=1), given).outcome
    text = text_of(given, instruction)
    verdict = judged(text, given, instruction=instruction)
    assert verdict.outcome is not Outcome.FAIL or first is Outcome.FAIL, (text.body, verdict.violations)


@pytest.mark.parametrize(("given", "expected"), CASES)
def test_shorter_is_never_longer_and_longer_never_shorter(given, expected):
    usual = words(text_of(given, ""))
    assert words(text_of(given, "shorter")) <= usual <= words(text_of(given, "longer"))


def test_most_mails_become_shorter_and_those_with_a_document_longer_when_asked():
    usual = [words(text_of(one.values[0], "")) for one in CASES]
    shorter = [words(text_of(one.values[0], "shorter")) for one in CASES]
    assert sum(short < plain for short, plain in zip(shorter, usual, strict=True)) > len(CASES) * 0.8
    for given in (one.values[0] for one in CASES):
        text = text_of(given, "longer")
        assert not text.attachments or words(text) > words(text_of(given, ""))


@pytest.mark.parametrize(("given", "expected"), CASES)
def test_without_a_call_no_time_is_offered(given, expected):
    text = text_of({**given, "action": "PROPOSE_CALL"}, "no call")
    assert not any(source.startswith("slot.") for one in text.sentences for source in one.sources)


def test_a_formal_mail_is_greeted_and_ended_formally():
    text = text_of({}, "more formal")
    assert (text.greeting, text.sign_off) == ("Dear Ana,", "Kind regards,")


def test_every_attempt_is_another_text_and_always_the_same_one():
    texts = [text_of({}, "", attempt=number).body for number in range(1, 8)]
    assert texts == [text_of({}, "", attempt=number).body for number in range(1, 8)]
    assert len(set(texts)) > 3
