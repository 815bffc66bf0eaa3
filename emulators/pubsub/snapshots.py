"""Snapshots and seeks: which messages a subscription is set back to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from google.protobuf import json_format
from google.pubsub_v1 import types

from emulators.pubsub.message import Message
from emulators.pubsub.subscription import Subscription

LONGEST_KEPT = timedelta(days=7)
"""A snapshot ends seven days after its oldest message: https://cloud.google.com/pubsub/docs/replay-overview#snapshots"""


@dataclass
class Snapshot:
    """What was unacknowledged when it was made, and everything its topic received since."""

    resource: Any
    messages: dict[str, Message] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return str(self.resource.name)

    @classmethod
    def of(cls, subscription: Subscription, resource: Any, now: datetime) -> "Snapshot":
        messages = {message.id: message for message in subscription.waiting()}
        oldest = min((message.publish_time for message in messages.values()), default=now)
        resource.topic = subscription.resource.topic
        resource.expire_time.FromDatetime(oldest + LONGEST_KEPT)
        return cls(resource, messages)

    def is_over(self, now: datetime) -> bool:
        expires: datetime = self.resource.expire_time.ToDatetime(now.tzinfo)
        return expires <= now

    def receive(self, message: Message) -> None:
        self.messages[message.id] = message

    def dump(self) -> dict[str, Any]:
        return {"resource": json_format.MessageToDict(self.resource), "messages": [each.dump() for each in self.messages.values()]}

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> "Snapshot":
        messages = [Message.load(each) for each in data["messages"]]
        return cls(json_format.ParseDict(data["resource"], types.Snapshot.pb()()), {each.id: each for each in messages})


@dataclass
class Retained:
    """What a topic with `message_retention_duration` keeps for subscriptions that seek back."""

    messages: list[Message] = field(default_factory=list)

    def receive(self, message: Message, kept: timedelta, now: datetime) -> None:
        self.messages.append(message)
        self.messages = [each for each in self.messages if each.publish_time > now - kept] if kept else []


def since(moment: datetime, *sources: Iterable[Message]) -> list[Message]:
    """Every message published then or later, once, in the order of publishing."""
    found = {message.id: message for source in sources for message in source if message.publish_time >= moment}
    return sorted(found.values(), key=lambda message: int(message.id))
