"""Draft: the planned run gets its mail, addressed to the right thread, and is passed on once."""

from collections.abc import Sequence
from typing import Any

import pytest

from shared.domain.agent_run import AgentRun
from shared.domain.draft import Authorship, Draft, DraftState
from shared.domain.ids import TraceId
from shared.domain.outbox import Channel
from shared.domain.run import RunState
from shared.domain.workspace import Workspace
from shared.ports.errors import Conflict, NotFound, Permanent, SettingNeeded, Transient
from shared.ports.model import Book
from shared.ports.store import Add, Create, Replace, Write
from shared.stages.drafting.draft import draft, voice_of
from tests.builders import (
    MONDAY,
    WORKSPACE,
    a_context,
    a_draft_text,
    a_form_entry,
    a_full_context,
    a_job,
    a_message,
    a_plan,
    a_run,
    a_thread,
    a_thread_reading,
    a_voice,
    a_workspace,
    an_answer,
    at,
)
from tests.fakes.agents import ScriptedAgent
from tests.fakes.store import MemoryStore
from tests.unit.stages.world import JO, StageWorld, a_planned_run, work

BUILT_IN = Authorship(model="built-in-writer/1", prompt_version="draft_writer/1")


@pytest.fixture
def writer() -> ScriptedAgent:
    return ScriptedAgent((a_draft_text(), BUILT_IN))


def run_stage(world: StageWorld, writer: ScriptedAgent, id: str = "run_1") -> None:
    draft(work(id), store=world.store, outbox=world.outbox, clock=world.clock, draft_writer=writer, stationery=world.stationery)


def test_a_planned_run_gets_a_draft(world: StageWorld, writer: ScriptedAgent):
    world.put(a_planned_run())
    world.later(minutes=2)
    run_stage(world, writer)
    written = world.one(Draft)
    assert (written.id, written.run_id, written.operator_id, written.state) == ("draft_1", "run_1", "maria", DraftState.PENDING)
    assert (written.mailbox, written.recipient) == ("maria@northwind.example", "ana.silva@brightleaf.example")
    assert (written.recipient_name, written.text, written.authorship) == ("Ana Silva", a_draft_text(), BUILT_IN)
    assert (written.evidence, written.created_at, written.updated_at) == (a_context().evidence, at(minutes=2), at(minutes=2))
    assert (world.run().state, world.run().draft_id) == (RunState.DRAFTED, "draft_1")
    assert (world.run().history[-1].stage, world.run().history[-1].note) == ("draft", "written by built-in-writer/1")


def test_the_draft_is_passed_on_to_the_gate(world: StageWorld, writer: ScriptedAgent):
    world.put(a_planned_run())
    run_stage(world, writer)
    [event] = world.outbox.flushed
    assert (event.id, event.channel, event.destination) == ("run_1-drafted", Channel.EVENT, "draft.written")


def test_a_new_conversation_has_no_thread_to_answer(world: StageWorld, writer: ScriptedAgent):
    world.put(a_planned_run())
    run_stage(world, writer)
    written = world.one(Draft)
    assert (written.thread_id, written.reply_to_message_id, written.references) == ("", "", ())


def test_an_answer_goes_to_the_newest_human_message_of_the_thread(world: StageWorld, writer: ScriptedAgent):
    last = an_answer(references=("<m1@brightleaf.example>",))
    thread = a_thread(a_message(), last, a_message(id="m3", message_id="<m3@robot.example>", automatic=True))
    world.put(a_planned_run(context=a_full_context(reading=a_thread_reading(thread=thread))))
    run_stage(world, writer)
    written = world.one(Draft)
    assert (written.thread_id, written.reply_to_message_id) == ("t1", "<m2@northwind.example>")
    assert written.references == ("<m1@brightleaf.example>", "<m2@northwind.example>")


def test_a_draft_knows_what_was_read_for_it_and_nothing_that_came_until_it_was_written(world: StageWorld, writer: ScriptedAgent):
    mine = a_message(id="m4", sender="ANA.Silva+x@brightleaf.example")
    robot, colleague = a_message(id="m5", automatic=True), a_message(id="m6", sender="rui@brightleaf.example")
    reading = a_thread_reading(thread=a_thread(a_message(), mine, robot, colleague))
    world.put(a_planned_run(context=a_full_context(reading=reading, looked_at=MONDAY)))
    world.later(hours=6)
    run_stage(world, writer)
    written = world.one(Draft)
    assert (written.answers, written.known_until, written.created_at) == ("m4", MONDAY, at(hours=6))


