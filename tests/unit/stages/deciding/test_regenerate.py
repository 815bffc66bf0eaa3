"""Regenerate: another text, as somebody asked, unless they or anybody else have thought better of it."""

import pytest

from shared.agents.thread_reader.agent import MailThreadReader
from shared.domain.audit import AuditEntry
from shared.domain.draft import Authorship, Draft, DraftState, Revision
from shared.domain.heard import Heard, heard_id
from shared.domain.ids import OperatorId
from shared.domain.outbox import Queue
from shared.domain.verdict import Outcome
from shared.ports.errors import Conflict, NotFound, ReconnectNeeded, Rejected, Transient
from shared.stages.deciding.approving import NotApproved
from shared.stages.deciding.ask_anew import ask_anew
from shared.stages.deciding.regenerate import regenerate
from tests.builders import (
    PROSPECT,
    WORKSPACE,
    a_draft_text,
    a_message,
    a_plan,
    a_thread,
    a_verdict,
    a_violation,
    a_workspace,
    an_operator,
    at,
)
from tests.fakes.agents import ScriptedAgent
from tests.unit.stages.desk import JO, MARIA, DeskWorld
from tests.unit.stages.world import work

ANEW = Authorship(model="gpt-5-mini", prompt_version="draft_writer/4")
OTHER = a_draft_text(subject="Another subject")


@pytest.fixture
def world() -> DeskWorld:
    return DeskWorld()


@pytest.fixture
def writer() -> ScriptedAgent:
    return ScriptedAgent((OTHER, ANEW))


def asked(world: DeskWorld, instruction: str = "shorter") -> Draft:
    return ask_anew(WORKSPACE, "draft-1", instruction=instruction, actor=MARIA, trace_id="trace-2", desk=world.desk)


def run_stage(world: DeskWorld, writer: ScriptedAgent, reader: ScriptedAgent | MailThreadReader | None = None) -> None:
    reader = reader or MailThreadReader(mailbox=world.mailbox.of)
    regenerate(
        work("draft-1"),
        trace_id="trace-2",
        desk=world.desk,
        thread_reader=reader,
        draft_writer=writer,
        quality_gate=world.gate,
        stationery=world.stationery,
    )


def test_the_wish_is_stored_with_its_task_and_its_record(world: DeskWorld):
    wish = asked(world, "  more\nformal ").rewriting
    assert wish is not None
    assert (wish.number, wish.instruction, wish.by, wish.at) == (1, "more formal", MARIA, at())
    [task] = world.outbox.flushed
    assert (task.id, task.destination, world.actions) == ("draft-1-rewritten-1", Queue.REGENERATE, ["draft.asked_anew"])


def test_what_somebody_asked_for_stays_out_of_the_log_for_it_may_name_people(world: DeskWorld):
    asked(world, "mention that Ana has moved to Porto")
    assert "Porto" not in "".join(one.model_dump_json() for one in world.store.everything(AuditEntry))


def test_another_text_takes_the_place_of_the_one_before(world: DeskWorld, writer: ScriptedAgent):
    asked(world, "more formal")
    run_stage(world, writer)
    draft = world.draft()
    assert (draft.text, draft.authorship, draft.revision, draft.rewriting, draft.instruction) == (OTHER, ANEW, 2, None, "more formal")
    assert (draft.revised_by, draft.verdict, world.one(Revision).text) == (MARIA, a_verdict(), a_draft_text())
    [given] = writer.asked
    assert (given["instruction"], given["attempt"], given["plan"]) == ("more formal", 2, a_plan())
    assert world.gate.asked[0]["plan"] == a_plan(tone="formal")
    assert world.outbox.destinations == ["regenerate", "write-draft"]


def test_what_the_gate_refuses_is_shown_and_stays_out_of_gmail(world: DeskWorld, writer: ScriptedAgent):
    world.gate.answer = a_verdict(outcome=Outcome.FAIL, violations=(a_violation(),))
    asked(world)
    run_stage(world, writer)
    assert (world.draft().text, world.draft().state, world.outbox.destinations) == (OTHER, DraftState.PENDING, ["regenerate"])


def test_a_redelivery_writes_nothing_and_publishes_what_was_left(world: DeskWorld, writer: ScriptedAgent):
    asked(world)
    world.outbox.dead = True
    run_stage(world, writer)
    world.outbox.dead = False
    run_stage(world, writer)
    run_stage(world, writer)
    assert (len(writer.asked), world.outbox.destinations, world.owed) == (1, ["regenerate", "write-draft"], [])


def test_whoever_edits_meanwhile_is_not_written_over(world: DeskWorld):
    asked(world)

    def edited_meanwhile(**_: object) -> object:
        world.say("My own words.")
        return OTHER, ANEW

    with pytest.raises(Transient):
        run_stage(world, ScriptedAgent(edited_meanwhile))
    run_stage(world, ScriptedAgent(AssertionError("nobody asks for it any more")))
    assert world.draft().text.sentences[0].text == "My own words."


def test_an_approval_takes_the_wish_back(world: DeskWorld, writer: ScriptedAgent):
    asked(world)
    world.approve()
    run_stage(world, writer)
    assert (writer.asked, world.draft().text, world.draft().rewriting) == ([], a_draft_text(), None)


