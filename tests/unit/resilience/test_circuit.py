"""The circuit: opens on many failures in a short time, for every instance, and closes when a probe succeeds."""

from datetime import timedelta

import pytest

from shared.domain.circuit import Circuit, CircuitState
from shared.domain.ids import WorkspaceId
from shared.ports.errors import Transient
from shared.resilience.circuit import SHARED_FOR, SharedCircuit
from tests.builders import WORKSPACE, at
from tests.fakes.clock import FixedClock
from tests.fakes.store import MemoryStore


class Vendor:
    """Instances of one function that call one vendor."""

    def __init__(self) -> None:
        self.clock, self.store = FixedClock(at()), MemoryStore()

    def instance(self, workspace: str = WORKSPACE) -> SharedCircuit:
        return SharedCircuit(vendor="hubspot", workspace_id=WorkspaceId(workspace), store=self.store, clock=self.clock)

    def failing(self, times: int, *, apart_s: float = 0) -> SharedCircuit:
        circuit = self.instance()
        for _ in range(times):
            circuit.admit()
            circuit.failed("HubSpot answered 502")
            self.wait(apart_s)
        return circuit

    def wait(self, seconds: float) -> None:
        self.clock.advance(timedelta(seconds=seconds))

    @property
    def stored(self) -> Circuit:
        [found] = self.store.everything(Circuit)
        return found


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


def test_four_failures_change_nothing_and_the_fifth_opens_it(vendor: Vendor):
    circuit = vendor.failing(4)
    circuit.admit()
    circuit.failed("HubSpot answered 502")
    with pytest.raises(Transient, match="hubspot is failing") as held:
        circuit.admit()
    assert (held.value.retry_after, held.value.source) == (timedelta(seconds=30), "hubspot")
    assert (vendor.stored.state, vendor.stored.changed_at, vendor.stored.reason) == (CircuitState.OPEN, at(), "HubSpot answered 502")


@pytest.mark.parametrize(("apart_s", "opens"), [(15, True), (15.01, False)])
def test_five_failures_count_within_a_minute(vendor: Vendor, apart_s: float, opens: bool):
    vendor.failing(5, apart_s=apart_s)
    assert bool(vendor.store.everything(Circuit)) is opens


def test_a_success_between_failures_begins_anew(vendor: Vendor):
    circuit = vendor.failing(4)
    circuit.succeeded()
    circuit.failed("HubSpot answered 502")
    circuit.admit()
    assert vendor.store.everything(Circuit) == []


def test_other_instances_learn_of_it_within_seconds(vendor: Vendor):
    other = vendor.instance()
    other.admit()
    vendor.failing(5)
    other.admit()
    vendor.clock.advance(SHARED_FOR)
    with pytest.raises(Transient) as held:
        other.admit()
    assert held.value.retry_after == timedelta(seconds=25)


def test_another_workspace_is_not_held_back(vendor: Vendor):
    vendor.failing(5)
    vendor.instance("southwind").admit()


def test_the_store_is_asked_once_in_a_while_and_written_only_when_something_changes(vendor: Vendor):
    circuit = vendor.instance()
    for _ in range(100):
        circuit.admit()
        circuit.succeeded()
        vendor.wait(0.04)
    assert vendor.store.trips == ["get"]


def test_after_half_a_minute_a_call_may_probe_and_its_success_closes_it_for_everybody(vendor: Vendor):
    circuit, other = vendor.failing(5), vendor.instance()
    vendor.wait(29.9)
    with pytest.raises(Transient):
        circuit.admit()
    vendor.wait(0.1)
    circuit.admit()
    circuit.succeeded()
    assert (vendor.stored.state, vendor.stored.reason, vendor.stored.changed_at) == (
        CircuitState.CLOSED,
        "a probe succeeded",
        at(seconds=30),
    )
    other.admit()


def test_while_one_call_probes_the_others_wait_for_what_comes_of_it(vendor: Vendor):
    circuit = vendor.failing(5)
    vendor.wait(31)
    circuit.admit()
    vendor.wait(1)
    with pytest.raises(Transient) as held:
        circuit.admit()
    assert held.value.retry_after == timedelta(seconds=29)
    circuit.succeeded()
    circuit.admit()


def test_a_probe_that_never_comes_back_is_followed_by_another_one(vendor: Vendor):
    circuit = vendor.failing(5)
    vendor.wait(30)
    circuit.admit()
    vendor.wait(30)
    circuit.admit()


def test_a_probe_that_fails_opens_it_for_another_half_minute(vendor: Vendor):
    circuit = vendor.failing(5)
    vendor.wait(30)
    circuit.admit()
    circuit.failed("still 502")
    with pytest.raises(Transient) as held:
        circuit.admit()
    assert (held.value.retry_after, vendor.stored.reason) == (timedelta(seconds=30), "still 502")


def test_once_closed_it_takes_five_failures_again(vendor: Vendor):
    circuit = vendor.failing(5)
    vendor.wait(30)
    circuit.admit()
    circuit.succeeded()
    for _ in range(4):
        circuit.failed("HubSpot answered 502")
    circuit.admit()


def test_a_clock_that_jumps_back_does_not_keep_old_news(vendor: Vendor):
    circuit = vendor.instance()
    circuit.admit()
    vendor.wait(-3600)
    circuit.admit()
    assert vendor.store.trips == ["get", "get"]


def test_a_long_reason_is_cut(vendor: Vendor):
    circuit = vendor.instance()
    for _ in range(5):
        circuit.failed("x" * 500)
    assert len(vendor.stored.reason) == 200
