"""Several submissions, several people and the operator in one conversation: nobody's work is lost to somebody else's draft."""

from datetime import timedelta
from email import message_from_string, policy

import pytest

from emulators.faults import Kind
from shared.domain.draft import DraftState
from shared.domain.run import RunState
from tests.pipeline.world import GUIDE, JONAS, World

IDA = "ida.vang@halden-foods.example"
LEA = "lea@nordwind-textil.example"


def recipients(world: World) -> list[str]:
    return [str(message_from_string(world.gmail_draft_text(one), policy=policy.default)["To"]) for one in world.gmail_drafts()]


@pytest.mark.parametrize("line", ["Cc: finance@tidewater.example", "Bcc: boss@tidewater.example", "Importance: high"])
def test_a_draft_whose_words_stand_but_that_the_operator_has_saved_is_left_alone(world: World, line: str) -> None:
    world.submit(JONAS)
    world.settle()
    [gmail_id] = world.gmail_drafts()
    saved = world.gmail_draft_text(gmail_id).replace("Subject:", f"{line}\r\nSubject:", 1)
    thread_id = world.mailbox.draft_message(gmail_id).thread_id
    world.mailbox.replace_draft(gmail_id, saved.encode(), at=world.suite.clock.now(), thread_id=thread_id)
    world.advance(minutes=30)

    world.submit(JONAS, message="Any news on the demo for chilled products?")
    world.settle()

    assert world.gmail_draft_text(gmail_id) == saved
    assert sorted(draft.state for draft in world.drafts) == [DraftState.EDITED_OUTSIDE, DraftState.SUPERSEDED]


def test_a_colleague_in_the_same_thread_does_not_take_the_place_of_the_first_ones_draft(world: World) -> None:
    mail = {
        "from": f"Jonas Keller <{JONAS}>",
        "to": f"Mara Lindqvist <mara@tidewater.example>, Ida Vang <{IDA}>",
        "subject": "Re: Forecasting for chilled products",
        "message_id": "<halden-4@halden-foods.example>",
        "in_reply_to": "<halden-3@halden-foods.example>",
        "references": "<halden-3@halden-foods.example>",
        "text": "Ida from finance joins us. Does the pilot cover promotions?",
    }
    world.suite.gmail.deliver("mara@tidewater.example", mail, at=world.suite.clock.now() - timedelta(hours=1))
    world.submit(JONAS)
    world.settle()

    world.submit(IDA, firstname="Ida", lastname="Vang", message="Which invoice data do you need for a demo?")
    world.settle()

    assert [JONAS in one for one in recipients(world)] == [True]
    assert all(run.state is RunState.DONE for run in world.runs)
    [told] = [run.placement_note for run in world.runs if run.recipient == IDA]
    assert told == f"a draft to {JONAS} stands in this conversation"
    assert (len(world.notes()), len(world.tasks())) == (2, 2)


def test_of_two_submissions_announced_in_the_wrong_order_the_later_one_keeps_its_draft(world: World) -> None:
    world.fail("hubspot", "deliver.*", kind=Kind.DROP_BEFORE, times=2)  # HubSpot tries these again later
    world.submit(LEA, form=GUIDE, firstname="Lea", lastname="Brandt", message="Is there a guide for textiles?")
    world.advance(seconds=5)
    world.submit(LEA, form=GUIDE, firstname="Lea", lastname="Brandt", message="And one for winter collections?")
    world.settle()
    assert len(world.runs) == 1
    world.run_to_the_end()

    assert [run.state for run in world.runs] == [RunState.DONE, RunState.DONE]
    newest = max(world.runs, key=lambda run: run.context.job.entry.submitted_at)  # type: ignore[union-attr]
    assert [draft.run_id for draft in world.drafts if draft.state is DraftState.PENDING] == [newest.id]
    assert len(world.gmail_drafts()) == 1
