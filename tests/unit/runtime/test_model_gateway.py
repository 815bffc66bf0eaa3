"""The gateway between agents and models: what it spends, when it falls back, and what it records."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import BaseModel

from shared.domain.agent_run import AgentRun
from shared.ports.errors import MalformedAnswer, Permanent, Transient
from shared.ports.model import ModelReply, ModelRequest, Refused, TooSlow, UnusableAnswer, Usage
from shared.runtime.model_gateway import COUNTERS, ModelGateway, spend_id
from tests.builders import WORKSPACE
from tests.fakes.clock import CountingIds, FixedClock
from tests.fakes.store import MemoryStore


class Verdict(BaseModel):
    word: str


REQUEST = ModelRequest(
    agent="tester",
    prompt_version="tester/1",
    system="Be brief.",
    prompt="SECRET BODY. One word?",
    facts={},
    output=Verdict,
    workspace_id=WORKSPACE,
    daily_budget_usd=1.0,
    run_id="run_1",
    trace_id="trace-1",
)


class Scripted:
    """A model that says or raises what it was given, in turn, and keeps what it was asked."""

    def __init__(self, clock, *turns):
        self.clock, self.turns, self.asked = clock, list(turns), []

    def complete(self, request):
        self.asked.append(request)
        self.clock.advance(timedelta(milliseconds=250))
        turn = self.turns.pop(0)
        if isinstance(turn, Exception):
            raise turn
        return turn


def says(word, *, model="big-model", cost=0.01, **more):
    return ModelReply(answer=Verdict(word=word), model=model, tokens_in=100, tokens_out=10, cost_usd=cost, **more)


def unusable(reason="word: Field required"):
    return UnusableAnswer(reason, usage=Usage(100, 10, 0.01))


@pytest.fixture
def world():
    return World()


class World:
    def __init__(self):
        self.clock, self.ids, self.store = FixedClock(), CountingIds(), MemoryStore()
        self.fallback = Scripted(self.clock, *[ModelReply(answer=Verdict(word="built-in"), model="built-in/1")] * 20)
        self.primary = Scripted(self.clock)

    def gateway(self, *turns):
        self.primary.turns = list(turns)
        return self.over(self.primary)

    def over(self, primary):
        return ModelGateway(primary=primary, fallback=self.fallback, store=self.store, clock=self.clock, ids=self.ids)

    @property
    def run(self):
        (run,) = self.store.everything(AgentRun)
        return run

    def counter(self):
        return self.store.counter(workspace_id=WORKSPACE, collection=COUNTERS, id=spend_id(self.clock.now()))


def test_a_good_answer_comes_straight_back_and_is_recorded(world):
    reply = world.gateway(says("yes", cache_hit=True)).complete(REQUEST)
    assert (reply.answer.word, reply.fell_back, reply.attempts) == ("yes", False, 1)
    run = world.run
    assert (run.agent, run.model, run.prompt_version, run.run_id, run.trace_id) == ("tester", "big-model", "tester/1", "run_1", "trace-1")
    assert (run.outcome, run.attempts, run.tokens_in, run.tokens_out, run.cost_usd) == ("ok", 1, 100, 10, 0.01)
    assert (run.latency_ms, run.cache_hit, run.fell_back, run.reason) == (250, True, False, "")


def test_the_record_and_the_money_are_one_commit(world):
    world.gateway(says("yes")).complete(REQUEST)
    assert world.store.trips.count("commit") == 1
    assert world.counter() == {"cost_usd": 0.01, "calls": 1, "fallbacks": 0}


def test_whoever_keeps_the_answer_may_take_the_record_along(world):
    record = []
    world.gateway(says("yes")).complete(replace(REQUEST, book=record.extend))
    assert (world.store.trips.count("commit"), world.store.everything(AgentRun)) == (0, [])
    world.store.commit(*record)
    assert (world.run.outcome, world.counter()) == ("ok", {"cost_usd": 0.01, "calls": 1, "fallbacks": 0})


def test_what_came_to_nothing_is_taken_along_too(world):
    record = []
    world.fallback.turns = [Permanent("no")]
    with pytest.raises(Permanent):
        world.gateway(Transient("down")).complete(replace(REQUEST, book=record.extend))
    world.store.commit(*record)
    assert (world.run.outcome, world.run.fell_back) == ("refused", True)


def test_a_record_that_stands_already_is_no_failure(world):
    class Answerless(MemoryStore):
        def commit(self, *writes):
            super().commit(*writes)
            return super().commit(*writes)

    world.store = Answerless()
    assert world.gateway(says("yes")).complete(REQUEST).answer.word == "yes"
    assert world.counter()["calls"] == 1


def test_no_prompt_and_no_answer_is_ever_recorded(world):
    world.gateway(says("CONFIDENTIAL WORD")).complete(REQUEST)
    recorded = world.run.model_dump_json()
    assert "SECRET BODY" not in recorded
    assert "CONFIDENTIAL" not in recorded


def test_a_malformed_answer_is_sent_back_with_what_was_wrong(world):
    reply = world.gateway(unusable("word: Field required"), says("yes")).complete(REQUEST)
    first, second = world.primary.asked
    assert first.prompt == REQUEST.prompt
    assert second.prompt.startswith(REQUEST.prompt)
    assert "word: Field required" in second.prompt
    assert (reply.attempts, reply.fell_back, reply.tokens_in, reply.cost_usd) == (2, False, 200, 0.02)
    assert (world.run.outcome, world.run.attempts, world.run.cost_usd) == ("ok", 2, 0.02)


def test_after_three_malformed_answers_the_built_in_one_stands_in(world):
    reply = world.gateway(unusable(), unusable(), unusable("still wrong"), says("never asked")).complete(REQUEST)
    assert (reply.answer.word, reply.fell_back, reply.fallback_reason) == ("built-in", True, "malformed: still wrong")
    assert len(world.primary.asked) == 3
    assert (world.run.outcome, world.run.fell_back, world.run.model) == ("malformed", True, "built-in/1")
    assert world.counter()["cost_usd"] == pytest.approx(0.03)
    assert world.counter()["fallbacks"] == 1


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [
        (Transient("OpenAI answered 503"), "unavailable"),
        (TooSlow("OpenAI did not answer in time"), "timeout"),
        (Permanent("OpenAI answered 429 insufficient_quota"), "refused"),
        (Refused("the model refused to answer", usage=Usage(50, 5, 0.002)), "refused"),
    ],
)
def test_a_model_that_cannot_answer_is_not_asked_again_and_the_reason_is_kept(world, failure, outcome):
    reply = world.gateway(failure, says("never asked")).complete(REQUEST)
    assert (reply.answer.word, reply.fell_back, reply.fallback_reason) == ("built-in", True, f"{outcome}: {failure.detail}")
    assert len(world.primary.asked) == 1
    assert (world.run.outcome, world.run.reason, world.run.fell_back) == (outcome, failure.detail, True)


def test_a_refusal_is_paid_for(world):
    world.gateway(Refused("no", usage=Usage(50, 5, 0.002))).complete(REQUEST)
    assert (world.run.tokens_in, world.run.cost_usd) == (50, 0.002)
    assert world.counter()["cost_usd"] == 0.002


def test_an_answer_the_agent_cannot_accept_counts_as_malformed(world):
    def no_maybe(answer):
        if answer.word == "maybe":
            raise MalformedAnswer("decide")

    reply = world.gateway(says("maybe"), says("yes")).complete(replace(REQUEST, accept=no_maybe))
    assert (reply.answer.word, reply.attempts, reply.cost_usd) == ("yes", 2, 0.02)
    assert "decide" in world.primary.asked[1].prompt


def test_what_the_fallback_writes_must_be_acceptable_too(world):
    def nothing(answer):
        raise MalformedAnswer("never good enough")

    with pytest.raises(MalformedAnswer):
        world.gateway(says("a"), says("b"), says("c")).complete(replace(REQUEST, accept=nothing))
    assert (world.run.outcome, world.run.reason, world.run.cost_usd) == ("malformed", "never good enough", pytest.approx(0.03))


def test_a_spent_budget_is_not_overdrawn(world):
    request = replace(REQUEST, daily_budget_usd=0.02)
    gateway = world.gateway(says("one", cost=0.015), says("two", cost=0.015), says("three"))
    words = [gateway.complete(request).answer.word for _ in range(3)]
    assert words == ["one", "two", "built-in"]
    assert gateway.complete(request).fallback_reason.startswith("over_budget")
    assert len(world.primary.asked) == 2


def test_repeats_stop_when_the_money_runs_out_between_them(world):
    reply = world.gateway(unusable(), unusable()).complete(replace(REQUEST, daily_budget_usd=0.005))
    assert (len(world.primary.asked), reply.fallback_reason.split(":")[0]) == (1, "over_budget")


def test_the_budget_is_fresh_the_next_day(world):
    request = replace(REQUEST, daily_budget_usd=0.01)
    gateway = world.gateway(says("today"), says("tomorrow"))
    assert gateway.complete(request).answer.word == "today"
    assert gateway.complete(request).fell_back
    world.clock.advance(timedelta(days=1))
    assert gateway.complete(request).answer.word == "tomorrow"


def test_a_call_over_midnight_is_booked_on_the_day_it_began(world):
    world.clock.at = world.clock.at.replace(hour=23, minute=59, second=59, microsecond=900_000)
    begun = spend_id(world.clock.now())
    world.gateway(says("late")).complete(REQUEST)
    assert spend_id(world.clock.now()) != begun
    assert world.store.counter(workspace_id=WORKSPACE, collection=COUNTERS, id=begun)["calls"] == 1


def test_one_workspace_does_not_spend_anothers_money(world):
    gateway = world.gateway(says("a", cost=5.0), says("b"))
    gateway.complete(REQUEST)
    assert gateway.complete(replace(REQUEST, workspace_id="other")).answer.word == "b"


def test_without_a_key_the_built_in_model_is_simply_the_model(world):
    reply = world.over(None).complete(REQUEST)
    assert (reply.answer.word, reply.fell_back, reply.fallback_reason, reply.attempts) == ("built-in", False, "", 1)
    assert (world.run.outcome, world.run.fell_back, world.run.model) == ("ok", False, "built-in/1")


def test_a_fallback_that_cannot_serve_the_agent_is_recorded_and_raised(world):
    world.fallback.turns = [Permanent("no templates for tester")]
    with pytest.raises(Permanent):
        world.gateway(Transient("down")).complete(REQUEST)
    assert (world.run.outcome, world.run.reason, world.run.fell_back) == ("refused", "no templates for tester", True)
