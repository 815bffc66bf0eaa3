"""Push delivery: the envelope, what acknowledges, retries on the virtual clock, dead letters, filters and order."""

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration

from emulators.clock import Clock
from emulators.pubsub.routes import PubSubEmulator
from emulators.settling import Settler
from tests.contract.emulators.endpoint import Delivery, Endpoint
from tests.contract.emulators.pubsub.conftest import LEADS, PROJECT
from tests.contract.specifications.catalogue import ABSENT, specification

Subscribe = Callable[..., str]
QUICK = {"minimum_backoff": Duration(seconds=10), "maximum_backoff": Duration(seconds=60)}


def test_a_message_is_pushed_in_the_envelope_google_sends(
    publisher: Any, subscribe: Subscribe, endpoint: Endpoint, settler: Settler
) -> None:
    name = subscribe()
    message_id = publisher.publish(LEADS, b"hello", trace="t-1").result()
    settler.settle()
    (delivery,) = endpoint.deliveries
    assert delivery.json == {
        "message": {
            "data": base64.b64encode(b"hello").decode(),
            "attributes": {"trace": "t-1"},
            "messageId": message_id,
            "message_id": message_id,
            "publishTime": "2026-03-02T09:00:00.000Z",
            "publish_time": "2026-03-02T09:00:00.000Z",
        },
        "subscription": name,
    }
    assert delivery.headers["content-type"] == "application/json"
    assert "authorization" not in delivery.headers


def test_every_subscription_gets_its_own_copy(publisher: Any, subscribe: Subscribe, endpoint: Endpoint, settler: Settler) -> None:
    names = {subscribe("plan"), subscribe("audit")}
    publisher.publish(LEADS, b"x").result()
    settler.settle()
    assert {delivery.json["subscription"] for delivery in endpoint.deliveries} == names


@pytest.mark.parametrize(("audience", "expected"), [("https://plan.example", "https://plan.example"), ("", "{url}")])
def test_a_push_carries_an_identity_token_for_its_audience(
    publisher: Any, subscribe: Subscribe, endpoint: Endpoint, settler: Settler, audience: str, expected: str
) -> None:
    subscribe(push_config={"oidc_token": {"service_account_email": "pushes@sdr.example", "audience": audience}})
    publisher.publish(LEADS, b"x").result()
    settler.settle()
    assert endpoint.deliveries[0].headers["authorization"] == f"Bearer pushes@sdr.example for {expected.format(url=endpoint.url)}"


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_these_statuses_acknowledge_a_push(publisher: Any, subscribe: Subscribe, endpoint: Endpoint, settler: Settler, status: int) -> None:
    subscribe()
    endpoint.statuses = [status]
    publisher.publish(LEADS, b"x").result()
    settler.run_until_quiet(horizon=timedelta(hours=1))
    assert len(endpoint.deliveries) == 1


@pytest.mark.parametrize("status", [203, 302, 400, 404, 429, 500])
def test_any_other_status_is_delivered_again(
    publisher: Any, subscribe: Subscribe, endpoint: Endpoint, settler: Settler, status: int
) -> None:
    subscribe()
    endpoint.statuses = [status]
    publisher.publish(LEADS, b"x").result()
    settler.run_until_quiet(horizon=timedelta(hours=1))
    assert len(endpoint.deliveries) == 2


def test_retries_wait_exponentially_on_the_virtual_clock(
    publisher: Any, subscribe: Subscribe, endpoint: Endpoint, settler: Settler, clock: Clock
) -> None:
    subscribe(retry_policy=QUICK)
    endpoint.statuses = [500] * 5
    moments = []
    endpoint.on_delivery = lambda _: moments.append(clock.now())
    start = clock.now()
    publisher.publish(LEADS, b"x").result()
    settler.run_until_quiet(horizon=timedelta(hours=1))
    waits = [round((moment - start).total_seconds()) for moment in moments]
    assert waits == [0, 10, 30, 70, 130, 190]


def test_without_a_retry_policy_a_failing_push_backs_off_to_a_minute(
    publisher: Any, subscribe: Subscribe, endpoint: Endpoint, settler: Settler
) -> None:
    subscribe()
    endpoint.statuses = [500] * 1000
    publisher.publish(LEADS, b"x").result()
    settler.advance(timedelta(minutes=10))
    assert 15 <= len(endpoint.deliveries) <= 21


def test_a_function_that_is_down_gets_its_message_when_it_is_back(
    publisher: Any, subscriber: Any, emulator: PubSubEmulator, settler: Settler, endpoint: Endpoint
) -> None:
    push = {"push_endpoint": "http://127.0.0.1:9/down"}
    name = f"{PROJECT}/subscriptions/plan"
    subscriber.create_subscription(request={"name": name, "topic": LEADS, "push_config": push, "retry_policy": QUICK})
    publisher.publish(LEADS, b"patience").result()
    settler.advance(timedelta(hours=1))
    subscriber.modify_push_config(request={"subscription": name, "push_config": {"push_endpoint": endpoint.url}})
    settler.advance(timedelta(minutes=2))
    assert len(endpoint.deliveries) == 1
    assert emulator.next_due() is None


