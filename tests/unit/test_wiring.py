"""The composition root: one adapter of each kind per process, built when first asked for, from what it needs."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from shared.wiring import Entry, Ports, entry

HERE = __name__
BUILT: list[str] = []


@dataclass(frozen=True)
class Wheel:
    def __post_init__(self) -> None:
        BUILT.append("wheel")


@dataclass(frozen=True)
class Cart:
    wheel: Wheel
    spare: Wheel


def broken() -> None:
    raise RuntimeError("cannot be built")


REGISTRY = {
    "wheel": entry("tests.unit.test_wiring:Wheel"),
    "big-cart": entry("tests.unit.test_wiring:Cart", "wheel", spare="wheel"),
    "nothing": entry("types:SimpleNamespace"),
    "absent": entry("tests.unit.test_wiring:no_adapter"),
    "broken": entry("tests.unit.test_wiring:broken"),
}


@pytest.fixture
def ports() -> Ports:
    BUILT.clear()
    return Ports(REGISTRY)


def test_arguments_are_named_after_what_fills_them_unless_told_otherwise():
    assert entry("m:C", "store", "clock", crm="hubspot") == Entry("m:C", {"store": "store", "clock": "clock", "crm": "hubspot"})
    assert entry("m:C", "store", crm="hubspot").needs == ("store", "hubspot")


def test_nothing_is_built_before_it_is_asked_for_and_then_once(ports: Ports):
    assert BUILT == []
    cart = ports.resolve("big-cart")
    assert cart.wheel is cart.spare is ports.wheel is ports.resolve("wheel")
    assert BUILT == ["wheel"]


def test_threads_that_ask_at_once_get_the_same_adapter(ports: Ports):
    together = threading.Barrier(8)

    def ask(_: int) -> Any:
        together.wait()
        return ports.resolve("big-cart")

    with ThreadPoolExecutor(8) as pool:
        assert len({id(one) for one in pool.map(ask, range(8))}) == 1
    assert BUILT == ["wheel"]


def test_a_name_nobody_registered_is_told(ports: Ports):
    with pytest.raises(KeyError, match="kart"):
        ports.resolve("kart")
    with pytest.raises(AttributeError, match="kart"):
        _ = ports.kart
    with pytest.raises(AttributeError):
        _ = ports._wheel


def test_what_could_not_be_built_is_tried_again(ports: Ports):
    for _ in range(2):
        with pytest.raises(RuntimeError):
            ports.resolve("broken")
    with pytest.raises(AttributeError):
        ports.resolve("absent")


def test_an_adapter_that_is_nothing_is_an_adapter_too():
    seen: list[str] = []
    ports = Ports(REGISTRY)
    ports.interpose(lambda name, adapter: seen.append(name))
    assert (ports.nothing, ports.nothing, seen) == (None, None, ["nothing"])


def test_an_observer_sees_every_adapter_that_is_built_from_then_on(ports: Ports):
    plain = ports.wheel
    ports.interpose(lambda name, adapter: SimpleNamespace(name=name, adapter=adapter))
    cart = ports.resolve("big-cart")
    assert (cart.name, cart.adapter.wheel.name) == ("big-cart", "wheel")
    assert ports.wheel.adapter is not plain
