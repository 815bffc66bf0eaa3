"""Topics and subscriptions and what waits in them; the backlog that push delivery takes from. Pure: no clock, no threads, no sockets."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from google.protobuf import json_format
from google.pubsub_v1 import types

from emulators.delivering import Account, Answer, Push
from emulators.pubsub.errors import AlreadyExists, NotFound
from emulators.pubsub.message import Message
from emulators.pubsub.subscription import Subscription, Waiting

ACKNOWLEDGED = {102, 200, 201, 202, 204}
"""https://cloud.google.com/pubsub/docs/push#receive_push"""
DELETED_TOPIC = "_deleted-topic_"
FIRST_ID = 10_000_000_000_000


class PubSubState:
    def __init__(self) -> None:
        self.topics: dict[str, Any] = {}
        self.subscriptions: dict[str, Subscription] = {}
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

    # Messages
    def publish(self, topic: str, messages: Iterable[Message], now: datetime) -> list[str]:
        """New ids and the publish time, and a copy for every subscription; answers the ids."""
        self.topic(topic)
        ids = []
        for message in messages:
            self._published += 1
            accepted = replace(message, id=str(FIRST_ID + self._published), publish_time=now)
            for subscription in self.of_topic(topic):
                subscription.receive(accepted, now)
            ids.append(accepted.id)
        return ids

    def pull(self, name: str, now: datetime, *, at_most: int) -> list[Waiting]:
        """Due messages, leased; what ran out of attempts or of time on the way goes where it belongs instead."""
        subscription, taken = self.subscription(name), list[Waiting]()
        while len(taken) < at_most and (waiting := subscription.take_for_pull(now)) is not None:
            if self._gave_up(subscription, waiting, now):
                continue
            waiting.attempts += 1
            taken.append(waiting)
        return taken

    def reject(self, subscription: Subscription, message_id: str, now: datetime) -> None:
        """A negative acknowledgement: a dead letter if its attempts are used up, else again later."""
        if subscription.holds(message_id):
            self._gave_up(subscription, subscription.retry_later(message_id, now), now)

    def _gave_up(self, subscription: Subscription, waiting: Waiting, now: datetime) -> bool:
        exhausted = subscription.is_exhausted(waiting) and subscription.dead_letter_topic in self.topics
        if exhausted:
            letter = waiting.message.as_dead_letter(subscription=subscription.name, attempts=waiting.attempts)
            self.publish(subscription.dead_letter_topic, [letter], now)
        if exhausted or subscription.is_expired(waiting, now):
            subscription.acknowledge(waiting.message.id, now)
            return True
        return False

    # Backlog of push deliveries
    def next_due(self) -> datetime | None:
        return min((due for each in self.subscriptions.values() if (due := each.next_push()) is not None), default=None)

    def take(self, now: datetime) -> Push | None:
        due = [(moment, name) for name, each in self.subscriptions.items() if (moment := each.next_push()) is not None and moment <= now]
        if not due:
            return None
        subscription = self.subscriptions[min(due)[1]]
        return _push(subscription, subscription.take_for_push(now))

    def answered(self, push: Push, answer: Answer, now: datetime) -> None:
        name, _, message_id = push.ticket.rpartition("#")
        subscription = self.subscriptions.get(name)
        if subscription is None or not subscription.is_out(message_id):
            return
        if answer.status in ACKNOWLEDGED:
            subscription.acknowledge(message_id, now)
        else:
            self.reject(subscription, message_id, now)

    # Persistence
    def dump(self) -> dict[str, Any]:
        return {
            "published": self._published,
            "topics": [json_format.MessageToDict(topic) for topic in self.topics.values()],
            "subscriptions": [subscription.dump() for subscription in self.subscriptions.values()],
        }

    def load(self, data: Mapping[str, Any]) -> None:
        topics = [json_format.ParseDict(each, types.Topic.pb()()) for each in data["topics"]]
        subscriptions = [Subscription.load(each) for each in data["subscriptions"]]
        self._published = data["published"]
        self.topics = {topic.name: topic for topic in topics}
        self.subscriptions = {subscription.name: subscription for subscription in subscriptions}


def _push(subscription: Subscription, waiting: Waiting) -> Push:
    config = subscription.resource.push_config
    envelope: dict[str, Any] = {"message": waiting.message.to_json(), "subscription": subscription.name}
    if subscription.dead_letter_topic:
        envelope["deliveryAttempt"] = waiting.attempts
    return Push(
        ticket=f"{subscription.name}#{waiting.message.id}",
        route=f"pubsub.deliver.{subscription.short_name}",
        method="POST",
        url=config.push_endpoint,
        headers={"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "CloudPubSub-Google"},
        body=json.dumps(envelope).encode(),
        timeout_s=subscription.ack_deadline_s,
        account=Account(config.oidc_token.service_account_email, audience=config.oidc_token.audience),
    )
