"""Delivery faults, call faults, and a state that survives a restart."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from google.api_core import exceptions
from google.protobuf.duration_pb2 import Duration

from emulators.clock import Clock
from emulators.faults import Fault, Kind
from emulators.pubsub.routes import PubSubEmulator
from emulators.settling import Settler
from tests.contract.emulators.endpoint import Endpoint
from tests.contract.emulators.pubsub.conftest import LEADS, PROJECT
from tests.contract.emulators.pubsub.test_push import payloads

Subscribe = Callable[..., str]
ROUTE = "pubsub.deliver.plan"


@pytest.mark.parametrize(
    ("kind", "arrivals"), [(Kind.DUPLICATE, 2), (Kind.DROP_BEFORE, 1), (Kind.DROP_AFTER, 2), (Kind.STATUS, 1), (Kind.DELAY, 1)]
)
def test_a_delivery_fault_strikes_once_and_the_message_still_arrives(
    publisher: Any, subscribe: Subscribe, endpoint: Endpoint, settler: Settler, emulator: PubSubEmulator, kind: Kind, arrivals: int
) -> None:
    subscribe()
    emulator.faults.add(Fault(ROUTE, kind, times=1, delay_s=0.01))
    publisher.publish(LEADS, b"x").result()
    settler.run_until_quiet(horizon=timedelta(minutes=5))
    assert len(endpoint.deliveries) == arrivals


def test_a_dropped_delivery_is_counted_as_an_attempt(
    publisher: Any, subscribe: Subscribe, endpoint: Endpoint, settler: Settler, emulator: PubSubEmulator
) -> None:
    subscribe(dead_letter_policy={"dead_letter_topic": LEADS})
    emulator.faults.add(Fault(ROUTE, Kind.DROP_BEFORE, times=2))
    publisher.publish(LEADS, b"x").result()
    settler.run_until_quiet(horizon=timedelta(minutes=5))
    assert [delivery.json["deliveryAttempt"] for delivery in endpoint.deliveries] == [3]


def test_a_reordered_delivery_leaves_after_the_next_one(
    publisher: Any, subscribe: Subscribe, endpoint: Endpoint, settler: Settler, emulator: PubSubEmulator
) -> None:
    subscribe()
    emulator.faults.add(Fault(ROUTE, Kind.REORDER, times=1))
    publisher.publish(LEADS, b"first").result()
    settler.settle()
    assert endpoint.deliveries == []
    publisher.publish(LEADS, b"second").result()
    settler.settle()
    assert payloads(endpoint) == ["second", "first"]


def test_a_reordered_delivery_that_nobody_overtakes_leaves_after_a_minute(
    publisher: Any, subscribe: Subscribe, endpoint: Endpoint, settler: Settler, emulator: PubSubEmulator, clock: Clock
) -> None:
    subscribe()
    emulator.faults.add(Fault(ROUTE, Kind.REORDER, times=1))
    publisher.publish(LEADS, b"only").result()
    settler.settle()
    assert emulator.next_due() == clock.now() + timedelta(minutes=1)
    settler.advance(timedelta(minutes=1))
    assert payloads(endpoint) == ["only"]


def test_a_failing_publish_call_is_the_clients_to_retry(publisher: Any, emulator: PubSubEmulator) -> None:
    emulator.faults.add(Fault("pubsub.Publish", Kind.STATUS, body="PERMISSION_DENIED", times=1))
    with pytest.raises(exceptions.PermissionDenied):
        publisher.publish(LEADS, b"x").result()


def test_state_survives_a_restart_with_what_was_waiting_and_what_was_under_way(
    publisher: Any, subscribe: Subscribe, endpoint: Endpoint, settler: Settler, emulator: PubSubEmulator, clock: Clock
) -> None:
    letters = {"dead_letter_topic": LEADS}
    name = subscribe(dead_letter_policy=letters, retry_policy={"minimum_backoff": Duration(seconds=60)}, enable_message_ordering=True)
    endpoint.statuses = [500]
    publisher.publish(LEADS, b"failed once", ordering_key="k").result()
    settler.settle()
    publisher.publish(LEADS, b"behind it", ordering_key="k").result()
    endpoint.gate.clear()
    endpoint.arrived.clear()
    publisher.publish(LEADS, b"under way").result()
    assert endpoint.arrived.wait(5)
    kept = json.loads(json.dumps(emulator.dump()))
    emulator.close()
    endpoint.gate.set()
    endpoint.deliveries.clear()

    successor = PubSubEmulator(clock)
    successor.load(kept)
    after = Settler(clock, [successor])
    after.settle()
    assert payloads(endpoint) == ["under way"]
    assert successor.dump()["subscriptions"][0]["resource"]["name"] == name
    after.advance(timedelta(minutes=1))
    assert payloads(endpoint) == ["under way", "failed once", "behind it"]
    assert [delivery.json["deliveryAttempt"] for delivery in endpoint.deliveries] == [2, 2, 1]
    successor.close()


def test_a_reset_forgets_everything(publisher: Any, subscribe: Subscribe, subscriber: Any, emulator: PubSubEmulator) -> None:
    subscribe()
    emulator.reset()
    assert list(publisher.list_topics(project=PROJECT)) == []
    assert list(subscriber.list_subscriptions(project=PROJECT)) == []


def test_closing_does_not_wait_for_a_function_that_hangs(
    publisher: Any, subscribe: Subscribe, endpoint: Endpoint, emulator: PubSubEmulator, clock: Clock
) -> None:
    subscribe()
    endpoint.gate.clear()
    publisher.publish(LEADS, b"x").result()
    assert endpoint.arrived.wait(5)
    emulator.close()
    assert emulator.in_flight() == 1


def test_on_a_running_clock_a_retry_comes_by_itself(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    from google.cloud import pubsub_v1

    from emulators.serving import GrpcServer

    clock = Clock()
    emulator = PubSubEmulator(clock)
    server = GrpcServer([emulator], workers=4).start()
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", server.address)
    with pubsub_v1.SubscriberClient() as subscriber:
        publisher = pubsub_v1.PublisherClient()
        publisher.create_topic(name=LEADS)
        name = f"{PROJECT}/subscriptions/plan"
        subscriber.create_subscription(request={"name": name, "topic": LEADS, "push_config": {"push_endpoint": endpoint.url}})
        endpoint.statuses = [500]
        publisher.publish(LEADS, b"x").result()
        assert clock.wait_for(lambda: emulator.next_due() is None and emulator.in_flight() == 0, at_most_s=60)
        publisher.stop()
        publisher.transport.close()
    server.stop()
    emulator.close()
    assert len(endpoint.deliveries) == 2
