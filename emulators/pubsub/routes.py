"""Pub/Sub as google-cloud-pubsub calls it (PUBSUB_EMULATOR_HOST), and the pushes it makes by itself."""

from collections.abc import Iterable, Mapping
from typing import Any

import grpc
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport

from emulators.clock import Clock
from emulators.delivering import Deliveries, Delivering, exclusive, tokens_of
from emulators.faults import Faults
from emulators.grpc_methods import Front, Work, generic_handler, methods_of
from emulators.past import Memory, Past
from emulators.pubsub.errors import CODES
from emulators.pubsub.message import Message
from emulators.pubsub.responses import Publisher, Subscriber
from emulators.pubsub.state import PubSubState
from emulators.pubsub.streaming import StreamingPulls
from emulators.service import Identity

READS = ("GetTopic", "ListTopics", "ListTopicSubscriptions", "GetSubscription", "ListSubscriptions", "GetSnapshot", "ListSnapshots")
"""What may be answered from an earlier state."""


class PubSubEmulator(Delivering):
    """Fault routes: `pubsub.<Method>` for calls, `pubsub.deliver.<subscription id>` for pushes."""

    def __init__(self, clock: Clock, *, identity: Identity | None = None) -> None:
        self.name, self.faults = "pubsub", Faults()
        self._clock, self._state = clock, PubSubState()
        past = Past(clock=clock, faults=self.faults, lock=clock.changed, dump=self._state.dump)
        self._memory = Memory(past, lock=clock.changed, state=self._state, load=self._state.load, reads=READS)
        self._deliveries = Deliveries(self._state, name=self.name, clock=clock, faults=self.faults, seal=tokens_of(identity))

    def handlers(self) -> Iterable[grpc.GenericRpcHandler]:
        front = Front(self.name, self._clock, self.faults, CODES, self._memory)
        streams: dict[str, Work] = {"StreamingPull": StreamingPulls(self._state, self._clock).streaming_pull}
        publisher, subscriber = Publisher(self._state, self._clock), Subscriber(self._state, self._clock)
        return [
            generic_handler(methods_of(PublisherGrpcTransport), exclusive(_publishing(publisher), self._clock), front),
            generic_handler(methods_of(SubscriberGrpcTransport), exclusive(_subscribing(subscriber), self._clock) | streams, front),
        ]

    def publish(self, topic: str, data: bytes, attributes: Mapping[str, str] | None = None) -> str:
        """What other services publish by themselves; LookupError for a topic there is none of. Answers the message's id."""
        with self._clock.changed:
            now = self._clock.now()
            [message_id] = self._state.publish(topic, [Message("", now, data, dict(attributes or {}))], now)
            self._clock.notify()
            return message_id

    def reset(self) -> None:
        self.load(PubSubState().dump())

    def dump(self) -> dict[str, Any]:
        with self._clock.changed:
            return self._state.dump()

    def load(self, data: Mapping[str, Any]) -> None:
        """Replaces everything; what was out for delivery when it was dumped is due at once."""
        with self._clock.changed:
            self._state.load(data)
            self._deliveries.forget_held()


def _publishing(publisher: Publisher) -> dict[str, Work]:
    return {
        "CreateTopic": publisher.create_topic,
        "GetTopic": publisher.get_topic,
        "UpdateTopic": publisher.update_topic,
        "ListTopics": publisher.list_topics,
        "ListTopicSubscriptions": publisher.list_topic_subscriptions,
        "ListTopicSnapshots": publisher.list_topic_snapshots,
        "DeleteTopic": publisher.delete_topic,
        "DetachSubscription": publisher.detach_subscription,
        "Publish": publisher.publish,
    }


def _subscribing(subscriber: Subscriber) -> dict[str, Work]:
    return {
        "CreateSubscription": subscriber.create_subscription,
        "GetSubscription": subscriber.get_subscription,
        "UpdateSubscription": subscriber.update_subscription,
        "ListSubscriptions": subscriber.list_subscriptions,
        "DeleteSubscription": subscriber.delete_subscription,
        "ModifyPushConfig": subscriber.modify_push_config,
        "Pull": subscriber.pull,
        "Acknowledge": subscriber.acknowledge,
        "ModifyAckDeadline": subscriber.modify_ack_deadline,
        "CreateSnapshot": subscriber.create_snapshot,
        "GetSnapshot": subscriber.get_snapshot,
        "ListSnapshots": subscriber.list_snapshots,
        "UpdateSnapshot": subscriber.update_snapshot,
        "DeleteSnapshot": subscriber.delete_snapshot,
        "Seek": subscriber.seek,
    }
