"""What of an operator's instruction can be followed without a model."""

import pytest

from shared.domain.instruction import ASKED_INSTEAD, Instruction, as_instructed, understood
from shared.domain.planning import Action, Tone
from tests.builders import a_plan

FORMAL, RELAXED = Tone.FORMAL, Tone.CONVERSATIONAL
READINGS = {
    "": Instruction(),
    "mention the fair in May": Instruction(),
    "shorter please": Instruction(shorter=True),
    "Make it SHORTER and more formal": Instruction(shorter=True, tone=FORMAL),
    "this is too long": Instruction(shorter=True),
    "not so long": Instruction(shorter=True),
    "a bit longer, with more detail": Instruction(longer=True),
    "not too short": Instruction(longer=True),
    "less formal": Instruction(tone=RELAXED),
    "too casual, more professional": Instruction(tone=FORMAL),
    "too formal": Instruction(tone=RELAXED),
    "not so casual": Instruction(tone=FORMAL),
    "warmer": Instruction(tone=RELAXED),
    "no call": Instruction(no_call=True),
    "don't offer a meeting": Instruction(no_call=True),
    "without the times": Instruction(no_call=True),
    "propose a call": Instruction(),
}


@pytest.mark.parametrize(("text", "wish"), READINGS.items())
def test_an_instruction_is_read_as_it_is_meant(text: str, wish: Instruction):
    assert understood(text) == wish


def test_the_plan_of_the_text_follows_the_instruction():
    call = a_plan(action=Action.PROPOSE_CALL, call_to_action="Does one of these times work?")
    changed = as_instructed(call, "more formal and no call")
    assert (changed.tone, changed.action, changed.call_to_action) == (FORMAL, Action.SEND_FOLLOWUP, ASKED_INSTEAD)
    assert as_instructed(changed, "more formal and no call") == changed
    assert as_instructed(call, "mention May") is call
    assert as_instructed(a_plan(), "no call") == a_plan()
