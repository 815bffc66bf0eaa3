"""Pub/Sub on a frozen clock with the unmodified clients pointed at it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from google.cloud import pubsub_v1

from emulators.clock import Clock
from emulators.pubsub.routes import PubSubEmulator
from emulators.serving import GrpcServer
from tests.contract.emulators.endpoint import Accounts, Endpoint

PROJECT = "projects/sdr"
LEADS = f"{PROJECT}/topics/lead.received"


@pytest.fixture
def clock() -> Clock:
    return Clock(frozen_at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC))


@pytest.fixture
def emulator(clock: Clock) -> Iterator[PubSubEmulator]:
    emulator = PubSubEmulator(clock, identity=Accounts())
    yield emulator
    emulator.close()


@pytest.fixture
def address(emulator: PubSubEmulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = GrpcServer([emulator], workers=8).start()
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", server.address)
    yield server.address
    server.stop()


@pytest.fixture
def publisher(address: str) -> Iterator[Any]:
    options = pubsub_v1.types.PublisherOptions(enable_message_ordering=True)
    client = pubsub_v1.PublisherClient(publisher_options=options)
    client.create_topic(name=LEADS)
    yield client
    client.stop()
    client.transport.close()


@pytest.fixture
def subscriber(address: str) -> Iterator[Any]:
    client = pubsub_v1.SubscriberClient()
    yield client
    client.close()


@pytest.fixture
def subscribe(subscriber: Any, endpoint: Endpoint) -> Callable[..., str]:
    """Creates a push subscription of the leads topic to the endpoint and answers its name."""

    def create(name: str = "plan", **settings: Any) -> str:
        push = {"push_endpoint": endpoint.url} | settings.pop("push_config", {})
        request = {"name": f"{PROJECT}/subscriptions/{name}", "topic": LEADS, "push_config": push} | settings
        return str(subscriber.create_subscription(request=request).name)

    return create
