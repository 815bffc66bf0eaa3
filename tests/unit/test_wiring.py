"""The composition root: adapters are built once, and those of an entry's `later` not before they are asked for something."""

import sys
from typing import Any

import pytest

from shared.wiring import REGISTRY, Entry, Ports, entry

BUILT: list[str] = []


class Publisher:
    def __init__(self) -> None:
        BUILT.append("publisher")

    def publish(self, *, topic: str) -> str:
        return f"published to {topic}"


class Outbox:
    def __init__(self, *, publisher: Any) -> None:
        BUILT.append("outbox")
        self.publisher = publisher


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> dict[str, Entry]:
    BUILT.clear()
    monkeypatch.setitem(sys.modules, "wired", sys.modules[__name__])
    return {"publisher": entry("wired:Publisher"), "outbox": entry("wired:Outbox", later=["publisher"])}


def test_what_comes_later_is_built_on_its_first_use_and_only_once(registry: dict[str, Entry]) -> None:
    ports = Ports(registry)
    outbox = ports.outbox
    assert BUILT == ["outbox"]
    assert [outbox.publisher.publish(topic=one) for one in ("a", "b")] == ["published to a", "published to b"]
    assert BUILT == ["outbox", "publisher"]


def test_what_comes_later_is_the_adapter_everybody_else_has(registry: dict[str, Entry]) -> None:
    ports = Ports(registry)
    ports.interpose(lambda name, adapter: {"publisher": "interposed"}.get(name, adapter))
    assert ports.outbox.publisher.upper() == "INTERPOSED"


def test_what_comes_later_is_still_needed(registry: dict[str, Entry]) -> None:
    assert registry["outbox"].needs == ("publisher",)


def test_the_outbox_builds_neither_bus_nor_queue_before_something_is_owed() -> None:
    assert REGISTRY["outbox"].later == {"bus", "tasks"}
