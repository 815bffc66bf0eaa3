"""A model of pulling: whatever is published, pulled, acknowledged, given back and left to lapse, nothing is lost, early or out of order."""

from datetime import UTC, datetime, timedelta
from typing import Any

from google.pubsub_v1 import types
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from emulators.pubsub import leases
from emulators.pubsub.errors import AckIdsInvalid
from emulators.pubsub.message import Message
from emulators.pubsub.state import PubSubState
from emulators.pubsub.subscription import Waiting

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TOPIC, LETTERS = "projects/sdr/topics/leads", "projects/sdr/topics/letters"
INBOX, GRAVE = "projects/sdr/subscriptions/inbox", "projects/sdr/subscriptions/grave"
DEADLINE_S, MOST_ATTEMPTS = 10, 5


class Lease:
    """The model's view of one delivery that was handed out."""

    def __init__(self, waiting: Waiting, until: datetime) -> None:
        self.id, self.ack_id, self.attempt, self.until = waiting.message.id, waiting.ack_id, waiting.attempts, until


class Pulling(RuleBasedStateMachine):
    """The model keeps, per message, its key, its failures and its lease; everything else follows from these."""

    handed = Bundle("handed")

    @initialize(ordered=st.booleans(), exactly_once=st.booleans())
    def begin(self, ordered: bool, exactly_once: bool) -> None:
        self.state, self.now, self.exactly_once, self.ordered = PubSubState(), NOW, exactly_once, ordered
        for name in (TOPIC, LETTERS):
            self.state.add_topic(types.Topic.pb(types.Topic(name=name)))
        inbox = {
            "name": INBOX,
            "topic": TOPIC,
            "ack_deadline_seconds": DEADLINE_S,
            "enable_message_ordering": ordered,
            "enable_exactly_once_delivery": exactly_once,
            "dead_letter_policy": {"dead_letter_topic": LETTERS, "max_delivery_attempts": MOST_ATTEMPTS},
        }
        for each in (inbox, {"name": GRAVE, "topic": LETTERS, "ack_deadline_seconds": 600}):
            self.state.add_subscription(types.Subscription.pb(types.Subscription(each)))
        self.keys: dict[str, str] = {}
        self.failures: dict[str, int] = {}
        self.leases: dict[str, Lease] = {}
        self.acknowledged: set[str] = set()
        self.provisional: set[str] = set()

    @rule(keys=st.lists(st.sampled_from(["", "a", "b"]), min_size=1, max_size=4))
    def publish(self, keys: list[str]) -> None:
        ids = self.state.publish(TOPIC, [Message("", self.now, b"x", ordering_key=key) for key in keys], self.now)
        self.keys |= dict(zip(ids, keys, strict=True))

    @rule(at_most=st.integers(1, 5), target=handed)
    def pull(self, at_most: int) -> Any:
        expected = self.available()
        taken = self.state.pull(INBOX, self.now, at_most=at_most)
        assert len(taken) == min(at_most, len(expected))
        assert {each.message.id for each in taken} <= set(expected)
        made = [Lease(each, self.now + timedelta(seconds=DEADLINE_S)) for each in taken]
        assert all(each.attempt == self.failures.get(each.id, 0) + 1 for each in made)
        for key in ("a", "b"):
            if self.ordered:
                mine = [each.id for each in made if self.keys[each.id] == key]
                assert mine == [each for each in expected if self.keys[each] == key][: len(mine)]
        self.leases |= {each.id: each for each in made}
        return multiple(*made)

    @rule(lease=handed)
    def acknowledge(self, lease: Lease) -> None:
        current = self.is_current(lease)
        refused = self.attempt(lambda: leases.acknowledge(self.state, INBOX, [lease.ack_id], self.now))
        assert refused == (self.exactly_once and not current)
        if (current or not (self.exactly_once or self.ordered)) and lease.id in self.living():
            self.provisional.add(lease.id)
            self.leases.pop(lease.id, None)
            self.settle(self.keys[lease.id])

    @rule(lease=handed, seconds=st.sampled_from([0, 10, 600]))
    def change_deadline(self, lease: Lease, seconds: int) -> None:
        current = self.is_current(lease)
        refused = self.attempt(lambda: leases.modify(self.state, INBOX, {lease.ack_id: seconds}, self.now))
        assert refused == (self.exactly_once and not current)
        if current and seconds:
            self.leases[lease.id].until = self.now + timedelta(seconds=seconds)
        elif current:
            self.fail(lease.id)

    @rule(seconds=st.sampled_from([1, 9, 10, 60, 700]))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        for lease in sorted(self.leases.values(), key=lambda lease: lease.until):
            if lease.until <= self.now and lease.id in self.leases:
                self.fail(lease.id)

    @rule()
    def restart(self) -> None:
        """Leases go on; what they stand for is known by time only, so late acknowledgements of before are still understood."""
        self.state.sweep(self.now)
        if not self.leases:
            self.state.load(self.state.dump())

    @invariant()
    def nothing_is_lost_and_letters_are_dead_exactly_when_their_attempts_are_used_up(self) -> None:
        self.state.sweep(self.now)
        waiting = {message.id for message in self.state.subscription(INBOX).waiting()}
        assert waiting == set(self.living())
        dead = [each for each in self.keys if self.failures.get(each, 0) >= MOST_ATTEMPTS]
        assert len(self.state.subscription(GRAVE).waiting()) == len(dead)

    def living(self) -> list[str]:
        return [each for each in self.keys if each not in self.acknowledged and self.failures.get(each, 0) < MOST_ATTEMPTS]

    def available(self) -> list[str]:
        """What a pull may give: no message that is out, and none whose key has one out."""
        busy = {self.keys[each] for each in self.leases} - {""} if self.ordered else set()
        return [each for each in self.living() if each not in self.leases and self.keys[each] not in busy]

    def is_current(self, lease: Lease) -> bool:
        return self.leases.get(lease.id) is lease

    def fail(self, message_id: str) -> None:
        """Those of the same key behind it come back too, and that is no failure of theirs."""
        del self.leases[message_id]
        self.failures[message_id] = self.failures.get(message_id, 0) + 1
        key = self.keys[message_id]
        if self.ordered and key:
            behind = {each for each, other in self.keys.items() if other == key and int(each) > int(message_id)}
            self.leases = {each: lease for each, lease in self.leases.items() if each not in behind}
            self.provisional -= behind
        self.settle(key)

    def settle(self, key: str) -> None:
        """An acknowledgement counts for good once everything before it in its line is settled."""
        for message_id in self.living():
            if self.ordered and key and self.keys[message_id] == key and message_id not in self.provisional:
                break
            if self.keys[message_id] == key and message_id in self.provisional:
                self.acknowledged.add(message_id)

    def attempt(self, work: Any) -> bool:
        try:
            work()
        except AckIdsInvalid:
            return True
        return False


Pulling.TestCase.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
TestPulling = Pulling.TestCase


def test_a_dead_letter_does_not_come_back_with_the_message_before_it() -> None:
    machine = Pulling()
    machine.begin(ordered=True, exactly_once=False)
    machine.publish(["a", "a"])
    for _ in range(MOST_ATTEMPTS):
        first, second = machine.state.pull(INBOX, NOW, at_most=2)
        machine.state.reject(machine.state.subscription(INBOX), second.message.id, NOW)
        assert machine.state.subscription(INBOX).current(first.ack_id) is first
        if second.attempts < MOST_ATTEMPTS:
            first.attempts -= 1  # only the second one is to run out
            machine.state.reject(machine.state.subscription(INBOX), first.message.id, NOW)
    machine.state.reject(machine.state.subscription(INBOX), first.message.id, NOW)
    assert [each.message.id for each in machine.state.pull(INBOX, NOW, at_most=2)] == [first.message.id]
    assert len(machine.state.subscription(GRAVE).waiting()) == 1
