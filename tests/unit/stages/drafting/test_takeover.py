"""A run that failed before the CRM heard of it: its owner gets a task, once, and the run stays failed."""

from collections.abc import Sequence
from typing import Any

import pytest

from shared.domain.crm_entry import CrmRecord, TaskText
from shared.domain.lease import LEASE_FOR
from shared.domain.outbox import Channel, Outgoing, Queue
from shared.domain.run import Run, RunState
from shared.domain.work import Work
from shared.ports.errors import Busy, OutcomeUnknown, Permanent, ReconnectNeeded, SalesAgentError, Transient
from shared.stages.drafting.failures import FailureBook
from shared.stages.drafting.log_to_crm import UNKNOWN, log_to_crm
from tests.builders import MONDAY, PROSPECT, WORKSPACE, a_contact, a_run, a_submission, at
from tests.fakes.agents import ScriptedAgent
from tests.unit.stages.drafting.test_log_to_crm import UnluckyCrm
from tests.unit.stages.world import StageWorld, a_drafted_run, a_gated_run, a_planned_run, work

TASK = TaskText(subject="Write to Ana Silva yourself", body="Ref: run_1", marker="run_1-task", due_at=at(days=1), priority="HIGH")


class Handing:
    """A world whose CRM knows one contact; `fail` lets a run fail for good, `log` is the CRM queue's task."""

    def __init__(self, world: StageWorld) -> None:
        self.world, self.crm, self.hygiene = world, UnluckyCrm(), ScriptedAgent(TASK)
        self.book = FailureBook(store=world.store, clock=world.clock)
        self.crm.contacts = [a_contact(id="77", merged_from=())]
        world.put(a_submission(contact_id=""))

    def fail(self, run: Run, *, stage: str = "plan", id: str = "run_1") -> None:
        self.world.put(run)
        self.book.record(function=stage, work=work(id), error=Permanent("HubSpot answered 400"))

    @property
    def owed(self) -> list[Outgoing]:
        """To the CRM's queue: people are told of it besides."""
        return [one for one in self.world.owed if one.destination == Queue.CRM]

    def log(self) -> None:
        log_to_crm(work(), store=self.world.store, clock=self.world.clock, crm=self.crm.of, crm_hygiene=self.hygiene)


@pytest.fixture
def handing(world: StageWorld) -> Handing:
    return Handing(world)


FAILABLE = [("plan", a_run()), ("draft", a_planned_run()), ("gate", a_drafted_run()), ("place_draft", a_gated_run())]


@pytest.mark.parametrize(("stage", "run"), FAILABLE, ids=[one[0] for one in FAILABLE])
def test_a_run_that_fails_owes_the_crm_a_task_in_the_same_commit(handing: Handing, stage: str, run: Run):
    handing.world.put(run)
    handing.world.store.trips.clear()
    handing.book.record(function=stage, work=work(), error=Permanent("no"))
    assert handing.world.store.trips.count("commit") == 1
    [owed] = handing.owed
    assert (owed.id, owed.channel, owed.destination) == ("run_1-failed", Channel.TASK, "crm")
    assert Work(**owed.payload) == work()
    handing.book.record(function=stage, work=work(), error=Permanent("no"))
    assert handing.owed == [owed]


def test_a_dead_letter_owes_it_too(handing: Handing):
    handing.world.put(a_run())
    told: dict[str, Any] = {"source": "lead.received--plan", "delivery_id": "7", "attributes": {}, "attempts": 60}
    handing.book.quarantine(function="plan", payload=work().model_dump_json(), reason="no success in 60 attempts", **told)
    assert [one.id for one in handing.owed] == ["run_1-failed"]


@pytest.mark.parametrize(
    ("stage", "run"),
    [
        ("log_to_crm", a_gated_run(state=RunState.PLACED)),
        ("plan", a_run(synthetic=True)),
        ("place_draft", a_gated_run(state=RunState.DONE)),
    ],
    ids=["failed at the CRM", "canary", "ended"],
)
def test_what_nobody_needs_to_hear_of_owes_nothing(handing: Handing, stage: str, run: Run):
    handing.fail(run, stage=stage)
    assert handing.owed == []
    handing.log()
    assert handing.crm.calls == []


