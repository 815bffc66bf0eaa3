"""One published message: as it is kept, as it goes over the wire, and as a dead letter."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from google.pubsub_v1 import types

DEAD_LETTER = "CloudPubSubDeadLetterSource"


@dataclass(frozen=True)
class Message:
    id: str
    publish_time: datetime
    data: bytes = b""
    attributes: Mapping[str, str] = field(default_factory=dict)
    ordering_key: str = ""

    def to_proto(self) -> Any:
        message = types.PubsubMessage.pb()(message_id=self.id, data=self.data, ordering_key=self.ordering_key, attributes=self.attributes)
        message.publish_time.FromDatetime(self.publish_time)
        return message

    def to_json(self) -> dict[str, Any]:
        """The `message` of a push request, both spellings included: real deliveries carry both, and leave out what is empty."""
        published = timestamp(self.publish_time)
        written: dict[str, Any] = {"messageId": self.id, "message_id": self.id, "publishTime": published, "publish_time": published}
        if self.data:
            written["data"] = base64.b64encode(self.data).decode()
        if self.attributes:
            written["attributes"] = dict(self.attributes)
        if self.ordering_key:
            written["orderingKey"] = self.ordering_key
        return written

    def as_dead_letter(self, *, subscription: str, attempts: int) -> "Message":
        """The same message with where it failed written into its attributes; publishing gives it a new id and time."""
        _, project, _, short = subscription.split("/")
        origin = {
            f"{DEAD_LETTER}DeliveryCount": str(attempts),
            f"{DEAD_LETTER}Subscription": short,
            f"{DEAD_LETTER}SubscriptionProject": project,
            f"{DEAD_LETTER}TopicPublishTime": self.publish_time.astimezone(UTC).isoformat(timespec="milliseconds"),
        }
        return replace(self, attributes={**self.attributes, **origin})

    def dump(self) -> dict[str, Any]:
        data = base64.b64encode(self.data).decode()
        plain = {"id": self.id, "attributes": dict(self.attributes), "ordering_key": self.ordering_key}
        return {**plain, "data": data, "publish_time": self.publish_time.isoformat()}

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> "Message":
        known = {**data, "data": base64.b64decode(data["data"]), "publish_time": datetime.fromisoformat(data["publish_time"])}
        return cls(**known)


def timestamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
