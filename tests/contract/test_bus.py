"""The Bus port on Pub/Sub: what is published arrives whole, and every failure is of a family stages know."""

import json
from collections.abc import Iterator

import grpc
import pytest
from google.pubsub_v1.services.publisher import PublisherClient
from google.pubsub_v1.services.publisher.transports.grpc import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber import SubscriberClient
from google.pubsub_v1.services.subscriber.transports.grpc import SubscriberGrpcTransport

from emulators.clock import Clock
from emulators.faults import Fault, Kind
from emulators.pubsub.routes import PubSubEmulator
from emulators.serving import GrpcServer
from shared.gcp.pubsub import PubSubBus
from shared.ports.errors import Permanent, Transient
from shared.runtime.settings import Settings
from tests.builders import MONDAY
from tests.fakes.clock import CountingIds, FixedClock

TOPIC = "projects/sales-agent-local/topics/lead.planned"
PULLED = "projects/sales-agent-local/subscriptions/pulled"
WORK = {"workspace_id": "northwind", "id": "run_1"}
TRACED = {"trace_id": "trace-1", "workspace_id": "northwind"}


class Bus:
    """The adapter, the emulator behind it, and a subscription that shows what arrived."""

    def __init__(self, emulator: PubSubEmulator, address: str, channel: grpc.Channel) -> None:
        self.emulator, self.clock = emulator, FixedClock()
        self.bus = PubSubBus(settings=Settings(pubsub_emulator_host=address), clock=self.clock, ids=CountingIds())
        PublisherClient(transport=PublisherGrpcTransport(channel=channel)).create_topic(name=TOPIC)
        self._subscriber = SubscriberClient(transport=SubscriberGrpcTransport(channel=channel))
        self._subscriber.create_subscription(name=PULLED, topic=TOPIC)

    def publish(self, *messages: tuple[dict[str, str], dict[str, str]], topic: str = "lead.planned") -> None:
        self.bus.publish(topic=topic, messages=messages)

    def fail(self, kind: Kind = Kind.STATUS, *, code: str = "UNAVAILABLE", times: int | None = None) -> None:
        self.emulator.faults.add(Fault(route="pubsub.Publish", kind=kind, body=code, times=times))

    @property
    def arrived(self) -> list[tuple[dict[str, str], dict[str, str]]]:
        found = self._subscriber.pull(subscription=PULLED, max_messages=100, return_immediately=True).received_messages
        return [(json.loads(one.message.data), dict(one.message.attributes)) for one in found]


@pytest.fixture
def bus() -> Iterator[Bus]:
    emulator = PubSubEmulator(Clock(frozen_at=MONDAY))
    server = GrpcServer([emulator], workers=4).start()
    with grpc.insecure_channel(server.address) as channel:
        yield Bus(emulator, server.address, channel)
    emulator.close()
    server.stop()


@pytest.mark.filterwarnings("ignore:The return_immediately flag is deprecated")
class TestPublishing:
    def test_messages_arrive_with_payload_and_attributes_in_one_call(self, bus: Bus):
        bus.publish((WORK, TRACED), ({"id": "ä“"}, {}))
        assert bus.arrived == [(WORK, TRACED), ({"id": "ä“"}, {})]

    @pytest.mark.parametrize("code", ["UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "INTERNAL"])
    def test_a_bus_that_is_away_for_a_moment_is_asked_again(self, bus: Bus, code: str):
        bus.fail(code=code, times=3)
        bus.publish((WORK, TRACED))
        assert (len(bus.arrived), len(bus.clock.pauses)) == (1, 3)

    def test_a_bus_that_stays_away_is_transient_and_nothing_arrives(self, bus: Bus):
        bus.fail()
        with pytest.raises(Transient, match=r"did not accept for projects/sales-agent-local/topics/lead\.planned") as away:
            bus.publish((WORK, TRACED))
        assert (away.value.source, bus.arrived, len(bus.clock.pauses)) == ("pubsub", [], 3)

    def test_a_message_whose_answer_was_lost_arrives_at_least_once(self, bus: Bus):
        bus.fail(Kind.DROP_AFTER, times=1)
        bus.publish((WORK, TRACED))
        assert bus.arrived == [(WORK, TRACED)] * 2

    def test_a_topic_nobody_created_is_a_failure_for_good(self, bus: Bus):
        with pytest.raises(Permanent, match=r"topics/lead\.lost does not exist"):
            bus.publish((WORK, TRACED), topic="lead.lost")
        assert bus.clock.pauses == []
