"""Topics, subscriptions and pulls through the unmodified clients."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from google.api_core import exceptions
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask

from emulators.clock import Clock
from emulators.pubsub.routes import PubSubEmulator
from emulators.settling import Settler
from tests.contract.emulators.endpoint import Endpoint
from tests.contract.emulators.pubsub.conftest import LEADS, PROJECT

INBOX = f"{PROJECT}/subscriptions/inbox"


@pytest.fixture
def inbox(publisher: Any, subscriber: Any) -> str:
    return str(subscriber.create_subscription(name=INBOX, topic=LEADS, ack_deadline_seconds=20).name)


def pulled(subscriber: Any, *, at_most: int = 10) -> list[Any]:
    return list(subscriber.pull(request={"subscription": INBOX, "max_messages": at_most, "return_immediately": True}).received_messages)


@pytest.mark.filterwarnings("ignore:The return_immediately flag is deprecated")
class TestPull:
    def test_an_acknowledged_message_does_not_come_back(self, publisher: Any, subscriber: Any, inbox: str, clock: Clock) -> None:
        publisher.publish(LEADS, b"once", a="b").result()
        (received,) = pulled(subscriber)
        assert (received.message.data, dict(received.message.attributes)) == (b"once", {"a": "b"})
        assert received.message.publish_time.timestamp() == clock.now().timestamp()
        assert received.delivery_attempt == 0
        subscriber.acknowledge(subscription=inbox, ack_ids=[received.ack_id])
        clock.advance(timedelta(hours=1))
        assert pulled(subscriber) == []

    def test_an_unacknowledged_message_comes_back_after_the_deadline(
        self, publisher: Any, subscriber: Any, inbox: str, clock: Clock
    ) -> None:
        publisher.publish(LEADS, b"again").result()
        assert len(pulled(subscriber)) == 1
        clock.advance(timedelta(seconds=19))
        assert pulled(subscriber) == []
        clock.advance(timedelta(seconds=1))
        assert len(pulled(subscriber)) == 1

    def test_a_longer_deadline_keeps_a_message_and_zero_gives_it_back(
        self, publisher: Any, subscriber: Any, inbox: str, clock: Clock
    ) -> None:
        publisher.publish(LEADS, b"x").result()
        (received,) = pulled(subscriber)
        subscriber.modify_ack_deadline(subscription=inbox, ack_ids=[received.ack_id], ack_deadline_seconds=300)
        clock.advance(timedelta(seconds=299))
        assert pulled(subscriber) == []
        subscriber.modify_ack_deadline(subscription=inbox, ack_ids=[received.ack_id], ack_deadline_seconds=0)
        clock.advance(timedelta(seconds=1))
        assert len(pulled(subscriber)) == 1

    def test_pulled_messages_that_nobody_acknowledges_become_dead_letters(self, publisher: Any, subscriber: Any, clock: Clock) -> None:
        letters = publisher.create_topic(name=f"{PROJECT}/topics/dead").name
        policy = {"dead_letter_topic": letters}
        subscriber.create_subscription(request={"name": INBOX, "topic": LEADS, "dead_letter_policy": policy})
        grave = subscriber.create_subscription(name=f"{PROJECT}/subscriptions/grave", topic=letters).name
        publisher.publish(LEADS, b"poison").result()
        attempts = []
        for _ in range(5):
            attempts += [each.delivery_attempt for each in pulled(subscriber)]
            clock.advance(timedelta(seconds=10))
        assert attempts == [1, 2, 3, 4, 5]
        assert pulled(subscriber) == []
        assert len(subscriber.pull(subscription=grave, max_messages=1).received_messages) == 1

    def test_a_garbled_ack_id_is_refused(self, subscriber: Any, inbox: str) -> None:
        with pytest.raises(exceptions.InvalidArgument):
            subscriber.acknowledge(subscription=inbox, ack_ids=["nonsense"])


def test_a_pull_waits_for_the_first_message(publisher: Any, subscriber: Any, inbox: str) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(lambda: subscriber.pull(subscription=inbox, max_messages=1).received_messages)
        publisher.publish(LEADS, b"late").result()
        assert [received.message.data for received in waiting.result(timeout=10)] == [b"late"]


def test_topics_are_created_listed_updated_and_deleted(publisher: Any) -> None:
    other = publisher.create_topic(request={"name": f"{PROJECT}/topics/other", "labels": {"a": "1"}})
    assert [topic.name for topic in publisher.list_topics(project=PROJECT)] == [LEADS, other.name]
    changed = publisher.update_topic(topic={"name": other.name, "labels": {"b": "2"}}, update_mask=FieldMask(paths=["labels"]))
    assert dict(changed.labels) == {"b": "2"}
    publisher.delete_topic(topic=other.name)
    with pytest.raises(exceptions.NotFound, match=r"Resource not found \(resource=other\)"):
        publisher.get_topic(topic=other.name)


def test_a_second_topic_of_the_same_name_is_refused(publisher: Any) -> None:
    with pytest.raises(exceptions.AlreadyExists, match=r"Resource already exists in the project \(resource=lead.received\)"):
        publisher.create_topic(name=LEADS)


@pytest.mark.parametrize("name", ["sdr/topics/x", f"{PROJECT}/topics/1st", f"{PROJECT}/topics/goog-x", f"{PROJECT}/topics/ab"])
def test_a_malformed_topic_name_is_refused(publisher: Any, name: str) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        publisher.create_topic(name=name)


def test_publishing_to_a_missing_topic_fails(publisher: Any) -> None:
    with pytest.raises(exceptions.NotFound):
        publisher.publish(f"{PROJECT}/topics/nowhere", b"x").result()


def test_an_empty_message_is_refused(publisher: Any) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        publisher.publish(LEADS, b"").result()


def test_lists_come_in_pages(publisher: Any, subscriber: Any) -> None:
    names = sorted(subscriber.create_subscription(name=f"{PROJECT}/subscriptions/sub-{n}", topic=LEADS).name for n in range(5))
    shown = subscriber.list_subscriptions(request={"project": PROJECT, "page_size": 2})
    assert [subscription.name for subscription in shown] == names
    assert list(publisher.list_topic_subscriptions(request={"topic": LEADS, "page_size": 2})) == names


def test_a_subscription_gets_googles_defaults(subscriber: Any, publisher: Any) -> None:
    policy = {"dead_letter_topic": LEADS}
    made = subscriber.create_subscription(request={"name": INBOX, "topic": LEADS, "dead_letter_policy": policy})
    assert made.ack_deadline_seconds == 10
    assert made.dead_letter_policy.max_delivery_attempts == 5
    assert subscriber.get_subscription(subscription=INBOX) == made


@pytest.mark.parametrize(
    "settings",
    [
        {"ack_deadline_seconds": 5},
        {"dead_letter_policy": {"dead_letter_topic": LEADS, "max_delivery_attempts": 4}},
        {"filter": "attributes.kind == 3"},
    ],
)
def test_a_subscription_out_of_googles_limits_is_refused(subscriber: Any, publisher: Any, settings: dict) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        subscriber.create_subscription(request={"name": INBOX, "topic": LEADS} | settings)


def test_a_subscription_needs_its_topic(subscriber: Any) -> None:
    with pytest.raises(exceptions.NotFound):
        subscriber.create_subscription(name=INBOX, topic=f"{PROJECT}/topics/nowhere")


def test_updates_change_what_the_mask_names_and_nothing_fixed(subscriber: Any, inbox: str) -> None:
    wanted = {"name": inbox, "ack_deadline_seconds": 60, "retry_policy": {"minimum_backoff": Duration(seconds=5)}, "labels": {"x": "y"}}
    mask = FieldMask(paths=["ack_deadline_seconds", "retry_policy"])
    changed = subscriber.update_subscription(subscription=wanted, update_mask=mask)
    assert (changed.ack_deadline_seconds, changed.retry_policy.minimum_backoff.seconds, dict(changed.labels)) == (60, 5, {})
    for path in ("filter", "nonsense"):
        with pytest.raises(exceptions.InvalidArgument):
            subscriber.update_subscription(subscription=wanted, update_mask=FieldMask(paths=[path]))
    assert subscriber.get_subscription(subscription=inbox).ack_deadline_seconds == 60


def test_a_subscription_outlives_its_topic_and_a_detached_one_forgets(
    publisher: Any, subscriber: Any, subscribe: Callable[..., str], endpoint: Endpoint, settler: Settler, emulator: PubSubEmulator
) -> None:
    name = subscribe()
    endpoint.statuses = [500]
    publisher.publish(LEADS, b"x").result()
    settler.settle()
    publisher.delete_topic(topic=LEADS)
    assert subscriber.get_subscription(subscription=name).topic == "_deleted-topic_"
    assert emulator.next_due() is not None
    publisher.detach_subscription(request={"subscription": name})
    assert emulator.next_due() is None


def test_a_deleted_subscription_delivers_nothing_more(
    publisher: Any, subscriber: Any, subscribe: Callable[..., str], endpoint: Endpoint, settler: Settler, emulator: PubSubEmulator
) -> None:
    name = subscribe()
    endpoint.gate.clear()
    publisher.publish(LEADS, b"x").result()
    assert endpoint.arrived.wait(5)
    subscriber.delete_subscription(subscription=name)
    assert emulator.in_flight() == 1
    endpoint.statuses = [500]
    endpoint.gate.set()
    settler.run_until_quiet(horizon=timedelta(hours=1))
    assert len(endpoint.deliveries) == 1
