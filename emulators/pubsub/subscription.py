"""One subscription's backlog: what waits, what is out for delivery, when it is due again and when it is a dead letter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from google.protobuf import json_format
from google.pubsub_v1 import types

from emulators.agenda import Agenda, backoff
from emulators.pubsub.filters import compiled
from emulators.pubsub.message import Message

PUSH_BACKOFF = (timedelta(milliseconds=100), timedelta(seconds=60))
"""Least and most without a retry policy: https://cloud.google.com/pubsub/docs/push#push_backoff"""
POLICY_BACKOFF = (timedelta(seconds=10), timedelta(seconds=600))
RETENTION = timedelta(days=7)


@dataclass
class Waiting:
    message: Message
    attempts: int = 0
    out: bool = False  # sent to the push endpoint, answer pending


class Subscription:
    def __init__(self, resource: Any) -> None:
        self.resource = resource
        self._matches = compiled(resource.filter)
        self._waiting: dict[str, Waiting] = {}
        self._agenda = Agenda()
        self._lines: dict[str, list[str]] = {}

    @property
    def name(self) -> str:
        return str(self.resource.name)

    @property
    def short_name(self) -> str:
        return self.name.rsplit("/", 1)[-1]

    def receive(self, message: Message, now: datetime) -> None:
        """Keep the message if the filter lets it through; behind others of its ordering key it is not yet due."""
        if self.resource.detached or not self._matches(message.attributes):
            return
        self._waiting[message.id] = Waiting(message)
        line = self._lines.setdefault(self._key_of(message), [])
        line.append(message.id)
        if line[0] == message.id:
            self._agenda.put(message.id, now)

    def next_push(self) -> datetime | None:
        """When the push endpoint is called next; None for pull subscriptions."""
        earliest = self._agenda.first() if self.resource.push_config.push_endpoint else None
        return earliest[0] if earliest else None

    def take_for_push(self, now: datetime) -> Waiting:
        """The message whose turn it is; only called when one is due."""
        waiting = self._waiting[str(self._agenda.pop_due(now))]
        waiting.attempts += 1
        waiting.out = True
        return waiting

    def take_for_pull(self, now: datetime) -> Waiting | None:
        """The next due message, leased for the ack deadline; its attempt is not counted yet."""
        message_id = self._agenda.pop_due(now)
        if message_id is None:
            return None
        self._agenda.put(message_id, now + timedelta(seconds=self.ack_deadline_s))
        return self._waiting[message_id]

    def has_due(self, now: datetime) -> bool:
        earliest = self._agenda.first()
        return earliest is not None and earliest[0] <= now

    def is_out(self, message_id: str) -> bool:
        return message_id in self._waiting and self._waiting[message_id].out

    def holds(self, message_id: str) -> bool:
        return message_id in self._waiting

    def acknowledge(self, message_id: str, now: datetime) -> None:
        """Done with this message; the next of its ordering key becomes due. Unknown ids are no error."""
        waiting = self._waiting.pop(message_id, None)
        if waiting is None:
            return
        self._agenda.drop(message_id)
        line = self._lines[self._key_of(waiting.message)]
        was_first = line[0] == message_id
        line.remove(message_id)
        if not line:
            del self._lines[self._key_of(waiting.message)]
        elif was_first:
            self._agenda.put(line[0], now)

    def lease(self, message_id: str, seconds: int, now: datetime) -> None:
        """Keep the message from being delivered again for this long from now."""
        if message_id in self._waiting:
            self._agenda.put(message_id, now + timedelta(seconds=seconds))

    def retry_later(self, message_id: str, now: datetime) -> Waiting:
        """Due again after the backoff its number of attempts has earned."""
        waiting = self._waiting[message_id]
        waiting.out = False
        self._agenda.put(message_id, now + self._backoff(waiting.attempts))
        return waiting

    def is_exhausted(self, waiting: Waiting) -> bool:
        return bool(self.dead_letter_topic) and waiting.attempts >= (self.resource.dead_letter_policy.max_delivery_attempts or 5)

    def is_expired(self, waiting: Waiting, now: datetime) -> bool:
        return now >= waiting.message.publish_time + (self.resource.message_retention_duration.ToTimedelta() or RETENTION)

    @property
    def dead_letter_topic(self) -> str:
        return str(self.resource.dead_letter_policy.dead_letter_topic)

    @property
    def ack_deadline_s(self) -> int:
        return self.resource.ack_deadline_seconds or 10

    def detach(self) -> None:
        self.resource.detached = True
        self._waiting.clear()
        self._lines.clear()
        self._agenda = Agenda()

    def dump(self) -> dict[str, Any]:
        waiting = [self._dump_waiting(each) for each in self._waiting.values()]
        return {"resource": json_format.MessageToDict(self.resource), "waiting": waiting}

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> "Subscription":
        subscription = cls(json_format.ParseDict(data["resource"], types.Subscription.pb()()))
        for each in data["waiting"]:
            message = Message.load(each["message"])
            subscription.receive(message, datetime.fromisoformat(each["due"]))
            subscription._waiting[message.id].attempts = each["attempts"]
        return subscription

    def _dump_waiting(self, waiting: Waiting) -> dict[str, Any]:
        # What is out for delivery is due at once after a restart: its answer will never be seen.
        due = self._agenda.due(waiting.message.id) or waiting.message.publish_time
        return {"message": waiting.message.dump(), "attempts": waiting.attempts, "due": due.isoformat()}

    def _key_of(self, message: Message) -> str:
        """Messages of one key stand in one line, of which only the first is on the agenda; without ordering each is its own line."""
        ordered = self.resource.enable_message_ordering and message.ordering_key
        return f"key {message.ordering_key}" if ordered else f"message {message.id}"

    def _backoff(self, attempts: int) -> timedelta:
        least, most = PUSH_BACKOFF
        if self.resource.HasField("retry_policy"):
            policy = self.resource.retry_policy
            least = policy.minimum_backoff.ToTimedelta() if policy.HasField("minimum_backoff") else POLICY_BACKOFF[0]
            most = policy.maximum_backoff.ToTimedelta() if policy.HasField("maximum_backoff") else POLICY_BACKOFF[1]
        return backoff(attempts, least=least, most=most)
