"""One subscription's backlog: what waits, what is out and until when, when it is due again and when it is given up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
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
    """`delivery` numbers the times it went out, in the ack id too; while it is out nobody else gets it. `done` is for one that was
    acknowledged while others before it in its line are not: only once they are it is forgotten."""

    message: Message
    due: datetime
    attempts: int = 0
    delivery: int = 0
    out: bool = False
    done: bool = False

    @property
    def ack_id(self) -> str:
        return f"{self.message.id}:{self.delivery}"


class Subscription:
    """Messages of one ordering key stand in one line, of which one batch at a time is out: several for a pull, one for a push. When one
    of them comes back, those behind it come back with it. Without ordering each message is a line of its own."""

    def __init__(self, resource: Any) -> None:
        self.resource = resource
        self._matches = compiled(resource.filter)
        self.acknowledged: dict[str, Message] = {}
        self.clear()

    def clear(self) -> None:
        self._waiting: dict[str, Waiting] = {}
        self._lines: dict[str, list[str]] = {}
        self._out: dict[str, int] = {}
        self._due, self._leases = Agenda(), Agenda()

    @property
    def name(self) -> str:
        return str(self.resource.name)

    @property
    def short_name(self) -> str:
        return self.name.rsplit("/", 1)[-1]

    @property
    def pushes(self) -> bool:
        return bool(self.resource.push_config.push_endpoint)

    @property
    def dead_letter_topic(self) -> str:
        return str(self.resource.dead_letter_policy.dead_letter_topic)

    @property
    def ack_deadline_s(self) -> int:
        return self.resource.ack_deadline_seconds or 10

    @property
    def retention(self) -> timedelta:
        kept: timedelta = self.resource.message_retention_duration.ToTimedelta()
        return kept or RETENTION

    # What waits
    def receive(self, message: Message, now: datetime, *, attempts: int = 0, delivery: int = 0) -> None:
        """Keep the message if the filter lets it through; behind others of its ordering key it is not yet due."""
        if self.resource.detached or not self._matches(message.attributes):
            return
        self._waiting[message.id] = Waiting(message, now, attempts, delivery)
        key = self._key_of(message)
        self._lines.setdefault(key, []).append(message.id)
        self._offer(key)

    def has_due(self, now: datetime) -> bool:
        earliest = self._due.first()
        return earliest is not None and earliest[0] <= now

    def next_change(self) -> datetime | None:
        """When something becomes due or a lease ends."""
        moments = [earliest[0] for agenda in (self._due, self._leases) if (earliest := agenda.first()) is not None]
        return min(moments, default=None)

    def next_lapse(self) -> datetime | None:
        """When the next lease ends."""
        earliest = self._leases.first()
        return earliest[0] if earliest else None

    def next_push(self) -> datetime | None:
        """When the push endpoint is called next, or what a pull took is given back to it; None for pull subscriptions."""
        return self.next_change() if self.pushes else None

    def waiting(self) -> list[Message]:
        return [each.message for each in self._waiting.values()]

    # Out and back
    def take(self, now: datetime, *, at_most: int = 1) -> list[Waiting]:
        """What is due, out from here on: at most this many, in order within a key. A pull's lease begins, a push has none."""
        taken: list[Waiting] = []
        while len(taken) < at_most and (message_id := self._due.pop_due(now)) is not None:
            line = self._lines[self._key_of(self._waiting[message_id].message)]
            batch = [self._waiting[each] for each in line[: 1 if self.pushes else at_most - len(taken)]]
            taken += [self._send(each, now) for each in takewhile(lambda each: each.due <= now, batch)]
        return taken

    def current(self, ack_id: str) -> Waiting | None:
        """What this ack id stands for while it is out and this was its latest delivery."""
        waiting = self._waiting.get(ack_id.rpartition(":")[0])
        return waiting if waiting is not None and waiting.out and waiting.ack_id == ack_id else None

    def is_out(self, message_id: str) -> bool:
        return message_id in self._waiting and self._waiting[message_id].out

    def lease(self, waiting: Waiting, seconds: int, now: datetime) -> None:
        """Keep the message from being delivered again for this long from now."""
        self._leases.put(waiting.message.id, now + timedelta(seconds=seconds))

    def accepts(self, ack_id: str) -> bool:
        """Whether an acknowledgement counts. A late one does only where neither an order nor the promise of one delivery depends on it."""
        strict = self.resource.enable_exactly_once_delivery or self.resource.enable_message_ordering
        return not strict or self.current(ack_id) is not None

    def acknowledge(self, message_id: str) -> None:
        """Done with this message, whether it is out or not; unknown ids are no error."""
        waiting = self._waiting.get(message_id)
        if waiting is None:
            return
        waiting.done = True
        self._land(waiting)
        self._advance(self._key_of(waiting.message))

    def discard(self, message_id: str) -> None:
        """Gone for good, wherever it stands in its line."""
        self._forget(self._waiting[message_id])

    def give_back(self, message_id: str, now: datetime) -> Waiting:
        """Not acknowledged: due again after the backoff its number of attempts has earned."""
        waiting = self._waiting[message_id]
        waiting.due = now + self._backoff(waiting.attempts)
        key = self._key_of(waiting.message)
        line = self._lines[key]
        for behind in line[line.index(message_id) + 1 :]:
            self._recall(self._waiting[behind])
        self._land(waiting)
        self._offer(key)
        return waiting

    def lapsed(self, now: datetime) -> str | None:
        """The next message whose lease has ended by now; its lease is gone, and whoever asks gives it back."""
        return self._leases.pop_due(now)

    def is_exhausted(self, waiting: Waiting) -> bool:
        return bool(self.dead_letter_topic) and waiting.attempts >= (self.resource.dead_letter_policy.max_delivery_attempts or 5)

    def drop_old(self, now: datetime) -> None:
        """What was published too long ago is gone, acknowledged or not."""
        while self._waiting:
            oldest = next(iter(self._waiting.values()))
            if oldest.message.publish_time > now - self.retention:
                break
            self._forget(oldest)

    def retained(self, now: datetime) -> list[Message]:
        """Every message a seek can bring back."""
        return [each for each in (*self.acknowledged.values(), *self.waiting()) if each.publish_time > now - self.retention]

    def replay(self, messages: Iterable[Message], now: datetime) -> None:
        """From here on exactly these are unacknowledged; nothing that is out counts any more."""
        before, chosen = self.waiting(), {message.id: message for message in messages}
        self.clear()
        if self.resource.retain_acked_messages:
            self.acknowledged |= {message.id: message for message in before}
        self.acknowledged = {known: message for known, message in self.acknowledged.items() if known not in chosen}
        for message in chosen.values():
            self.receive(message, now)

    def detach(self) -> None:
        self.resource.detached = True
        self.acknowledged.clear()
        self.clear()

    # Persistence
    def dump(self) -> dict[str, Any]:
        waiting = [self._dump_waiting(each) for each in self._waiting.values()]
        acknowledged = [message.dump() for message in self.acknowledged.values()]
        return {"resource": json_format.MessageToDict(self.resource), "waiting": waiting, "acknowledged": acknowledged}

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> "Subscription":
        subscription = cls(json_format.ParseDict(data["resource"], types.Subscription.pb()()))
        for each in data["waiting"]:
            due, counts = datetime.fromisoformat(each["due"]), {"attempts": each["attempts"], "delivery": each["delivery"]}
            subscription.receive(Message.load(each["message"]), due, **counts)
        subscription.acknowledged = {each["id"]: Message.load(each) for each in data["acknowledged"]}
        return subscription

    def _dump_waiting(self, waiting: Waiting) -> dict[str, Any]:
        # What is out for push is due at once after a restart: its answer will never be seen. A pull's lease goes on.
        due = self._leases.due(waiting.message.id) or waiting.due
        counts = {"attempts": waiting.attempts, "delivery": waiting.delivery}
        return {"message": waiting.message.dump(), "due": due.isoformat(), **counts}

    def _send(self, waiting: Waiting, now: datetime) -> Waiting:
        key = self._key_of(waiting.message)
        waiting.out, waiting.delivery, waiting.attempts = True, waiting.delivery + 1, waiting.attempts + 1
        self._out[key] = self._out.get(key, 0) + 1
        if not self.pushes:
            self.lease(waiting, self.ack_deadline_s, now)
        return waiting

    def _land(self, waiting: Waiting) -> None:
        if not waiting.out:
            return
        key = self._key_of(waiting.message)
        waiting.out = False
        self._leases.drop(waiting.message.id)
        self._out[key] -= 1
        if not self._out[key]:
            del self._out[key]

    def _recall(self, waiting: Waiting) -> None:
        """It comes back because of another one: that is no failed attempt of its own."""
        if waiting.out or waiting.done:
            waiting.attempts -= 1
            waiting.done = False
            self._land(waiting)

    def _forget(self, waiting: Waiting) -> None:
        self._remove(waiting)
        self._advance(self._key_of(waiting.message))

    def _remove(self, waiting: Waiting) -> None:
        key, message_id = self._key_of(waiting.message), waiting.message.id
        self._land(waiting)
        self._due.drop(message_id)
        del self._waiting[message_id]
        self._lines[key].remove(message_id)
        if not self._lines[key]:
            del self._lines[key]

    def _advance(self, key: str) -> None:
        """What is done at the head of a line is forgotten, and the next one's turn comes."""
        while (line := self._lines.get(key)) and (head := self._waiting[line[0]]).done:
            if self.resource.retain_acked_messages:
                self.acknowledged[head.message.id] = head.message
            self._remove(head)
        self._offer(key)

    def _offer(self, key: str) -> None:
        """The first of a line is due unless a batch of the line is out."""
        line = self._lines.get(key)
        if line and key not in self._out and self._due.due(line[0]) != self._waiting[line[0]].due:
            self._due.put(line[0], self._waiting[line[0]].due)

    def _key_of(self, message: Message) -> str:
        ordered = self.resource.enable_message_ordering and message.ordering_key
        return f"key {message.ordering_key}" if ordered else f"message {message.id}"

    def _backoff(self, attempts: int) -> timedelta:
        if not self.resource.HasField("retry_policy"):
            return backoff(attempts, least=PUSH_BACKOFF[0], most=PUSH_BACKOFF[1]) if self.pushes else timedelta(0)
        policy = self.resource.retry_policy
        least = policy.minimum_backoff.ToTimedelta() if policy.HasField("minimum_backoff") else POLICY_BACKOFF[0]
        most = policy.maximum_backoff.ToTimedelta() if policy.HasField("maximum_backoff") else POLICY_BACKOFF[1]
        return backoff(attempts, least=least, most=most)
