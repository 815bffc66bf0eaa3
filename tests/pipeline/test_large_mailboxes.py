"""Conversations larger than anybody reads: they are shortened, and the run still fits into one document of the store."""

from datetime import timedelta
from typing import Any

import pytest

from shared.domain.run import RunState
from tests.pipeline.world import JONAS, World

MARA = "Mara Lindqvist <mara@tidewater.example>"
MANY = ", ".join(f"Colleague Number {number} <colleague.{number}@halden-foods.example>" for number in range(2000))
LARGE: dict[str, dict[str, Any]] = {
    "long mails": {"text": "We plan in spreadsheets and write off 6 percent. " * 20_000},
    "long mails without a blank": {"text": "x" * 500_000},
    "mails in four-byte characters": {"text": "🙂 Could we see it? " * 20_000},
    "thousands of recipients": {"cc": MANY},
    "endless references": {"references": " ".join(f"<reference-{number}@halden-foods.example>" for number in range(5000))},
    "an endless subject": {"subject": "Re: " * 20_000 + "Forecasting"},
    "an endless name": {"from": f"{'Jonas ' * 10_000}<{JONAS}>"},
}


SLOW = ("long mails without a blank", "mails in four-byte characters", "an endless name")
CASES = [pytest.param(case, id=name, marks=[pytest.mark.nightly] if name in SLOW else []) for name, case in LARGE.items()]


@pytest.mark.parametrize("large", CASES)
def test_a_conversation_of_any_size_is_answered(world: World, large: dict[str, Any]) -> None:
    usual = {"from": f"Jonas Keller <{JONAS}>", "to": MARA, "subject": "Forecasting", "text": "Hello Mara"}
    before = "<halden-3@halden-foods.example>"
    for number in range(15):
        name = f"<large-{number}@halden-foods.example>"
        mail = {"message_id": name, "in_reply_to": before, "references": before} | usual | large
        world.suite.gmail.deliver("mara@tidewater.example", mail, at=world.suite.clock.now() - timedelta(days=2, minutes=-number))
        before = name

    world.submit(JONAS)
    world.run_to_the_end()

    assert world.only_run.state is RunState.DONE
    assert (len(world.gmail_drafts()), len(world.notes()), len(world.tasks())) == (1, 1, 1)
    assert len(world.gmail_draft_text(world.gmail_drafts()[0])) < 10_000
