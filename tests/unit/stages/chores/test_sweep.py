"""Sweep: what a dead delivery left is published, whatever else cannot be."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from shared.domain.ids import WorkspaceId
from shared.domain.outbox import Outgoing, Topic
from shared.domain.run import RunState
from shared.ports.store import Create
from shared.stages.chores.sweep import sweep
from shared.stages.drafting.handover import owed_event
from tests.builders import a_run, at
from tests.unit.stages.world import StageWorld


def owed(number: int = 1, *, created: Any = None, workspace: str = "northwind") -> Outgoing:
    run = a_run(id=f"run_{number}", workspace_id=WorkspaceId(workspace), state=RunState.PLANNED)
    return owed_event(run, Topic.LEAD_PLANNED, at=created or at())


def run_sweep(world: StageWorld) -> int:
    return sweep(store=world.store, outbox=world.outbox, clock=world.clock)


def test_what_is_younger_than_half_a_minute_is_left_to_its_own_delivery(world: StageWorld):
    world.put(owed())
    world.later(seconds=30)
    assert (run_sweep(world), world.outbox.flushed) == (0, [])
    world.later(microseconds=1)
    assert run_sweep(world) == 1
    assert (world.outbox.flushed, world.owed) == ([owed()], [])


def test_entries_of_every_workspace_are_published_oldest_first(world: StageWorld):
    mine, theirs = owed(1, created=at(seconds=2)), owed(1, created=at(seconds=1), workspace="southwind")
    world.put(mine, theirs)
    world.later(minutes=1)
    assert run_sweep(world) == 2
    assert world.outbox.flushed == [theirs, mine]


def test_a_backlog_is_published_in_portions_up_to_two_thousand_a_run(world: StageWorld):
    world.put(*(owed(number) for number in range(2050)))
    world.later(minutes=1)
    assert (run_sweep(world), set(world.outbox.portions)) == (2000, {100})
    assert (run_sweep(world), world.outbox.portions[-1]) == (50, 50)
    assert run_sweep(world) == 0


def test_what_cannot_be_published_does_not_hold_up_what_came_after_it(world: StageWorld):
    world.outbox.stuck = [owed(number) for number in range(150)]
    later = owed(999, created=at(seconds=5))
    world.put(*world.outbox.stuck, later)
    world.later(minutes=1)
    run_sweep(world)
    assert world.outbox.flushed == [later]
    assert len(world.owed) == 150


class Crashing(RuleBasedStateMachine):
    """Stages that owe and die, a sweep that comes and dies: nothing owed is ever lost, nothing is published that was not owed."""

    def __init__(self) -> None:
        super().__init__()
        self.world = StageWorld()
        self.promised: set[str] = set()

    @rule(crashes=st.booleans())
    def stage_commits(self, crashes: bool) -> None:
        entry = owed(len(self.promised), created=self.world.clock.now())
        self.world.store.commit(Create(entry))
        self.promised.add(entry.id)
        self.world.outbox.dead = crashes
        self.world.outbox.flush(entries=[entry])

    @rule(seconds=st.integers(1, 60))
    def time_passes(self, seconds: int) -> None:
        self.world.later(seconds=seconds)

    @rule(crashes=st.booleans())
    def sweep_comes(self, crashes: bool) -> None:
        self.world.outbox.dead = crashes
        run_sweep(self.world)

    @invariant()
    def owed_is_stored_or_published(self) -> None:
        stored, published = {one.id for one in self.world.owed}, {one.id for one in self.world.outbox.flushed}
        assert stored | published == self.promised
        assert not stored & published

    def teardown(self) -> None:
        self.world.outbox.dead = False
        self.world.later(minutes=1)
        run_sweep(self.world)
        assert {one.id for one in self.world.outbox.flushed} == self.promised


Crashing.TestCase.settings = settings(max_examples=30, stateful_step_count=15)
TestCrashing = Crashing.TestCase
