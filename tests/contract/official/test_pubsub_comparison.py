"""The same random calls to Google's Pub/Sub emulator and to ours, by the same client: what is pulled and refused is the same.

Left out: what Google's emulator does not do as the service does (filters, retry policies, the order of a key once a message is given back).
"""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import grpc
import pytest
from google.api_core.exceptions import GoogleAPICallError
from google.pubsub_v1.services.publisher import PublisherClient
from google.pubsub_v1.services.publisher.transports.grpc import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber import SubscriberClient
from google.pubsub_v1.services.subscriber.transports.grpc import SubscriberGrpcTransport
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulators.catalogue import build
from emulators.clock import Clock
from emulators.serving import GrpcServer
from infra.official.installed import PUBSUB, OfficialProcess, missing

pytestmark = [
    pytest.mark.skipif(bool(missing(PUBSUB)), reason=missing(PUBSUB) or "installed"),
    pytest.mark.filterwarnings("ignore:The return_immediately flag is deprecated"),
]
EXAMPLES = int(os.environ.get("OFFICIAL_EXAMPLES", "60"))
NUMBERS = count(1)


class Side:
    """One of the two, as the same clients see it."""

    def __init__(self, address: str) -> None:
        self.channel = grpc.insecure_channel(address)
        self.publisher = PublisherClient(transport=PublisherGrpcTransport(channel=self.channel))
        self.subscriber = SubscriberClient(transport=SubscriberGrpcTransport(channel=self.channel))

    def begin(self, number: int, *, ordered: bool) -> None:
        self.topic = f"projects/compared/topics/topic-{number}"
        self.subscription = f"projects/compared/subscriptions/subscription-{number}"
        self.publisher.create_topic(name=self.topic)
        settings = {"name": self.subscription, "topic": self.topic, "ack_deadline_seconds": 600, "enable_message_ordering": ordered}
        self.subscriber.create_subscription(request=settings)
        self.out: list[tuple[str, str]] = []  # (data, ack id) of what was pulled and neither acknowledged nor given back

    def publish(self, texts: list[str], key: str) -> None:
        self.publisher.publish(topic=self.topic, messages=[{"data": text.encode(), "ordering_key": key} for text in texts])

    def pull(self, at_most: int) -> list[str]:
        request = {"subscription": self.subscription, "max_messages": at_most, "return_immediately": True}
        received = self.subscriber.pull(request=request).received_messages
        self.out += [(each.message.data.decode(), each.ack_id) for each in received]
        return [each.message.data.decode() for each in received]

    def acknowledge(self, texts: list[str]) -> None:
        if ack_ids := self._taken(texts):
            self.subscriber.acknowledge(subscription=self.subscription, ack_ids=ack_ids)

    def give_back(self, texts: list[str]) -> None:
        if ack_ids := self._taken(texts):
            self.subscriber.modify_ack_deadline(subscription=self.subscription, ack_ids=ack_ids, ack_deadline_seconds=0)

    def _taken(self, texts: list[str]) -> list[str]:
        ack_ids = [ack_id for text, ack_id in self.out if text in texts]
        self.out = [(text, ack_id) for text, ack_id in self.out if text not in texts]
        return ack_ids


@pytest.fixture(scope="module")
def sides() -> Iterator[tuple[Side, Side]]:
    emulator = build("pubsub", Clock())
    server = GrpcServer([emulator]).start()
    with OfficialProcess(PUBSUB) as official:
        both = Side(official.address), Side(server.address)
        yield both
        for side in both:
            side.channel.close()
    server.stop()
    emulator.close()


@dataclass(frozen=True)
class Step:
    """Publish `size` messages with `key`, or pull that many, or settle the first ones of what is out: acknowledged up to there."""

    what: str
    size: int
    key: str