def test_a_thread_of_machine_mail_alone_has_no_message_to_answer(world: StageWorld, writer: ScriptedAgent):
    thread = a_thread(a_message(automatic=True))
    world.put(a_planned_run(context=a_full_context(reading=a_thread_reading(thread=thread))))
    run_stage(world, writer)
    written = world.one(Draft)
    assert (written.thread_id, written.reply_to_message_id, written.references) == ("t1", "", ())


def test_the_history_tells_when_the_built_in_writer_had_to_take_over(world: StageWorld, writer: ScriptedAgent):
    world.put(a_planned_run())
    writer.answer = a_draft_text(), BUILT_IN.model_copy(update={"fell_back": True, "fallback_reason": "timeout: no answer"})
    run_stage(world, writer)
    assert world.run().history[-1].note == "written by built-in-writer/1; took over because timeout: no answer"


def test_the_writer_works_from_plan_context_and_the_operators_voice(world: StageWorld, writer: ScriptedAgent):
    world.put(a_planned_run(context=a_context(operator_id="jo")), a_voice(id="jo", operator_id="jo"))
    run_stage(world, writer)
    [asked] = writer.asked
    assert (asked["plan"], asked["context"], asked["workspace"].id) == (a_plan(), a_context(operator_id="jo"), WORKSPACE)
    assert (asked["voice"], asked["run"].id) == (a_voice(id="jo", operator_id="jo"), "run_1")
    assert world.one(Draft).mailbox == "jo@northwind.example"


def test_an_operator_without_profile_writes_plainly_under_a_signature(world: StageWorld):
    workspace: Workspace = world.workspace
    plain = voice_of(JO, workspace=workspace, store=world.store)
    assert (plain.id, plain.operator_id, plain.workspace_id) == ("jo", "jo", WORKSPACE)
    assert (plain.signature, plain.phrasings) == ("Jo Brandt\nNorthwind Events", ())
    assert voice_of(workspace.operators[0], workspace=workspace, store=world.store).signature == "Maria Costa\nNorthwind Events"


@pytest.mark.parametrize("state", [RunState.RECEIVED, RunState.DRAFTED, RunState.DONE, RunState.FAILED])
def test_a_run_in_any_other_state_is_left_alone(world: StageWorld, writer: ScriptedAgent, state: RunState):
    world.put(a_planned_run(state=state))
    run_stage(world, writer)
    assert (writer.asked, world.run().state, world.outbox.flushed) == ([], state, [])


def test_a_redelivery_writes_nothing_and_publishes_what_was_left(world: StageWorld, writer: ScriptedAgent):
    world.put(a_planned_run())
    world.outbox.dead = True
    run_stage(world, writer)
    world.outbox.dead = False
    run_stage(world, writer)
    run_stage(world, writer)
    assert (len(writer.asked), world.outbox.destinations, world.owed) == (1, ["draft.written"], [])


def test_of_two_deliveries_at_once_one_writes(world: StageWorld, writer: ScriptedAgent):
    world.put(a_planned_run())
    mine = ScriptedAgent(lambda **_: (run_stage(world, writer), (a_draft_text(subject="Too late"), BUILT_IN))[1])
    run_stage(world, mine)
    assert world.one(Draft).text.subject == "Your logistics summit"
    assert world.outbox.destinations == ["draft.written"]


def test_a_run_somebody_else_fails_meanwhile_stays_failed(world: StageWorld, writer: ScriptedAgent):
    world.put(a_planned_run())

    def failed_meanwhile(**_: object) -> object:
        seen = world.store.get(type(world.run()), workspace_id=WORKSPACE, id="run_1")
        world.store.commit(Replace(seen, seen.entity.failed(stage="draft", reason="too often", at=MONDAY)))
        return a_draft_text(), BUILT_IN

    run_stage(world, ScriptedAgent(failed_meanwhile))
    assert (world.run().state, world.store.everything(Draft), world.outbox.flushed) == (RunState.FAILED, [], [])


