"""Topics, subscriptions and snapshots, and what waits in them; push delivery takes from it. Pure: no clock, no threads, no sockets."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from google.protobuf import json_format
from google.pubsub_v1 import types

from emulators.pubsub.errors import AlreadyExists, FailedPrecondition, NotFound
from emulators.pubsub.message import Message
from emulators.pubsub.pushing import ACKNOWLEDGED, push_of
from emulators.pubsub.snapshots import Retained, Snapshot, since
from emulators.pubsub.subscription import Subscription, Waiting
from emulators.push import Answer, Push

DELETED_TOPIC = "_deleted-topic_"
FIRST_ID = 10_000_000_000_000


class PubSubState:
    def __init__(self) -> None:
        self.topics: dict[str, Any] = {}
        self.subscriptions: dict[str, Subscription] = {}
        self.snapshots: dict[str, Snapshot] = {}
        self._retained: dict[str, Retained] = {}
        self._published = 0

    # Resources
    def add_topic(self, resource: Any) -> None:
        if resource.name in self.topics:
            raise AlreadyExists(resource.name)
        self.topics[resource.name] = resource

    def topic(self, name: str) -> Any:
        if name not in self.topics:
            raise NotFound(name)
        return self.topics[name]

    def delete_topic(self, name: str) -> None:
        """Its subscriptions keep what they have and receive nothing more."""
        self.topic(name)
        for subscription in self.of_topic(name):
            subscription.resource.topic = DELETED_TOPIC
        for snapshot in self.snapshots.values():
            if snapshot.resource.topic == name:
                snapshot.resource.topic = DELETED_TOPIC
        self._retained.pop(name, None)
        del self.topics[name]

    def add_subscription(self, resource: Any) -> None:
        if resource.name in self.subscriptions:
            raise AlreadyExists(resource.name)
        self.topic(resource.topic)
        self.subscriptions[resource.name] = Subscription(resource)

    def subscription(self, name: str) -> Subscription:
        if name not in self.subscriptions:
            raise NotFound(name)
        return self.subscriptions[name]

    def of_topic(self, name: str) -> list[Subscription]:
        return [each for each in self.subscriptions.values() if each.resource.topic == name]

    def add_snapshot(self, resource: Any, subscription: str, now: datetime) -> Any:
        if resource.name in self.snapshots:
            raise AlreadyExists(resource.name)
        self.snapshots[resource.name] = Snapshot.of(self.subscription(subscription), resource, now)
        return resource

    def snapshot(self, name: str) -> Snapshot:
        if name not in self.snapshots:
            raise NotFound(name)
        return self.snapshots[name]

    # Messages
    def publish(self, topic: str, messages: Iterable[Message], now: datetime) -> list[str]:
        """New ids and the publish time, and a copy for every subscription; answers the ids."""
        kept = self.topic(topic).message_retention_duration.ToTimedelta()
        subscriptions = self.of_topic(topic)
        snapshots = [each for each in self.snapshots.values() if each.resource.topic == topic]
        ids = []
        for message in messages:
            self._published += 1
            accepted = replace(message, id=str(FIRST_ID + self._published), publish_time=now)
            for subscription in subscriptions:
                subscription.receive(accepted, now)
            for snapshot in snapshots:
                snapshot.receive(accepted)
            if kept:
                self._retained.setdefault(topic, Retained()).receive(accepted, kept, now)
            ids.append(accepted.id)
        return ids

    def pull(self, name: str, now: datetime, *, at_most: int) -> list[Waiting]:
        """Due messages, leased."""
        self.sweep(now)
        return self.subscription(name).take(now, at_most=at_most)

    def reject(self, subscription: Subscription, message_id: str, now: datetime) -> None:
        """A negative acknowledgement or a lease that ended: a dead letter if its attempts are used up, else again later."""
        waiting = subscription.give_back(message_id, now)
        if subscription.is_exhausted(waiting) and subscription.dead_letter_topic in self.topics:
            letter = waiting.message.as_dead_letter(subscription=subscription.name, attempts=waiting.attempts)
            self.publish(subscription.dead_letter_topic, [letter], now)
            subscription.discard(message_id)

    def sweep(self, now: datetime) -> None:
        """Whatever ends by itself has ended: leases, retention, snapshots."""
        for subscription in list(self.subscriptions.values()):
            while (message_id := subscription.lapsed(now)) is not None:
                self.reject(subscription, message_id, now)
            subscription.drop_old(now)
        self.snapshots = {name: each for name, each in self.snapshots.items() if not each.is_over(now)}

    def next_change(self, name: str) -> datetime | None:
        """When this subscription may have more to give than now: by itself, or because a lease ends elsewhere and makes a dead letter."""
        moments = [self.subscription(name).next_change(), self.next_lapse()]
        return min((moment for moment in moments if moment is not None), default=None)

    def next_lapse(self) -> datetime | None:
        return min((moment for each in self.subscriptions.values() if (moment := each.next_lapse()) is not None), default=None)

    def seek(self, name: str, *, now: datetime, moment: datetime | None = None, snapshot: str = "") -> None:
        """Set a subscription back, or forward, to a moment or a snapshot."""
        subscription = self.subscription(name)
        topic = subscription.resource.topic
        if moment is not None:
            kept = self._retained[topic].messages if topic in self._retained else ()
            subscription.replay(since(moment, subscription.retained(now), kept), now)
            return
        chosen = self.snapshot(snapshot)
        if chosen.resource.topic != topic:
            raise FailedPrecondition("The subscription and the snapshot belong to different topics.")
        subscription.replay(chosen.messages.values(), now)

    # Backlog of push deliveries
    def next_due(self) -> datetime | None:
        return min((due for each in self.subscriptions.values() if (due := each.next_push()) is not None), default=None)

    def take(self, now: datetime) -> Push | None:
        self.sweep(now)
        due = [(moment, name) for name, each in self.subscriptions.items() if (moment := each.next_push()) is not None and moment <= now]
        for _, name in sorted(due):
            for waiting in self.subscriptions[name].take(now):
                return push_of(self.subscriptions[name], waiting)
        return None

    def answered(self, push: Push, answer: Answer, now: datetime) -> None:
        name, _, ack_id = push.ticket.rpartition("#")
        subscription = self.subscriptions.get(name)
        waiting = subscription.current(ack_id) if subscription is not None else None
        if subscription is None or waiting is None:
            return
        if answer.status in ACKNOWLEDGED:
            subscription.acknowledge(waiting.message.id)
        else:
            self.reject(subscription, waiting.message.id, now)

    # Persistence
    def dump(self) -> dict[str, Any]:
        return {
            "published": self._published,
            "topics": [json_format.MessageToDict(topic) for topic in self.topics.values()],
            "subscriptions": [subscription.dump() for subscription in self.subscriptions.values()],
            "snapshots": [snapshot.dump() for snapshot in self.snapshots.values()],
            "retained": {topic: [message.dump() for message in each.messages] for topic, each in self._retained.items()},
        }

    def load(self, data: Mapping[str, Any]) -> None:
        topics = [json_format.ParseDict(each, types.Topic.pb()()) for each in data["topics"]]
        subscriptions = [Subscription.load(each) for each in data["subscriptions"]]
        snapshots = [Snapshot.load(each) for each in data["snapshots"]]
        self._published = data["published"]
        self.topics = {topic.name: topic for topic in topics}
        self.subscriptions = {subscription.name: subscription for subscription in subscriptions}
        self.snapshots = {snapshot.name: snapshot for snapshot in snapshots}
        self._retained = {topic: Retained([Message.load(each) for each in kept]) for topic, kept in data["retained"].items()}
