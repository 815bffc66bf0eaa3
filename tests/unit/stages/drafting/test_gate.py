"""Gate: what passes goes on to Gmail, what fails goes to a person, and neither twice."""

import pytest

from shared.domain.draft import Draft, DraftState
from shared.domain.outbox import Channel
from shared.domain.run import RunState
from shared.domain.verdict import Outcome
from shared.ports.errors import Permanent, Transient
from shared.stages.drafting.gate import gate
from tests.builders import WORKSPACE, a_context, a_draft, a_plan, a_verdict, a_violation, a_voice, at
from tests.fakes.agents import ScriptedAgent
from tests.unit.stages.world import StageWorld, a_drafted_run, work

FAILED = a_verdict(
    outcome=Outcome.FAIL,
    risk=70,
    violations=(
        a_violation(reason="It asks for two things."),
        a_violation(outcome=Outcome.WARN, reason="It is long."),
        a_violation(reason="The price is invented."),
    ),
)


@pytest.fixture
def drafted(world: StageWorld) -> StageWorld:
    world.put(a_drafted_run(), a_draft())
    world.later(minutes=3)
    return world


def judge(world: StageWorld, agent: ScriptedAgent) -> None:
    gate(work(), store=world.store, outbox=world.outbox, clock=world.clock, quality_gate=agent, suppressions=world.suppressions)


@pytest.mark.parametrize("outcome", [Outcome.PASS, Outcome.WARN])
def test_a_draft_that_passes_waits_for_its_place_in_gmail(drafted: StageWorld, outcome: Outcome):
    verdict = a_verdict(outcome=outcome, risk=20)
    judge(drafted, ScriptedAgent(verdict))
    assert (drafted.draft().state, drafted.draft().verdict, drafted.draft().updated_at) == (DraftState.PENDING, verdict, at(minutes=3))
    assert (drafted.run().state, drafted.run().placement_note) == (RunState.GATED, "")
    assert (drafted.run().history[-1].stage, drafted.run().history[-1].note) == ("gate", f"{outcome}, risk 20")
    [owed] = drafted.outbox.flushed
    assert (owed.id, owed.channel, owed.destination) == ("run_1-gated", Channel.EVENT, "draft.gated")


def test_a_draft_that_fails_is_rejected_and_a_person_takes_over(drafted: StageWorld):
    judge(drafted, ScriptedAgent(FAILED))
    reason = "It asks for two things.; The price is invented."
    assert (drafted.draft().state, drafted.draft().state_reason, drafted.draft().verdict) == (DraftState.REJECTED, reason, FAILED)
    assert (drafted.run().state, drafted.run().placement_note) == (RunState.GATED, f"the gate refused the draft: {reason}")
    assert drafted.run().history[-1].note == "FAIL, risk 70"
    [owed] = drafted.outbox.flushed
    assert (owed.id, owed.channel, owed.destination) == ("run_1-gated", Channel.TASK, "crm")


def test_the_gate_sees_draft_plan_context_and_voice(drafted: StageWorld):
    drafted.put(a_voice())
    agent = ScriptedAgent(a_verdict())
    judge(drafted, agent)
    [asked] = agent.asked
    assert (asked["draft"], asked["plan"], asked["context"], asked["voice"]) == (a_draft(), a_plan(), a_context(), a_voice())
    assert (asked["workspace"].id, asked["now"]) == (WORKSPACE, at(minutes=3))


def test_a_redelivery_judges_nothing_and_publishes_what_was_left(drafted: StageWorld):
    agent = ScriptedAgent(FAILED)
    drafted.outbox.dead = True
    judge(drafted, agent)
    drafted.outbox.dead = False
    judge(drafted, agent)
    assert (len(agent.asked), drafted.outbox.destinations, drafted.owed) == (1, ["crm"], [])


def test_of_two_deliveries_at_once_one_judges(drafted: StageWorld):
    other = ScriptedAgent(FAILED)
    judge(drafted, ScriptedAgent(lambda **_: (judge(drafted, other), a_verdict())[1]))
    assert drafted.draft().state is DraftState.REJECTED
    assert drafted.outbox.destinations == ["crm"]


def test_a_draft_that_changed_while_it_was_judged_is_judged_again(drafted: StageWorld):
    def edited_meanwhile(**_: object) -> object:
        drafted.put(drafted.draft().model_copy(update={"recipient_name": "Ana M. Silva"}))
        return a_verdict()

    with pytest.raises(Transient, match="changed"):
        judge(drafted, ScriptedAgent(edited_meanwhile))
    assert drafted.run().state is RunState.DRAFTED
    judge(drafted, ScriptedAgent(a_verdict()))
    assert (drafted.run().state, drafted.draft().recipient_name) == (RunState.GATED, "Ana M. Silva")


def test_a_run_without_its_draft_will_never_be_judged(world: StageWorld):
    world.put(a_drafted_run())
    with pytest.raises(Permanent, match="run_1 has no draft"):
        judge(world, ScriptedAgent(a_verdict()))
    world.put(a_drafted_run(draft_id=None), a_draft())
    with pytest.raises(Permanent, match="run_1 has no draft"):
        judge(world, ScriptedAgent(a_verdict()))


def test_a_drafted_run_without_plan_will_never_be_judged(world: StageWorld):
    world.put(a_drafted_run(plan=None), a_draft())
    with pytest.raises(Permanent, match="no plan"):
        judge(world, ScriptedAgent(a_verdict()))
    assert world.one(Draft) == a_draft()


def test_two_readings_one_commit_and_the_end_of_what_was_owed_are_all_the_gate_asks_of_the_store(world: StageWorld):
    world.put(a_drafted_run(draft_id="draft_1"), a_draft(id="draft_1"))
    world.store.trips.clear()
    judge(world, ScriptedAgent(a_verdict()))
    assert world.store.trips == ["read", "get", "read", "commit", "commit"]  # the voice is read once a minute


def test_a_draft_that_is_not_the_runs_first_is_judged_all_the_same(world: StageWorld):
    world.put(a_drafted_run(id="run_9", draft_id="draft_rewritten"), a_draft(id="draft_rewritten", run_id="run_9"))
    agent = ScriptedAgent(a_verdict())
    gate(work("run_9"), store=world.store, outbox=world.outbox, clock=world.clock, quality_gate=agent, suppressions=world.suppressions)
    assert world.draft("draft_rewritten").verdict == a_verdict()
