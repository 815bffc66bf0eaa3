"""Log: one note, one task and the allowed properties per run, through crashes, repeats and outages."""

from collections.abc import Sequence
from typing import Any

import pytest

from shared.domain.crm_entry import CrmEntry, CrmRecord, NoteText, TaskText
from shared.domain.lease import LEASE_FOR, Lease
from shared.domain.run import Run, RunState, Step
from shared.domain.verdict import Outcome
from shared.ports.errors import Busy, OutcomeUnknown, Permanent, SalesAgentError, Transient
from shared.ports.store import Write
from shared.stages.drafting.log_to_crm import log_to_crm
from tests.builders import MONDAY, a_draft, a_verdict, at
from tests.fakes.agents import ScriptedAgent
from tests.fakes.crm import MemoryCrm
from tests.fakes.store import MemoryStore
from tests.unit.stages.world import StageWorld, a_gated_run, a_judged_draft, a_planned_run, work

ENTRY = CrmEntry(
    contact_id="51",
    note=NoteText(body="Draft placed. Ref: run_1", marker="run_1-note", at=MONDAY),
    task=TaskText(subject="Look at the draft", body="Ref: run_1", marker="run_1-task", due_at=at(days=1), priority="HIGH"),
    properties={"hs_lead_status": "IN_PROGRESS", "lifecyclestage": "customer"},
)


class UnluckyCrm(MemoryCrm):
    """A method in `failures` raises once it has (or, for `before`, before it has) done its work."""

    def __init__(self) -> None:
        super().__init__()
        self.before: dict[str, SalesAgentError] = {}
        self.after: dict[str, SalesAgentError] = {}

    def write_note(self, **asked: Any) -> str:
        return self._unlucky("write_note", super().write_note, asked)

    def write_task(self, **asked: Any) -> str:
        return self._unlucky("write_task", super().write_task, asked)

    def _unlucky(self, name: str, work: Any, asked: dict[str, Any]) -> str:
        if name in self.before:
            raise self.before[name]
        done = work(**asked)
        if name in self.after:
            raise self.after[name]
        return str(done)


class Logging:
    def __init__(self, world: StageWorld) -> None:
        self.world, self.crm, self.hygiene = world, UnluckyCrm(), ScriptedAgent(ENTRY)
        world.put(a_gated_run(state=RunState.PLACED), a_judged_draft())

    def __call__(self) -> None:
        log_to_crm(work(), store=self.world.store, clock=self.world.clock, crm=self.crm.of, crm_hygiene=self.hygiene)

    @property
    def run(self) -> Run:
        return self.world.run()


@pytest.fixture
def logging(world: StageWorld) -> Logging:
    return Logging(world)


def test_a_placed_run_is_logged_and_done(logging: Logging):
    logging.world.later(minutes=5)
    logging()
    assert logging.crm.notes == {"run_1-note": ("51", ENTRY.note)}
    assert logging.crm.tasks == {"run_1-task": ("51", ENTRY.task)}
    assert logging.run.crm == CrmRecord(note_id="note-1", task_id="task-1", written_at=at(minutes=5))
    assert (logging.run.state, logging.run.lease, logging.run.updated_at) == (RunState.DONE, None, at(minutes=5))
    assert logging.run.history == (
        Step(state=RunState.LOGGED, stage="log_to_crm", at=at(minutes=5)),
        Step(state=RunState.DONE, stage="log_to_crm", at=at(minutes=5)),
    )


def test_only_properties_the_workspace_allows_are_written(logging: Logging):
    logging()
    assert logging.crm.updates == [("51", {"hs_lead_status": "IN_PROGRESS"})]


def test_nothing_allowed_is_nothing_updated(logging: Logging):
    logging.hygiene.answer = ENTRY.model_copy(update={"properties": {"lifecyclestage": "customer"}})
    logging()
    assert logging.crm.calls == ["write_note", "write_task"]


def test_the_entry_is_made_from_run_and_draft_at_the_moment_the_run_was_placed(logging: Logging):
    logging.world.later(hours=3)
    logging()
    [asked] = logging.hygiene.asked
    assert (asked["workspace"].id, asked["run"].id, asked["draft"].id, asked["now"]) == ("northwind", "run_1", "draft-1", MONDAY)


def test_a_run_with_nothing_to_do_is_logged_without_a_draft(logging: Logging):
    logging.world.put(a_planned_run(placement_note="They are a customer already."))
    logging()
    assert logging.hygiene.asked[0]["draft"] is None
    assert (logging.run.state, logging.run.history[-1].note) == (RunState.DONE, "They are a customer already.")


def test_a_refused_draft_is_logged_and_the_run_ends_as_failed_at_the_gate(logging: Logging):
    refused = a_verdict(outcome=Outcome.FAIL)
    logging.world.put(a_gated_run(placement_note="the gate refused the draft: two questions"), a_judged_draft(verdict=refused))
    logging()
    assert (logging.run.state, logging.run.failed_stage) == (RunState.FAILED, "gate")
    assert logging.run.failure_reason == "the gate refused the draft: two questions"
    assert (logging.run.crm.note_id, [one.state for one in logging.run.history]) == ("note-1", [RunState.LOGGED, RunState.FAILED])


