"""What a subscription can be changed to, set back to and refused, through the unmodified clients and in Google's own words."""

from collections.abc import Callable
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

INBOX, SNAPSHOT = f"{PROJECT}/subscriptions/inbox", f"{PROJECT}/snapshots/before"
QUOTAS = "Refer to https://cloud.google.com/pubsub/quotas for more information."
pytestmark = pytest.mark.filterwarnings("ignore:The return_immediately flag is deprecated")


@pytest.fixture
def texts(subscriber: Any) -> Callable[..., list[str]]:
    """What a pull gets now, acknowledged unless told otherwise."""

    def pull(*, acknowledge: bool = True, name: str = INBOX) -> list[str]:
        request = {"subscription": name, "max_messages": 100, "return_immediately": True}
        received = subscriber.pull(request=request).received_messages
        if received and acknowledge:
            subscriber.acknowledge(subscription=name, ack_ids=[each.ack_id for each in received])
        return [each.message.data.decode() for each in received]

    return pull


def send(publisher: Any, *texts: str, **attributes: str) -> None:
    for text in texts:
        publisher.publish(LEADS, text.encode(), **attributes).result(timeout=10)


# Switching between push and pull
def test_a_subscription_is_switched_to_push_and_back(
    publisher: Any, subscriber: Any, endpoint: Endpoint, settler: Settler, texts: Any
) -> None:
    subscriber.create_subscription(name=INBOX, topic=LEADS)
    send(publisher, "kept for whoever comes")
    subscriber.modify_push_config(subscription=INBOX, push_config={"push_endpoint": endpoint.url})
    settler.settle()
    assert len(endpoint.deliveries) == 1
    with pytest.raises(exceptions.FailedPrecondition):
        texts()
    subscriber.modify_push_config(subscription=INBOX, push_config={})
    send(publisher, "pulled")
    settler.settle()
    assert (texts(), len(endpoint.deliveries)) == (["pulled"], 1)


def test_what_a_pull_has_taken_is_pushed_once_its_lease_ends(
    publisher: Any, subscriber: Any, endpoint: Endpoint, settler: Settler, texts: Any
) -> None:
    subscriber.create_subscription(name=INBOX, topic=LEADS)
    send(publisher, "taken")
    assert texts(acknowledge=False) == ["taken"]
    subscriber.modify_push_config(subscription=INBOX, push_config={"push_endpoint": endpoint.url})
    settler.advance(timedelta(seconds=9))
    assert endpoint.deliveries == []
    settler.advance(timedelta(seconds=2))
    assert len(endpoint.deliveries) == 1


@pytest.mark.parametrize("write_metadata", [True, False])
def test_a_bare_push_has_the_data_as_its_body(
    publisher: Any, subscribe: Callable[..., str], endpoint: Endpoint, settler: Settler, write_metadata: bool
) -> None:
    subscribe(push_config={"no_wrapper": {"write_metadata": write_metadata}}, enable_message_ordering=True)
    publisher.publish(LEADS, b"\x00raw", ordering_key="k", kind="førm").result()
    settler.settle()
    [delivery] = endpoint.deliveries
    assert delivery.body == b"\x00raw"
    told = {name: value for name, value in delivery.headers.items() if name.startswith("x-goog-pubsub-") or name == "kind"}
    if not write_metadata:
        assert told == {}
        return
    assert told["x-goog-pubsub-subscription-name"] == f"{PROJECT}/subscriptions/plan"
    assert (told["x-goog-pubsub-ordering-key"], told["x-goog-pubsub-publish-time"]) == ("k", "2026-03-02T09:00:00.000Z")
    assert told["x-goog-pubsub-message-id"].isdigit()
    assert told["kind"].encode("latin-1").decode() == "førm"


# Seeking
def test_a_seek_forward_acknowledges_and_a_seek_back_brings_back_what_was_kept(
    publisher: Any, subscriber: Any, clock: Clock, texts: Any
) -> None:
    subscriber.create_subscription(request={"name": INBOX, "topic": LEADS, "retain_acked_messages": True})
    send(publisher, "one")
    clock.advance(timedelta(minutes=1))
    between = clock.now()
    send(publisher, "two", "three")
    subscriber.seek(request={"subscription": INBOX, "time": clock.now() + timedelta(minutes=1)})
    assert texts() == []
    subscriber.seek(request={"subscription": INBOX, "time": between})
    assert texts() == ["two", "three"]
    subscriber.seek(request={"subscription": INBOX, "time": between - timedelta(hours=1)})
    assert texts() == ["one", "two", "three"]


def test_without_retention_what_was_acknowledged_does_not_come_back(publisher: Any, subscriber: Any, clock: Clock, texts: Any) -> None:
    subscriber.create_subscription(name=INBOX, topic=LEADS)
    send(publisher, "gone")
    assert texts() == ["gone"]
    subscriber.seek(request={"subscription": INBOX, "time": clock.now() - timedelta(hours=1)})
    assert texts() == []


