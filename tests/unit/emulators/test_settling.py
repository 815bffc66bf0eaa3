"""Settling and stepping, with services that are nothing but a list of due moments."""

from datetime import UTC, datetime, timedelta

import pytest

from emulators.clock import Clock
from emulators.settling import Settler

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Bells:
    """Rings at its moments the instant they are reached, and at `every` interval after that."""

    def __init__(self, clock: Clock, *moments: datetime, every: timedelta | None = None, flying: int = 0) -> None:
        self.name, self._clock, self._moments, self._every, self.flying = "bells", clock, sorted(moments), every, flying
        self.rung: list[datetime] = []

    def next_due(self) -> datetime | None:
        while self._moments and self._moments[0] <= self._clock.now():
            self.rung.append(self._clock.now())
            moment = self._moments.pop(0)
            if self._every:
                self._moments.append(moment + self._every)
        return self._moments[0] if self._moments else None

    def in_flight(self) -> int:
        return self.flying


class Stuck(Bells):
    def next_due(self) -> datetime | None:
        return START


def test_advancing_stops_at_every_due_moment_of_every_service() -> None:
    clock = Clock(frozen_at=START)
    one, other = Bells(clock, START + MINUTE, START + 4 * MINUTE), Bells(clock, START + 2 * MINUTE, START + 9 * MINUTE)
    assert Settler(clock, [one, other]).advance(5 * MINUTE) == START + 5 * MINUTE
    assert one.rung == [START + MINUTE, START + 4 * MINUTE]
    assert other.rung == [START + 2 * MINUTE]


def test_a_moment_exactly_at_the_end_is_included() -> None:
    clock = Clock(frozen_at=START)
    bells = Bells(clock, START + MINUTE)
    Settler(clock, [bells]).advance(MINUTE)
    assert bells.rung == [START + MINUTE]


def test_running_until_quiet_stops_at_the_last_moment_within_the_horizon() -> None:
    clock = Clock(frozen_at=START)
    bells = Bells(clock, START + MINUTE, every=MINUTE)
    assert Settler(clock, [bells]).run_until_quiet(horizon=timedelta(seconds=150)) == START + 2 * MINUTE
    assert len(bells.rung) == 2


def test_the_end_of_the_horizon_belongs_to_it() -> None:
    clock = Clock(frozen_at=START)
    bells = Bells(clock, START + MINUTE)
    assert Settler(clock, [bells]).run_until_quiet(horizon=MINUTE) == START + MINUTE


def test_running_until_quiet_with_nothing_due_leaves_the_clock_alone() -> None:
    clock = Clock(frozen_at=START)
    assert Settler(clock, [Bells(clock)]).run_until_quiet(horizon=timedelta(days=1)) == START


def test_settling_names_who_is_still_busy() -> None:
    clock = Clock(frozen_at=START)
    settler = Settler(clock, [Bells(clock, flying=2), Stuck(clock)])
    with pytest.raises(TimeoutError, match=r"bells \(2 in flight\); bells \(due since 2026-03-02T09:00:00\+00:00\)"):
        settler.settle(at_most_s=0.05)
