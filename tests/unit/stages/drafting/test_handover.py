"""Handing over: a delivery that comes too late publishes what its own stage left, and nothing that others owe."""

from shared.domain.outbox import Topic
from shared.domain.run import RunState
from shared.stages.drafting.handover import owed_event, publish_what_is_left
from tests.builders import a_run, at
from tests.unit.stages.world import StageWorld, a_drafted_run


def test_what_another_stage_owes_is_left_to_it_and_to_the_sweep(world: StageWorld):
    """Each function may publish on its own topics only: anything else would be refused, and the delivery fail for good."""
    planned, drafted = a_run(state=RunState.PLANNED), a_drafted_run()
    mine, theirs = owed_event(planned, Topic.LEAD_PLANNED, at=at()), owed_event(drafted, Topic.DRAFT_WRITTEN, at=at())
    world.put(drafted, mine, theirs)
    publish_what_is_left(drafted, of=RunState.PLANNED, store=world.store, outbox=world.outbox)
    assert (world.outbox.flushed, world.owed) == ([mine], [theirs])
