"""Rounds: every workspace gets each chore once a period, whatever becomes of the rounds."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.chores import EPOCH, ROUND, Chore
from shared.domain.ids import WorkspaceId
from shared.domain.outbox import Queue
from shared.ports.errors import Conflict
from shared.ports.store import Create
from shared.stages.chores.rounds import rounds
from tests.builders import a_workspace, at
from tests.unit.stages.world import StageWorld

HOURLY = Chore(queue=Queue.CRM, every=timedelta(hours=1))


def make_rounds(world: StageWorld) -> int:
    return rounds(store=world.store, outbox=world.outbox, clock=world.clock, chores=[HOURLY])


@pytest.fixture
def world(world: StageWorld) -> StageWorld:
    for id in ("northwind", "southwind"):
        world.store.save_workspace(workspace=a_workspace(id=WorkspaceId(id)))
    return world


def test_every_workspace_is_handed_a_chore_once_a_period(world: StageWorld):
    assert [make_rounds(world), make_rounds(world)] == [2, 0]
    world.later(hours=1)
    assert make_rounds(world) == 2
    assert [one.workspace_id for one in world.outbox.flushed] == ["northwind", "southwind"] * 2
    assert len({one.id for one in world.outbox.flushed}) == 4


def test_periods_that_were_missed_are_not_made_up_for(world: StageWorld):
    make_rounds(world)
    world.later(days=3)
    assert make_rounds(world) == 2


def test_what_a_dead_round_has_committed_is_left_to_the_sweep_and_not_handed_out_again(world: StageWorld):
    world.outbox.dead = True
    make_rounds(world)
    world.outbox.dead = False
    assert make_rounds(world) == 0
    assert len(world.owed) == 2


def test_rounds_that_lose_a_race_owe_nothing(world: StageWorld, monkeypatch: pytest.MonkeyPatch):
    def lost(*writes: object) -> None:
        assert any(isinstance(one, Create) for one in writes)
        raise Conflict("others were quicker")

    monkeypatch.setattr(world.store, "commit", lost)
    assert make_rounds(world) == 0


def test_a_clock_that_jumps_back_hands_nothing_out_again(world: StageWorld):
    make_rounds(world)
    world.later(hours=-2)
    assert make_rounds(world) == 0


@given(seconds=st.integers(0, 10**9), every=st.integers(1, 2000))
def test_a_period_begins_at_most_its_length_ago_and_on_the_grid(seconds: int, every: int):
    now, chore = at() + timedelta(seconds=seconds), Chore(queue=Queue.CRM, every=every * ROUND)
    begun = chore.period(now)
    assert begun <= now < begun + chore.every
    assert (begun - EPOCH) % chore.every == timedelta(0)