def test_a_topic_that_retains_serves_subscriptions_made_later(publisher: Any, subscriber: Any, clock: Clock, texts: Any) -> None:
    mask = FieldMask(paths=["message_retention_duration"])
    publisher.update_topic(topic={"name": LEADS, "message_retention_duration": Duration(seconds=3600)}, update_mask=mask)
    send(publisher, "before there was anybody")
    subscriber.create_subscription(name=INBOX, topic=LEADS)
    assert texts() == []
    subscriber.seek(request={"subscription": INBOX, "time": clock.now() - timedelta(minutes=1)})
    assert texts() == ["before there was anybody"]


def test_a_snapshot_brings_back_what_was_unacknowledged_and_everything_since(publisher: Any, subscriber: Any, texts: Any) -> None:
    subscriber.create_subscription(name=INBOX, topic=LEADS)
    send(publisher, "done")
    assert texts() == ["done"]
    send(publisher, "open")
    made = subscriber.create_snapshot(name=SNAPSHOT, subscription=INBOX)
    assert made.topic == LEADS
    send(publisher, "since")
    assert texts() == ["open", "since"]
    for _ in range(2):
        subscriber.seek(request={"subscription": INBOX, "snapshot": SNAPSHOT})
        assert texts() == ["open", "since"]


def test_snapshots_are_listed_changed_deleted_and_over_after_seven_days(publisher: Any, subscriber: Any, clock: Clock) -> None:
    subscriber.create_subscription(name=INBOX, topic=LEADS)
    subscriber.create_snapshot(name=SNAPSHOT, subscription=INBOX)
    with pytest.raises(exceptions.AlreadyExists):
        subscriber.create_snapshot(name=SNAPSHOT, subscription=INBOX)
    changed = subscriber.update_snapshot(snapshot={"name": SNAPSHOT, "labels": {"a": "b"}}, update_mask=FieldMask(paths=["labels"]))
    assert list(subscriber.list_snapshots(project=PROJECT)) == [changed]
    assert list(publisher.list_topic_snapshots(topic=LEADS)) == [SNAPSHOT]
    assert subscriber.get_snapshot(snapshot=SNAPSHOT) == changed
    clock.advance(timedelta(days=7))
    with pytest.raises(exceptions.NotFound):
        subscriber.seek(request={"subscription": INBOX, "snapshot": SNAPSHOT})
    subscriber.create_snapshot(name=SNAPSHOT, subscription=INBOX)
    subscriber.delete_snapshot(snapshot=SNAPSHOT)
    with pytest.raises(exceptions.NotFound):
        subscriber.delete_snapshot(snapshot=SNAPSHOT)


def test_a_snapshot_of_another_topic_is_refused(publisher: Any, subscriber: Any) -> None:
    other = publisher.create_topic(name=f"{PROJECT}/topics/other").name
    subscriber.create_subscription(name=INBOX, topic=LEADS)
    subscriber.create_subscription(name=f"{INBOX}-2", topic=other)
    subscriber.create_snapshot(name=SNAPSHOT, subscription=f"{INBOX}-2")
    with pytest.raises(exceptions.FailedPrecondition, match="different topics"):
        subscriber.seek(request={"subscription": INBOX, "snapshot": SNAPSHOT})
    with pytest.raises(exceptions.InvalidArgument):
        subscriber.seek(request={"subscription": INBOX})


def test_everything_survives_a_restart(publisher: Any, subscriber: Any, emulator: PubSubEmulator, clock: Clock, texts: Any) -> None:
    subscriber.create_subscription(request={"name": INBOX, "topic": LEADS, "retain_acked_messages": True})
    send(publisher, "one")
    texts()
    subscriber.create_snapshot(name=SNAPSHOT, subscription=INBOX)
    kept = emulator.dump()
    emulator.load(kept)
    assert emulator.dump() == kept
    subscriber.seek(request={"subscription": INBOX, "time": clock.now() - timedelta(hours=1)})
    assert texts() == ["one"]


# Updates
def test_a_mask_clears_what_the_request_leaves_out(publisher: Any, subscriber: Any) -> None:
    settings = {"labels": {"a": "b"}, "retry_policy": {"minimum_backoff": Duration(seconds=20)}, "ack_deadline_seconds": 30}
    subscriber.create_subscription(request={"name": INBOX, "topic": LEADS, **settings})
    mask = FieldMask(paths=["labels", "retry_policy"])
    changed = subscriber.update_subscription(subscription={"name": INBOX, "ack_deadline_seconds": 60}, update_mask=mask)
    assert (dict(changed.labels), "retry_policy" in changed, changed.ack_deadline_seconds) == ({}, False, 30)