steps = st.builds(
    Step, st.sampled_from(["publish", "pull", "pull", "acknowledge", "give back"]), st.integers(1, 4), st.sampled_from(["a", "b"])
)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, min_size=3, max_size=25), st.sampled_from([1, 2]))
def test_ordered_messages_are_pulled_alike(sides: tuple[Side, Side], steps: list[Step], keys: int) -> None:
    """With two keys every pull takes all there is, because which key comes first is nobody's promise."""
    number, published = next(NUMBERS), count()
    for side in sides:
        side.begin(number, ordered=True)
    for step in steps:
        key = step.key if keys == 2 else "a"
        texts = [f"{key}{next(published)}" for _ in range(step.size)] if step.what == "publish" else []
        pulled = [side.pull(step.size if keys == 1 else 1000) for side in sides] if step.what == "pull" else []
        of_key = [text for text, _ in sides[0].out if text.startswith(key)]
        for side in sides:
            if texts:
                side.publish(texts, key)
            elif step.what == "acknowledge":
                side.acknowledge(of_key[: step.size])
        if pulled:
            assert _by_key(pulled[0]) == _by_key(pulled[1]), steps
    assert _drained(sides[0]) == _drained(sides[1])


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, min_size=3, max_size=25))
def test_unordered_messages_are_pulled_alike(sides: tuple[Side, Side], steps: list[Step]) -> None:
    number, published = next(NUMBERS), count()
    for side in sides:
        side.begin(number, ordered=False)
    for step in steps:
        texts = [f"{step.key}{next(published)}" for _ in range(step.size)] if step.what == "publish" else []
        everything = [side.pull(1000) for side in sides] if step.what == "pull" else []
        chosen = sorted(text for text, _ in sides[0].out)[: step.size]
        for side in sides:
            if step.what == "publish":
                side.publish(texts, "")
            elif step.what == "acknowledge":
                side.acknowledge(chosen)
            elif step.what == "give back":
                side.give_back(chosen)
        if everything:
            assert sorted(everything[0]) == sorted(everything[1]), steps


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("create_topic", {"name": "projects/compared/topics/1st"}),
        ("create_topic", {"name": "projects/compared/topics/google"}),
        ("create_topic", {"name": "projects/compared/topics/known"}),
        ("get_topic", {"topic": "projects/compared/topics/nowhere"}),
        ("publish", {"topic": "projects/compared/topics/nowhere", "messages": [{"data": b"x"}]}),
        ("publish", {"topic": "projects/compared/topics/known", "messages": []}),
        ("publish", {"topic": "projects/compared/topics/known", "messages": [{}]}),
        ("publish", {"topic": "projects/compared/topics/known", "messages": [{"data": b"x"}] * 1001}),
        ("create_subscription", {"name": "projects/compared/subscriptions/new", "topic": "projects/compared/topics/nowhere"}),
        ("create_subscription", {"name": "projects/compared/subscriptions/known", "topic": "projects/compared/topics/known"}),
        ("get_subscription", {"subscription": "projects/compared/subscriptions/nowhere"}),
        ("pull", {"subscription": "projects/compared/subscriptions/nowhere", "max_messages": 1}),
        ("pull", {"subscription": "projects/compared/subscriptions/known", "max_messages": 0}),
        ("acknowledge", {"subscription": "projects/compared/subscriptions/known", "ack_ids": []}),
        ("acknowledge", {"subscription": "projects/compared/subscriptions/known", "ack_ids": ["bogus"]}),
        ("modify_ack_deadline", {"subscription": "projects/compared/subscriptions/known", "ack_ids": ["x"], "ack_deadline_seconds": 700}),
        ("update_subscription", {"subscription": {"name": "projects/compared/subscriptions/known"}, "update_mask": {"paths": []}}),
        ("update_subscription", {"subscription": {"name": "projects/compared/subscriptions/known"}, "update_mask": {"paths": ["topic"]}}),
        ("update_subscription", {"subscription": {"name": "projects/compared/subscriptions/known"}, "update_mask": {"paths": ["bogus"]}}),
        ("delete_topic", {"topic": "projects/compared/topics/nowhere"}),
        ("delete_subscription", {"subscription": "projects/compared/subscriptions/nowhere"}),
    ],
)
def test_what_one_refuses_the_other_refuses_with_the_same_code(sides: tuple[Side, Side], method: str, request_: dict[str, Any]) -> None:
    codes = []
    for side in sides:
        for create in (
            lambda side=side: side.publisher.create_topic(name="projects/compared/topics/known"),
            lambda side=side: side.subscriber.create_subscription(
                name="projects/compared/subscriptions/known", topic="projects/compared/topics/known"
            ),
        ):
            with contextlib.suppress(GoogleAPICallError):  # made by the example before
                create()
        client = side.publisher if hasattr(side.publisher, method) else side.subscriber
        with pytest.raises(GoogleAPICallError) as refused:
            getattr(client, method)(request=request_, retry=None, timeout=10)
        codes.append(refused.value.grpc_status_code)
    assert codes[0] == codes[1]


def _by_key(texts: list[str]) -> dict[str, list[str]]:
    """Which key comes first is nobody's promise."""
    return {key: [text for text in texts if text.startswith(key)] for key in ("a", "b")}


def _drained(side: Side) -> dict[str, list[str]]:
    """Everything that was not yet out, in order per key."""
    side.acknowledge([text for text, _ in side.out])
    left = list[str]()
    while pulled := side.pull(30):
        left += pulled
        side.acknowledge(pulled)
    return _by_key(left)