@pytest.mark.parametrize("outcome", [Outcome.PASS, Outcome.WARN])
def test_a_draft_with_warnings_is_no_failure(logging: Logging, outcome: Outcome):
    logging.world.put(a_judged_draft(verdict=a_verdict(outcome=outcome)))
    logging()
    assert logging.run.state is RunState.DONE


def test_a_draft_nobody_judged_is_no_failure(logging: Logging):
    logging.world.put(a_draft())
    logging()
    assert logging.run.state is RunState.DONE


@pytest.mark.parametrize("state", [RunState.RECEIVED, RunState.DRAFTED, RunState.LOGGED, RunState.DONE])
def test_a_run_that_is_not_ready_or_done_already_is_left_alone(logging: Logging, state: RunState):
    logging.world.put(a_gated_run(state=state))
    logging()
    assert (logging.crm.calls, logging.run.state) == ([], state)


def test_the_same_task_twice_writes_once(logging: Logging):
    logging()
    before, calls = logging.run, list(logging.crm.calls)
    logging()
    assert (logging.run, logging.crm.calls) == (before, calls)


# Leases, crashes and outages


def test_while_one_delivery_writes_another_is_told_to_come_again(logging: Logging):
    logging.world.put(a_gated_run(state=RunState.PLACED, lease=Lease(holder="run_1", until=at(seconds=1), fence=1)))
    with pytest.raises(Busy, match="another delivery is writing"):
        logging()
    assert logging.crm.calls == []
    logging.world.later(seconds=1)
    logging()
    assert logging.run.state is RunState.DONE


def test_the_lease_is_held_while_the_crm_is_written(logging: Logging):
    held: list[Lease | None] = []
    logging.hygiene.answer = lambda **asked: (held.append(logging.run.lease), ENTRY)[1]
    logging()
    assert held == [Lease(holder="run_1", until=MONDAY + LEASE_FOR, fence=1)]


@pytest.mark.parametrize("method", ["write_note", "write_task"])
def test_an_unknown_outcome_keeps_the_lease_and_the_repeat_finds_what_was_written(logging: Logging, method: str):
    logging.crm.after[method] = OutcomeUnknown("no answer from HubSpot")
    with pytest.raises(OutcomeUnknown):
        logging()
    logging.crm.after.clear()
    with pytest.raises(Busy):
        logging()
    logging.world.clock.advance(LEASE_FOR)
    logging()
    assert (len(logging.crm.notes), len(logging.crm.tasks), logging.run.state) == (1, 1, RunState.DONE)


@pytest.mark.parametrize("error", [Transient("HubSpot is away"), Permanent("the contact was deleted")], ids=["transient", "permanent"])
def test_a_clean_failure_gives_the_lease_back(logging: Logging, error: SalesAgentError):
    logging.crm.before["write_task"] = error
    with pytest.raises(type(error), match=error.detail):
        logging()
    assert (logging.run.lease, logging.run.state) == (None, RunState.PLACED)
    logging.crm.before.clear()
    logging()
    assert (len(logging.crm.notes), len(logging.crm.tasks)) == (1, 1)


class Scripted(MemoryStore):
    """Before its commit number `strikes` (from 0), `rival` happens."""

    def __init__(self, world: StageWorld, *, strikes: int, rival: Any) -> None:
        self.__dict__.update(world.store.__dict__)
        self.strikes, self.rival, self.count = strikes, rival, 0
        world.store = self

    def commit(self, *writes: Write) -> Sequence[object]:
        number, self.count = self.count, self.count + 1
        if number == self.strikes:
            self.rival()
        return super().commit(*writes)


def test_of_two_deliveries_at_once_one_writes(logging: Logging):
    Scripted(logging.world, strikes=0, rival=lambda: logging.world.put(logging.run.model_copy(update={"placement_note": "touched"})))
    with pytest.raises(Busy, match="just begun"):
        logging()
    assert logging.crm.calls == []


def test_a_run_failed_while_it_was_written_stays_failed(logging: Logging):
    failed = a_gated_run(state=RunState.FAILED, failure_reason="too many attempts")
    Scripted(logging.world, strikes=1, rival=lambda: logging.world.put(failed))
    logging()
    assert logging.run == failed


def test_a_lease_that_cannot_be_given_back_ends_by_itself(logging: Logging):
    def away() -> None:
        raise Transient("the store is away")

    logging.crm.before["write_note"] = Transient("HubSpot is away")
    Scripted(logging.world, strikes=1, rival=away)
    with pytest.raises(Transient, match="HubSpot"):
        logging()
    assert logging.run.lease.until == MONDAY + LEASE_FOR