def test_the_owner_gets_the_task_once_and_the_run_stays_failed(handing: Handing):
    handing.fail(a_run())
    failed = handing.world.run()
    handing.world.later(minutes=2)
    handing.log()
    handing.log()
    assert handing.crm.tasks == {"run_1-task": ("77", TASK)}
    assert handing.crm.notes == {}
    assert handing.world.run() == failed.model_copy(update={"crm": CrmRecord(note_id="", task_id="task-1", written_at=at(minutes=2))})
    [asked] = handing.hygiene.asked
    assert (asked["contact"].id, asked["entry"].email, asked["draft"], asked["now"]) == ("77", PROSPECT, None, MONDAY)


@pytest.mark.parametrize(
    ("run", "contact_id", "calls"),
    [
        (a_planned_run(), "", ["write_task"]),
        (a_run(), "77", ["contact", "write_task"]),
        (a_run(), "78", ["contact", "contact_by_email", "write_task"]),
        (a_run(), "", ["contact_by_email", "write_task"]),
    ],
    ids=["planned", "named by the announcement", "named, and gone", "by address"],
)
def test_the_contact_is_the_one_that_is_known(handing: Handing, run: Run, contact_id: str, calls: Sequence[str]):
    handing.world.put(a_submission(contact_id=contact_id))
    handing.fail(run)
    handing.log()
    assert handing.crm.calls == calls


def test_without_a_contact_the_run_says_that_nobody_was_told(handing: Handing):
    handing.crm.contacts = []
    handing.fail(a_run())
    handing.log()
    assert (handing.world.run().state, handing.world.run().placement_note, handing.world.run().lease) == (RunState.FAILED, UNKNOWN, None)
    assert handing.crm.tasks == {}


def test_an_unknown_outcome_is_looked_into_before_it_is_repeated(handing: Handing):
    handing.fail(a_run())
    handing.crm.after["write_task"] = OutcomeUnknown("no answer from HubSpot")
    with pytest.raises(OutcomeUnknown):
        handing.log()
    handing.crm.after.clear()
    with pytest.raises(Busy):
        handing.log()
    handing.world.clock.advance(LEASE_FOR)
    handing.log()
    assert (len(handing.crm.tasks), handing.world.run().state) == (1, RunState.FAILED)


@pytest.mark.parametrize("error", [Transient("HubSpot is away"), ReconnectNeeded("HubSpot answered 401")])
def test_an_outage_delays_the_task(handing: Handing, error: SalesAgentError):
    handing.fail(a_run())
    handing.crm.before["write_task"] = error
    with pytest.raises(type(error)):
        handing.log()
    handing.crm.before.clear()
    handing.log()
    assert len(handing.crm.tasks) == 1


def test_a_task_that_waits_for_the_portals_token_is_paused_and_goes_on_afterwards(handing: Handing):
    handing.fail(a_run())
    assert handing.book.pause(function="log_to_crm", work=work(), error=ReconnectNeeded("HubSpot answered 401")) is not None
    assert (handing.world.run().state, handing.world.run().paused) == (RunState.FAILED, "log_to_crm: HubSpot answered 401")
    handing.log()
    assert (handing.world.run().paused, len(handing.crm.tasks)) == ("", 1)


def test_a_task_that_fails_for_good_waits_no_longer_and_owes_no_other(handing: Handing):
    handing.fail(a_run())
    handing.book.pause(function="log_to_crm", work=work(), error=ReconnectNeeded("HubSpot answered 401"))
    [owed] = handing.owed
    handing.book.record(function="log_to_crm", work=work(), error=Permanent("the contact was deleted"))
    assert (handing.world.run().paused, handing.world.run().failed_stage, handing.owed) == ("", "plan", [owed])


def test_a_run_whose_submission_is_gone_fails_here_for_good(handing: Handing):
    handing.fail(a_run(submission_id="submission-9"))
    with pytest.raises(Permanent, match="submission of run run_1"):
        handing.log()
    assert handing.world.run().lease is None
    assert handing.world.run().workspace_id == WORKSPACE
