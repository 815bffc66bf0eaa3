"""Several suites in one process: the functions are of one at a time, and whoever was interrupted goes on."""

import os

from infra.fronts import ThreadFront
from tests.pipeline.world import World


def test_a_suite_goes_on_when_another_has_been_this_process(world: World) -> None:
    before = dict(os.environ)
    other = ThreadFront()
    other.start(port=0, environment={"SALES_AGENT_LOG_LEVEL": "ERROR"})
    assert "FIRESTORE_EMULATOR_HOST" not in os.environ
    other.stop()
    assert dict(os.environ) == before
    world.submit()
    world.settle()
    assert len(world.drafts) == 1


def test_the_functions_are_of_whichever_suite_comes_forward(world: World, front: ThreadFront) -> None:
    before, other = dict(os.environ), ThreadFront()
    other.start(port=0, environment={"SALES_AGENT_LOG_LEVEL": "ERROR"})
    front.come_forward()
    assert dict(os.environ) == before
    world.submit()
    world.settle()
    assert len(world.drafts) == 1
    other.stop()
    assert dict(os.environ) == before
