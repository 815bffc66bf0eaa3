"""Bounds of a function: what its manifest grants passes, everything else ends the call and says which line is missing."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from infra.enforcement import HeldToManifest, Ledger, covers, hold_to_manifests
from infra.manifests import Manifest, Trigger, TriggerKind
from shared.wiring import Ports, entry

MANIFEST = Manifest(
    name="plan",
    description="Plans.",
    trigger=Trigger(TriggerKind.TOPIC, "lead.received"),
    publishes=("lead.planned",),
    enqueues=("crm",),
    uses=("outbox", "crm"),
    secrets=("hubspot-token-*", "openai-api-key"),
    roles=("datastore.user",),
    cpu=1,
    memory_mb=512,
    concurrency=8,
    min_instances=0,
    timeout_s=60,
)


class Adapter:
    """Stands behind every name; repeats what it was asked."""

    size = 3

    def __init__(self, **needs: Any) -> None:
        self.needs = needs

    def publish(self, *, topic: str) -> str:
        return topic

    def enqueue(self, *, queue: str) -> str:
        return queue

    def get(self, *, name: str) -> str:
        return name

    def commit(self, *writes: str) -> tuple[str, ...]:
        return writes


HERE = "tests.unit.infra.test_enforcement:Adapter"
REGISTRY = {
    "store": entry(HERE),
    "bus": entry(HERE),
    "tasks": entry(HERE),
    "secrets": entry(HERE),
    "outbox": entry(HERE, "store", later=("bus", "tasks")),
    "crm": entry(HERE, "secrets"),
    "mailbox": entry(HERE),
}
Work = Callable[[Ports], Any]
ALLOWED: dict[str, Work] = {
    "an adapter": lambda ports: ports.crm,
    "what an adapter needs": lambda ports: ports.secrets,
    "what an adapter needs later": lambda ports: ports.outbox.needs["bus"].publish(topic="lead.planned"),
    "a topic": lambda ports: ports.bus.publish(topic="lead.planned"),
    "a queue": lambda ports: ports.tasks.enqueue(queue="crm"),
    "a secret": lambda ports: ports.secrets.get(name="openai-api-key"),
    "a secret of a kind": lambda ports: ports.crm.needs["secrets"].get(name="hubspot-token-tidewater"),
    "a write": lambda ports: ports.store.commit("one"),
}
FORBIDDEN: dict[str, tuple[Work, str, str]] = {
    "an adapter": (lambda ports: ports.mailbox, "mailbox", "uses: [outbox, crm, mailbox]"),
    "an adapter by its name": (lambda ports: ports.resolve("mailbox"), "mailbox", "uses: [outbox, crm, mailbox]"),
    "a topic": (lambda ports: ports.bus.publish(topic="draft.gated"), "draft.gated", "publishes: [lead.planned, draft.gated]"),
    "a topic through the outbox": (
        lambda ports: ports.outbox.needs["bus"].publish(topic="draft.gated"),
        "draft.gated",
        "publishes: [lead.planned, draft.gated]",
    ),
    "a queue": (lambda ports: ports.tasks.enqueue(queue="sends"), "sends", "enqueues: [crm, sends]"),
    "a secret": (lambda ports: ports.secrets.get(name="stripe"), "stripe", "secrets: [hubspot-token-*, openai-api-key, stripe]"),
    "a secret that only begins alike": (lambda ports: ports.secrets.get(name="openai-api-key-2"), "openai-api-key-2", "secrets: ["),
}


@pytest.fixture
def ports() -> Ports:
    held = Ports(REGISTRY)
    hold_to_manifests(held)
    return held


def called(work: Callable[[], Any], ledger: Ledger, manifest: Manifest = MANIFEST) -> tuple[str, bytes]:
    """The status and body of a function that does this work, and a body of its own if it gets that far."""
    statuses: list[str] = []

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        work()
        start_response("204 No Content", [])
        return [b"done"]

    body = HeldToManifest(app, manifest, ledger)({}, lambda status, headers: statuses.append(status))
    return statuses[0], b"".join(body)


@pytest.mark.parametrize("work", ALLOWED.values(), ids=ALLOWED)
def test_what_the_manifest_grants_passes(ports: Ports, work: Work) -> None:
    assert called(lambda: work(ports), Ledger()) == ("204 No Content", b"done")


@pytest.mark.parametrize(("work", "thing", "line"), FORBIDDEN.values(), ids=FORBIDDEN)
def test_what_it_does_not_grant_ends_the_call_with_the_line_to_add(
    ports: Ports, capsys: pytest.CaptureFixture[str], work: Work, thing: str, line: str
) -> None:
    ledger = Ledger()
    status, body = called(lambda: work(ports), ledger)
    problem = json.loads(body)
    assert status.startswith("500")
    assert problem["detail"].startswith(f"plan touched {thing}, which its manifest does not grant")
    assert f"functions/plan/function.yaml says {line}" in problem["detail"]
    assert [str(one) for one in ledger.violations] == [problem["detail"]]
    assert json.loads(capsys.readouterr().out)["function"] == "plan"


@pytest.mark.parametrize(
    ("words", "work", "remedy"),
    [
        ({"enqueues": "chores"}, FORBIDDEN["a queue"][0], "the manifest of whoever sends calls says chore: true"),
        ({"publishes": "all", "enqueues": "all"}, FORBIDDEN["a topic"][0], "some function is triggered by draft.gated"),
    ],
)
def test_a_list_that_is_a_word_is_not_to_be_written_out(ports: Ports, words: dict[str, str], work: Work, remedy: str) -> None:
    repeating, ledger = Manifest(**{**_fields(MANIFEST), "words": words}), Ledger()
    assert called(lambda: work(ports), ledger, repeating)[0].startswith("500")
    assert str(ledger.violations[0]).endswith(f"if it should, {remedy}")


def test_who_may_only_read_the_database_cannot_write(ports: Ports) -> None:
    reader, ledger = Manifest(**{**_fields(MANIFEST), "roles": ("datastore.viewer",)}), Ledger()
    assert called(lambda: ports.store.get(name="one"), ledger, reader)[0] == "204 No Content"
    assert called(lambda: ports.store.commit("one"), ledger, reader)[0].startswith("500")


def test_an_adapter_built_for_one_function_is_still_closed_to_another(ports: Ports) -> None:
    other = Manifest(**{**_fields(MANIFEST), "name": "draft", "uses": ("mailbox",)})
    assert called(lambda: ports.mailbox, Ledger(), other)[0] == "204 No Content"
    assert called(lambda: ports.mailbox, Ledger())[0].startswith("500")


def test_no_except_in_a_function_can_hide_it(ports: Ports) -> None:
    def careless() -> None:
        with suppress(Exception):
            ports.bus.publish(topic="draft.gated")

    assert called(careless, Ledger())[0].startswith("500")


def test_outside_of_any_function_everything_passes(ports: Ports) -> None:
    called(lambda: ports.mailbox, Ledger())
    assert ports.mailbox.size == 3
    assert ports.bus.publish(topic="draft.gated") == "draft.gated"


def test_the_ledger_tells_grants_that_no_call_needed(ports: Ports) -> None:
    ledger = Ledger()
    called(lambda: ports.crm.needs["secrets"].get(name="hubspot-token-tidewater"), ledger)
    never_called = Manifest(**{**_fields(MANIFEST), "name": "draft"})
    assert ledger.unused([MANIFEST, never_called]) == [
        "plan: uses: outbox",
        "plan: publishes: lead.planned",
        "plan: enqueues: crm",
        "plan: secrets: openai-api-key",
    ]


def test_a_star_covers_names_that_begin_alike_and_nothing_else_does() -> None:
    assert covers("hubspot-token-*", "hubspot-token-tidewater")
    assert not covers("hubspot-token-*", "hubspot-client-secret")
    assert covers("hubspot-client-secret", "hubspot-client-secret")
    assert not covers("hubspot-client-secret", "hubspot-client-secret-2")


def _fields(manifest: Manifest) -> dict[str, Any]:
    return {name: getattr(manifest, name) for name in Manifest.__slots__}