def test_a_nested_path_changes_that_part_only(publisher: Any, subscriber: Any) -> None:
    settings = {"retry_policy": {"minimum_backoff": Duration(seconds=20), "maximum_backoff": Duration(seconds=60)}}
    subscriber.create_subscription(request={"name": INBOX, "topic": LEADS, **settings})
    wanted = {"name": INBOX, "retry_policy": {"minimum_backoff": Duration(seconds=30)}}
    changed = subscriber.update_subscription(subscription=wanted, update_mask=FieldMask(paths=["retry_policy.minimum_backoff"]))
    assert (changed.retry_policy.minimum_backoff.seconds, changed.retry_policy.maximum_backoff.seconds) == (30, 60)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("topic", "the topic field in the Subscription is not mutable."),
        ("enable_message_ordering", "the enable_message_ordering field in the Subscription is not mutable."),
        ("bogus", "bogus is not a known Subscription field."),
    ],
)
def test_a_mask_that_names_the_wrong_field_is_refused(publisher: Any, subscriber: Any, path: str, said: str) -> None:
    subscriber.create_subscription(name=INBOX, topic=LEADS)
    with pytest.raises(exceptions.InvalidArgument, match=f"Invalid update_mask provided in the UpdateSubscriptionRequest: {said}"):
        subscriber.update_subscription(subscription={"name": INBOX}, update_mask=FieldMask(paths=[path]))


# Refusals
@pytest.mark.parametrize(
    ("message", "said"),
    [
        (
            {"data": b"x", "attributes": {"key": "v" * 1025}},
            f'"key" in the request has a value that is too long. The length is 1025 .*{QUOTAS}',
        ),
        ({"data": b"x", "attributes": {"key": "ø" * 513}}, "The length is 1026 characters, but the maximum allowed is 1024"),
        ({"data": b"x", "attributes": {"k" * 257: "v"}}, 'The attribute "" in the request has a key that is too long. The length is 257'),
        ({"data": b"x", "attributes": {"googclient": "v"}}, "must not be empty or begin with"),
        ({"data": b"x", "attributes": {"": "v"}}, "must not be empty or begin with"),
        ({"data": b"x", "attributes": {f"k{n}": "v" for n in range(101)}}, "attribute_count is too large. You passed 101 .* is 100"),
        ({"data": b"x", "ordering_key": "k" * 1025}, "ordering_key_size is too large. You passed 1025 .* is 1024"),
        ({"data": b"x" * 10_000_001}, "request_size is too large. You passed 100000.. in the request, but the maximum value is 10000000."),
        ({}, "is empty"),
    ],
)
def test_a_message_beyond_the_limits_is_refused(publisher: Any, message: dict[str, Any], said: str) -> None:
    with pytest.raises(exceptions.InvalidArgument, match=said):
        _publish(publisher, [message])


def test_a_batch_of_a_thousand_is_the_largest(publisher: Any) -> None:
    assert len(_publish(publisher, [{"data": b"x"}] * 1000).message_ids) == 1000
    with pytest.raises(exceptions.InvalidArgument, match="message_count is too large. You passed 1001 .* maximum value is 1000"):
        _publish(publisher, [{"data": b"x"}] * 1001)
    with pytest.raises(exceptions.InvalidArgument, match="message_count is too small"):
        _publish(publisher, [])


@pytest.mark.parametrize(
    ("settings", "refusal"),
    [
        ({"message_retention_duration": Duration(seconds=599)}, exceptions.InvalidArgument),
        ({"message_retention_duration": Duration(seconds=31 * 86_400 + 1)}, exceptions.InvalidArgument),
        ({"expiration_policy": {"ttl": Duration(seconds=3600)}}, exceptions.InvalidArgument),
        ({"retry_policy": {"minimum_backoff": Duration(seconds=601)}}, exceptions.InvalidArgument),
        ({"retry_policy": {"minimum_backoff": Duration(seconds=60), "maximum_backoff": Duration(seconds=30)}}, exceptions.InvalidArgument),
        ({"push_config": {"push_endpoint": "ftp://x.example"}}, exceptions.InvalidArgument),
        (
            {"push_config": {"push_endpoint": "https://x.example"}, "enable_exactly_once_delivery": True},
            exceptions.InvalidArgument,
        ),
        ({"bigquery_config": {"table": "p.d.t"}}, exceptions.MethodNotImplemented),
    ],
)
def test_a_subscription_that_asks_for_the_impossible_is_refused(
    publisher: Any, subscriber: Any, settings: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        subscriber.create_subscription(request={"name": INBOX, "topic": LEADS, **settings})


def test_a_topic_with_a_schema_is_refused_by_name(publisher: Any) -> None:
    settings = {"schema": f"{PROJECT}/schemas/lead", "encoding": "JSON"}
    with pytest.raises(exceptions.MethodNotImplemented, match="This emulator has no schema_settings"):
        publisher.create_topic(request={"name": f"{PROJECT}/topics/typed", "schema_settings": settings})


def test_acknowledging_nothing_is_refused(publisher: Any, subscriber: Any) -> None:
    subscriber.create_subscription(name=INBOX, topic=LEADS)
    with pytest.raises(exceptions.InvalidArgument, match="No ack ids specified"):
        subscriber.acknowledge(subscription=INBOX, ack_ids=[])


def _publish(publisher: Any, messages: list[dict[str, Any]]) -> Any:
    """One call as it is, without the client's batching."""
    from google.pubsub_v1.services.publisher import PublisherClient

    return PublisherClient(transport=publisher.transport).publish(topic=LEADS, messages=messages)
