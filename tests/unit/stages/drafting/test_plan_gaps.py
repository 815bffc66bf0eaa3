"""Plan: what cannot be searched now is left out, and the run says so."""

import pytest

from shared.domain.run import RunState
from shared.ports.agents import NotIndexed
from shared.ports.errors import Transient, Unsearchable
from shared.ports.model import NoVectors
from tests.unit.stages.planning import Planning
from tests.unit.stages.world import StageWorld


@pytest.mark.parametrize("error", [NoVectors("the model is away"), NotIndexed("Drive has not been read yet")])
def test_documents_that_cannot_be_searched_are_a_gap_of_the_plan(world: StageWorld, error: Unsearchable):
    planning = Planning(world)
    planning.hunter.answer = error
    planning()
    assert planning.run.state is RunState.PLANNED
    assert planning.run.context.gaps == (f"documents were not searched: {error.detail}",)
    assert error.detail in planning.run.history[-1].note


def test_mails_that_cannot_be_searched_are_a_gap_of_the_plan(world: StageWorld):
    planning = Planning(world)
    planning.memory.answer = NoVectors("the model is away")
    planning()
    assert planning.run.context.gaps == ("earlier conversations were not searched: the model is away",)


def test_any_other_outage_makes_the_plan_wait(world: StageWorld):
    planning = Planning(world)
    planning.hunter.answer = Transient("Firestore is not available")
    with pytest.raises(Transient):
        planning()
    assert planning.run.state is RunState.RECEIVED
