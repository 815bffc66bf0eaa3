"""Failures no repetition mends: the run tells where and why, the message is kept, and neither twice."""

import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.dead_letter import UNROUTED, DeadLetter, DeadLetterState
from shared.domain.hints import HintState
from shared.domain.run import RunState
from shared.domain.work import Work
from shared.ports.errors import Conflict, Permanent, Transient
from shared.ports.store import Write
from shared.stages.drafting.failures import KEPT, FailureBook, keep_dead_letter
from tests.builders import MONDAY, WORKSPACE, a_hint, a_run, at
from tests.fakes.store import MemoryStore
from tests.unit.stages.world import StageWorld, a_planned_run, work


@pytest.fixture
def book(world: StageWorld) -> FailureBook:
    return FailureBook(store=world.store, clock=world.clock)


def quarantine(book: FailureBook, **changes: Any) -> None:
    usual = {
        "function": "plan",
        "source": "lead.received--plan",
        "delivery_id": "77",
        "payload": "not ours",
        "attributes": {},
        "reason": "payload: Invalid JSON",
        "attempts": 3,
    }
    book.quarantine(**{**usual, **changes})


def test_a_run_that_fails_says_at_which_function_and_why(world: StageWorld, book: FailureBook):
    world.put(a_planned_run())
    world.later(minutes=1)
    book.record(function="draft", work=work(), error=Permanent("the model refuses"))
    run = world.run()
    assert (run.state, run.failed_stage, run.failure_reason) == (RunState.FAILED, "draft", "the model refuses")
    assert (run.history[-1].at, world.store.everything(DeadLetter)) == (at(minutes=1), [])


@pytest.mark.parametrize("state", [RunState.DONE, RunState.FAILED])
def test_a_run_that_has_ended_is_not_failed_again(world: StageWorld, book: FailureBook, state: RunState):
    world.put(a_run(state=state))
    book.record(function="draft", work=work(), error=Permanent("late"))
    assert world.run() == a_run(state=state)
    assert world.store.everything(DeadLetter) == []


def test_the_hint_that_opened_a_run_fails_it(world: StageWorld, book: FailureBook):
    world.put(a_run(), a_hint(state=HintState.RESOLVED, run_id="run_1"))
    book.record(function="plan", work=work("hint-1"), error=Permanent("no contact"))
    assert (world.run().state, world.run().failed_stage) == (RunState.FAILED, "plan")


def test_a_hint_that_only_joined_a_run_does_not_fail_it(world: StageWorld, book: FailureBook):
    joined = a_hint(id="hint-2", state=HintState.RESOLVED, run_id="run_1")
    world.put(a_run(), joined)
    book.record(function="plan", work=work("hint-2"), error=Permanent("no contact"))
    assert world.run().state is RunState.RECEIVED
    assert world.hints == [joined]
    assert (world.one(DeadLetter).run_id, world.one(DeadLetter).reason) == ("", "no contact")


def test_a_hint_that_led_to_no_run_says_so_itself_and_is_kept(world: StageWorld, book: FailureBook):
    world.put(a_hint())
    book.record(function="plan", work=work("hint-1"), error=Permanent("no such portal"))
    assert (world.hints[0].state, world.hints[0].reason) == (HintState.FAILED, "no such portal")
    letter = world.one(DeadLetter)
    assert (letter.function, letter.reason, letter.attempts) == ("plan", "no such portal", 1)
    assert Work.model_validate_json(letter.payload) == work("hint-1")


def test_a_hint_whose_run_is_missing_is_kept_as_it_is(world: StageWorld, book: FailureBook):
    resolved = a_hint(state=HintState.RESOLVED, run_id="run_1")
    world.put(resolved)
    book.record(function="plan", work=work("hint-1"), error=Permanent("gone"))
    assert (world.hints, world.one(DeadLetter).run_id) == ([resolved], "")


def test_work_nobody_knows_becomes_a_dead_letter(world: StageWorld, book: FailureBook):
    book.record(function="draft", work=work("run_9"), error=Permanent("run run_9 does not exist"))
    assert world.one(DeadLetter).workspace_id == WORKSPACE


def test_an_unreadable_message_is_kept_whole_with_its_reason(world: StageWorld, book: FailureBook):
    world.later(minutes=2)
    quarantine(book, attributes={"trace_id": "t"})
    letter = world.one(DeadLetter)
    assert (letter.function, letter.source, letter.payload, letter.attributes) == (
        "plan",
        "lead.received--plan",
        "not ours",
        {"trace_id": "t"},
    )
    assert (letter.reason, letter.attempts, letter.state, letter.received_at) == (
        "payload: Invalid JSON",
        3,
        DeadLetterState.OPEN,
        at(minutes=2),
    )
    assert (letter.workspace_id, letter.run_id) == (UNROUTED, "")