def test_a_writer_that_cannot_write_now_leaves_the_run_for_the_next_delivery(world: StageWorld):
    world.put(a_planned_run())
    with pytest.raises(Transient):
        run_stage(world, ScriptedAgent(Transient("slow")))
    assert world.run().state is RunState.PLANNED


@pytest.mark.parametrize("missing", ["context", "plan"])
def test_a_planned_run_without_plan_or_context_will_never_be_drafted(world: StageWorld, writer: ScriptedAgent, missing: str):
    world.put(a_planned_run(**{missing: None}))
    with pytest.raises(Permanent, match="run_1 has no plan"):
        run_stage(world, writer)


def test_a_run_that_does_not_exist_is_not_found(world: StageWorld, writer: ScriptedAgent):
    world.put(a_run(workspace_id="elsewhere"))
    with pytest.raises(NotFound, match="run_1"):
        run_stage(world, writer)


# The record of what a model was asked

ASKED = AgentRun(
    id="call-1", workspace_id=WORKSPACE, agent="draft_writer", model="m", prompt_version="1", trace_id=TraceId("t"), outcome="ok", at=MONDAY
)
RECORD = (Create(ASKED), Add(WORKSPACE, "counters", "spend", {"calls": 1}))


def asks_a_model(world: StageWorld, then: Any = None) -> ScriptedAgent:
    """A writer that spends money and then answers, or does what it is told to."""

    def write(*, book: Book, **_: object) -> object:
        book(RECORD)
        return then() if then else (a_draft_text(), BUILT_IN)

    world.put(a_planned_run())
    return ScriptedAgent(write)


def calls_counted(world: StageWorld) -> tuple[int, float]:
    """Records, and what the counter says."""
    counter = world.store.counter(workspace_id=WORKSPACE, collection="counters", id="spend")
    return len(world.store.everything(AgentRun)), counter.get("calls", 0)


def test_the_record_of_the_model_is_kept_with_the_draft(world: StageWorld):
    writer = asks_a_model(world)
    world.store.trips.clear()
    run_stage(world, writer)
    assert world.store.trips == [
        "read",
        "read",
        "commit",
        "commit",
    ]  # the run; voice and policy; draft and record; the end of what was owed
    assert calls_counted(world) == (1, 1)


def test_the_record_is_kept_though_another_delivery_was_quicker(world: StageWorld, writer: ScriptedAgent):
    late = asks_a_model(world, lambda: (run_stage(world, writer), (a_draft_text(subject="Too late"), BUILT_IN))[1])
    run_stage(world, late)
    assert (world.one(Draft).text.subject, calls_counted(world)) == ("Your logistics summit", (1, 1))


def test_the_record_is_kept_though_nothing_could_be_written(world: StageWorld):
    def fails() -> None:
        raise Transient("slow")

    with pytest.raises(Transient, match="slow"):
        run_stage(world, asks_a_model(world, fails))
    assert (world.run().state, calls_counted(world)) == (RunState.PLANNED, (1, 1))


def test_a_record_whose_commit_was_not_heard_of_is_kept_once(world: StageWorld):
    class Deaf(MemoryStore):
        def commit(self, *writes: Write) -> Sequence[object]:
            super().commit(*writes)
            raise Conflict("the repeated commit finds the first one's work")

    writer = asks_a_model(world)
    deaf = Deaf()
    deaf.__dict__.update(world.store.__dict__)
    world.store = deaf
    run_stage(world, writer)
    assert (world.run().state, calls_counted(world)) == (RunState.DRAFTED, (1, 1))


def test_no_model_is_asked_for_a_mail_that_waits_for_the_postal_address(world: StageWorld, writer: ScriptedAgent):
    world.store.save_workspace(workspace=a_workspace(postal_address=""))
    context = a_context(job=a_job(entry=a_form_entry(imported=True)))
    world.put(a_planned_run(context=context))
    with pytest.raises(SettingNeeded):
        run_stage(world, writer)
    assert (writer.asked, world.run().state) == ([], RunState.PLANNED)
    world.store.save_workspace(workspace=a_workspace(postal_address="1 Quay"))
    run_stage(world, writer)
    run_stage(world, writer)
    assert (len(writer.asked), world.run().state, len(world.store.everything(Draft))) == (1, RunState.DRAFTED, 1)