def test_a_poison_message_ends_in_the_dead_letter_topic_with_its_story(
    publisher: Any, subscribe: Subscribe, endpoint: Endpoint, settler: Settler, subscriber: Any
) -> None:
    letters = publisher.create_topic(name=f"{PROJECT}/topics/dead").name
    subscribe(dead_letter_policy={"dead_letter_topic": letters, "max_delivery_attempts": 5}, retry_policy=QUICK)
    grave = subscriber.create_subscription(name=f"{PROJECT}/subscriptions/grave", topic=letters).name
    endpoint.statuses = [500] * 99
    publisher.publish(LEADS, b"poison", origin="form").result()
    settler.run_until_quiet(horizon=timedelta(hours=1))
    assert [delivery.json["deliveryAttempt"] for delivery in endpoint.deliveries] == [1, 2, 3, 4, 5]
    (received,) = subscriber.pull(subscription=grave, max_messages=9).received_messages
    assert received.message.data == b"poison"
    assert dict(received.message.attributes) == {
        "origin": "form",
        "CloudPubSubDeadLetterSourceDeliveryCount": "5",
        "CloudPubSubDeadLetterSourceSubscription": "plan",
        "CloudPubSubDeadLetterSourceSubscriptionProject": "sdr",
        "CloudPubSubDeadLetterSourceTopicPublishTime": "2026-03-02T09:00:00.000+00:00",
    }


def test_a_message_older_than_its_retention_is_dropped(
    publisher: Any, subscribe: Subscribe, endpoint: Endpoint, settler: Settler, emulator: PubSubEmulator
) -> None:
    subscribe(retry_policy=QUICK, message_retention_duration=Duration(seconds=600))
    endpoint.statuses = [500] * 999
    publisher.publish(LEADS, b"x").result()
    settler.run_until_quiet(horizon=timedelta(hours=1))
    assert emulator.next_due() is None
    assert len(endpoint.deliveries) < 20


def test_a_filter_lets_only_its_messages_through(publisher: Any, subscribe: Subscribe, endpoint: Endpoint, settler: Settler) -> None:
    subscribe(filter='attributes.kind = "form" AND NOT attributes:test')
    for attributes in ({"kind": "form"}, {"kind": "reply"}, {"kind": "form", "test": "1"}, {}):
        publisher.publish(LEADS, b"x", **attributes).result()
    settler.settle()
    assert [delivery.json["message"].get("attributes") for delivery in endpoint.deliveries] == [{"kind": "form"}]


def test_messages_of_one_ordering_key_wait_for_each_other_even_while_one_fails(
    publisher: Any, subscribe: Subscribe, endpoint: Endpoint, settler: Settler
) -> None:
    subscribe(enable_message_ordering=True, retry_policy=QUICK)
    endpoint.statuses = [500, 500]
    for number in range(4):
        publisher.publish(LEADS, str(number).encode(), ordering_key="contact-1").result()
    settler.run_until_quiet(horizon=timedelta(hours=1))
    assert payloads(endpoint) == ["0", "0", "0", "1", "2", "3"]
    assert endpoint.most_at_once == 1
    assert endpoint.deliveries[0].json["message"]["orderingKey"] == "contact-1"


def test_different_keys_do_not_wait_for_each_other(publisher: Any, subscribe: Subscribe, endpoint: Endpoint, settler: Settler) -> None:
    subscribe(enable_message_ordering=True, retry_policy=QUICK)
    endpoint.on_delivery = lambda delivery: endpoint.statuses.append(200)
    endpoint.statuses = [500]
    publisher.publish(LEADS, b"slow", ordering_key="a").result()
    settler.settle()
    publisher.publish(LEADS, b"fast", ordering_key="b").result()
    settler.settle()
    assert payloads(endpoint) == ["slow", "fast"]


def test_at_most_eight_pushes_are_under_way_at_once(
    publisher: Any, subscribe: Subscribe, endpoint: Endpoint, settler: Settler, emulator: PubSubEmulator, clock: Clock
) -> None:
    subscribe()
    endpoint.gate.clear()
    for future in [publisher.publish(LEADS, b"x") for _ in range(20)]:
        future.result()
    assert clock.wait_for(lambda: emulator.in_flight() == 8, at_most_s=60)
    due = emulator.next_due()
    assert due is not None
    assert due <= clock.now()
    endpoint.gate.set()
    settler.settle()
    assert len(endpoint.deliveries) == 20
    assert endpoint.most_at_once <= 8


def test_what_a_delivery_publishes_is_settled_too(
    publisher: Any, subscribe: Subscribe, endpoint: Endpoint, settler: Settler, emulator: PubSubEmulator
) -> None:
    subscribe()
    left = list(range(6))

    def publish_next(_: Delivery) -> None:
        if left:
            publisher.publish(LEADS, str(left.pop(0)).encode()).result()

    endpoint.on_delivery = publish_next
    publisher.publish(LEADS, b"first").result()
    settler.settle()
    assert payloads(endpoint) == ["first", "0", "1", "2", "3", "4", "5"]
    assert emulator.in_flight() == 0


def payloads(endpoint: Endpoint) -> list[str]:
    return [base64.b64decode(delivery.json["message"]["data"]).decode() for delivery in endpoint.deliveries]


def test_the_pushed_message_fits_googles_published_description(
    publisher: Any, subscribe: Subscribe, endpoint: Endpoint, settler: Settler
) -> None:
    subscribe(enable_message_ordering=True)
    publisher.publish(LEADS, b"x", ordering_key="k", a="b").result()
    settler.settle()
    message = endpoint.deliveries[0].json["message"]
    judge = specification("pubsub") or pytest.skip(ABSENT)
    judge.fits("PubsubMessage", {name: value for name, value in message.items() if "_" not in name})