def test_a_huge_message_is_kept_up_to_a_limit(world: StageWorld, book: FailureBook):
    quarantine(book, payload="x" * 20_000)
    assert KEPT == len(world.one(DeadLetter).payload) == 10_000


def test_the_same_delivery_twice_is_kept_once_and_another_one_beside_it(world: StageWorld, book: FailureBook):
    quarantine(book)
    quarantine(book)
    assert re.fullmatch("dead_[0-9a-f]{26}", world.one(DeadLetter).id)
    for change in ({"delivery_id": "78"}, {"payload": "nor this"}, {"function": "draft"}, {"source": "other"}):
        quarantine(book, **change)
    assert len(world.store.everything(DeadLetter)) == 5


@pytest.mark.parametrize("told", ["", "a/b", "../x", "northwind\n", "a" * 129])
def test_a_workspace_that_cannot_be_one_is_nobodys(world: StageWorld, book: FailureBook, told: str):
    quarantine(book, attributes={"workspace_id": told})
    assert world.one(DeadLetter).workspace_id == UNROUTED


def test_an_unreadable_message_may_still_say_whose_it_is(world: StageWorld, book: FailureBook):
    quarantine(book, attributes={"workspace_id": "southwind"})
    assert world.one(DeadLetter).workspace_id == "southwind"


def test_a_readable_message_that_used_up_its_deliveries_fails_its_run(world: StageWorld, book: FailureBook):
    world.put(a_planned_run())
    quarantine(book, payload=work().model_dump_json(), reason="draft could not process it in 5 attempts", function="draft")
    assert (world.run().state, world.run().failed_stage) == (RunState.FAILED, "draft")
    assert (world.one(DeadLetter).run_id, world.one(DeadLetter).workspace_id) == ("run_1", WORKSPACE)


@given(st.text(max_size=50), st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=3))
def test_whatever_arrives_can_be_kept(payload: str, attributes: dict[str, str]):
    world = StageWorld()
    quarantine(FailureBook(store=world.store, clock=world.clock), payload=payload, attributes=attributes)
    assert world.one(DeadLetter).payload == payload


class Changing(MemoryStore):
    """Somebody else changes the run just before each of the first commits."""

    def __init__(self, races: int) -> None:
        super().__init__()
        self.races = races

    def commit(self, *writes: Write) -> Sequence[object]:
        if self.races:
            self.races -= 1
            raise Conflict("changed")
        return super().commit(*writes)


def test_a_run_that_moves_meanwhile_is_failed_from_where_it_is(world: StageWorld):
    store = Changing(0)
    world.store = store
    world.put(a_planned_run())
    store.races = 4
    FailureBook(store=store, clock=world.clock).record(function="draft", work=work(), error=Permanent("no"))
    assert world.run().state is RunState.FAILED


def test_a_run_that_never_stands_still_is_failed_later(world: StageWorld):
    store = Changing(0)
    world.store = store
    world.put(a_planned_run())
    store.races = 5
    with pytest.raises(Transient, match="run_1"):
        FailureBook(store=store, clock=world.clock).record(function="draft", work=work(), error=Permanent("no"))


# Dead-letter topics

SUBSCRIPTION = "CloudPubSubDeadLetterSourceSubscription"
COUNT = "CloudPubSubDeadLetterSourceDeliveryCount"


def test_a_dead_letter_names_the_function_of_its_subscription(world: StageWorld, book: FailureBook):
    told = {SUBSCRIPTION: "lead.planned--draft", COUNT: "5", "workspace_id": WORKSPACE}
    keep_dead_letter(delivery_id="9", payload="{", attributes=told, failures=book)
    letter = world.one(DeadLetter)
    assert (letter.function, letter.source, letter.attempts, letter.attributes) == ("draft", "lead.planned--draft", 5, told)
    assert letter.reason == "draft could not process it in 5 attempts"
    assert letter.received_at == MONDAY


@pytest.mark.parametrize("told", [{}, {COUNT: "many"}, {COUNT: ""}])
def test_a_dead_letter_without_origin_is_kept_all_the_same(world: StageWorld, book: FailureBook, told: dict[str, str]):
    keep_dead_letter(delivery_id="9", payload="{", attributes=told, failures=book)
    assert (world.one(DeadLetter).function, world.one(DeadLetter).attempts) == ("unknown", 0)