def test_a_later_wish_takes_the_place_of_one_that_waits(world: DeskWorld, writer: ScriptedAgent):
    asked(world, "shorter")
    asked(world, "longer")
    run_stage(world, writer)
    run_stage(world, writer)
    assert [one["instruction"] for one in writer.asked] == ["longer"]
    assert [one.id for one in world.outbox.flushed][:2] == ["draft-1-rewritten-1", "draft-1-rewritten-2"]


def test_a_wish_is_short_and_about_a_draft_that_waits(world: DeskWorld):
    with pytest.raises(Rejected, match="at most 500"):
        asked(world, "x" * 501)
    world.approve(by=JO)
    with pytest.raises(Rejected, match="approved already by jo"):
        asked(world)


def test_of_two_at_once_the_second_is_told(world: DeskWorld):
    commit = world.store.commit

    def late(*writes: object) -> object:
        world.store.commit = commit  # type: ignore[method-assign]
        world.approve(by=JO)
        return commit(*writes)  # type: ignore[arg-type]

    world.store.commit = late  # type: ignore[method-assign, assignment]
    with pytest.raises(Conflict, match="approved already by jo"):
        asked(world)


def test_a_draft_that_does_not_exist_is_not_found(world: DeskWorld, writer: ScriptedAgent):
    with pytest.raises(NotFound):
        regenerate(
            work("draft-9"),
            trace_id="t",
            desk=world.desk,
            thread_reader=ScriptedAgent(),
            draft_writer=writer,
            quality_gate=world.gate,
            stationery=world.stationery,
        )
    with pytest.raises(NotFound):
        ask_anew(WORKSPACE, "draft-9", instruction="", actor=MARIA, trace_id="t", desk=world.desk)


def test_the_wish_for_another_text_of_somebody_who_was_removed_ends(world: DeskWorld, writer: ScriptedAgent):
    asked(world)
    world.store.save_workspace(workspace=a_workspace(operators=(an_operator(id=OperatorId("jo")),), default_operator=OperatorId("jo")))
    run_stage(world, writer)
    draft = world.draft()
    assert (draft.rewriting, draft.revision, draft.state_reason) == (None, 1, "its operator, maria, is no longer in this workspace")
    assert writer.asked == []


def talking(**changes: object) -> DeskWorld:
    """A draft that answers the first mail of a thread, in which they have written once more since."""
    world = DeskWorld(thread_id="t-1", reply_to_message_id="<first@theirs.example>", **changes)
    first = a_message(id="m-1", thread_id="t-1", sender=PROSPECT, message_id="<first@theirs.example>", sent_at=at(hours=-2))
    later = a_message(
        id="m-2", thread_id="t-1", sender=PROSPECT, message_id="<later@theirs.example>", text="Does it run offline?", sent_at=at(hours=1)
    )
    world.mailbox.threads.append(a_thread(first, later, id="t-1"))
    heard = Heard(id=heard_id(WORKSPACE, PROSPECT), workspace_id=WORKSPACE, at=at(hours=1), thread_id="t-1", gmail_message_id="m-2")
    world.put(heard)
    return world


def test_what_they_wrote_since_can_be_answered_by_writing_anew(writer: ScriptedAgent):
    world = talking()
    with pytest.raises(NotApproved, match="write it anew, so that it answers them"):
        world.approve()
    asked(world)
    run_stage(world, writer)
    draft = world.draft()
    assert (draft.reply_to_message_id, draft.answers, draft.references[-1]) == ("<later@theirs.example>", "m-2", "<later@theirs.example>")
    [given] = writer.asked
    assert given["context"].reading.open_questions[-1] == "Does it run offline?"
    assert world.gate.asked[-1]["context"].reading == given["context"].reading
    assert "Does it run offline?" in {one.text for one in draft.evidence}
    assert world.approve().approval.thread_head == "<later@theirs.example>"


def test_what_they_write_after_that_speaks_against_it_again(writer: ScriptedAgent):
    world = talking()
    asked(world)
    run_stage(world, writer)
    known = world.one(Heard)
    world.put(known.model_copy(update={"gmail_message_id": "m-3", "at": at(hours=2)}))
    with pytest.raises(NotApproved, match="they have written since"):
        world.approve()


def test_whoever_edits_the_new_text_is_judged_by_what_it_knows(writer: ScriptedAgent):
    world = talking()
    asked(world)
    run_stage(world, writer)
    world.say("It does run offline.")
    assert world.gate.asked[-1]["context"].reading.open_questions[-1] == "Does it run offline?"
    assert world.draft().answers == "m-2"


def test_what_they_wrote_elsewhere_no_text_of_this_draft_answers(writer: ScriptedAgent):
    world = talking()
    elsewhere = a_message(id="m-9", thread_id="t-9", sender=PROSPECT, message_id="<other@theirs.example>", sent_at=at(hours=3))
    world.mailbox.threads.append(a_thread(elsewhere, id="t-9"))
    world.put(world.one(Heard).model_copy(update={"gmail_message_id": "m-9", "thread_id": "t-9", "at": at(hours=3)}))
    asked(world)
    run_stage(world, writer)
    assert world.draft().answers == ""
    with pytest.raises(NotApproved, match="reject it and answer them from Gmail"):
        world.approve()


def test_a_mailbox_that_has_to_be_connected_again_keeps_nobody_from_writing(writer: ScriptedAgent):
    world = talking()
    asked(world)
    run_stage(world, writer, ScriptedAgent(ReconnectNeeded("consent was withdrawn")))
    assert (world.draft().text, world.draft().answers) == (OTHER, "")
    with pytest.raises(NotApproved, match="they have written since"):
        world.approve()
