"""Google's high-level subscriber, unmodified: `subscribe(...)` with its threads, flow control, leases and confirmations."""

import queue
import threading
from collections.abc import Iterator
from concurrent.futures import TimeoutError as StillRunning
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import pubsub_v1
from google.cloud.pubsub_v1.subscriber.exceptions import AcknowledgeError, AcknowledgeStatus
from google.cloud.pubsub_v1.types import FlowControl

from emulators.clock import Clock
from emulators.faults import Fault, Kind
from emulators.pubsub.routes import PubSubEmulator
from tests.contract.emulators.pubsub.conftest import LEADS, PROJECT

INBOX = f"{PROJECT}/subscriptions/inbox"
PATIENCE_S = 20


class Reader:
    """A running subscriber whose messages the test takes one by one."""

    def __init__(self, subscriber: Any, **options: Any) -> None:
        self._arrived: queue.Queue[Any] = queue.Queue()
        self.future = subscriber.subscribe(INBOX, callback=self._arrived.put, **options)

    def next(self) -> Any:
        return self._arrived.get(timeout=PATIENCE_S)

    def texts(self, count: int, *, acknowledge: bool = True) -> list[str]:
        texts = []
        for _ in range(count):
            message = self.next()
            texts.append(message.data.decode())
            if acknowledge:
                message.ack()
        return texts

    def arrives(self, *, within_s: float) -> bool:
        try:
            self._arrived.put(self._arrived.get(timeout=within_s))
        except queue.Empty:
            return False
        return True

    def is_idle(self) -> bool:
        return self._arrived.empty()

    def stop(self) -> None:
        self.future.cancel()
        with suppress(exceptions.GoogleAPICallError):
            self.future.result(timeout=PATIENCE_S)


@pytest.fixture
def readers() -> Iterator[list[Reader]]:
    readers = list[Reader]()
    yield readers
    for reader in readers:
        reader.stop()


@pytest.fixture
def read(publisher: Any, subscriber: Any, readers: list[Reader]) -> Any:
    """Creates the subscription with these settings, if it is not there, and reads from it."""

    def begin(settings: dict[str, Any] | None = None, **options: Any) -> Reader:
        with suppress(exceptions.AlreadyExists):
            subscriber.create_subscription(request={"name": INBOX, "topic": LEADS, **(settings or {})})
        readers.append(Reader(subscriber, **options))
        return readers[-1]

    return begin


def send(publisher: Any, *texts: str, key: str = "") -> None:
    for future in [publisher.publish(LEADS, text.encode(), ordering_key=key) for text in texts]:
        future.result(timeout=PATIENCE_S)


def left(emulator: PubSubEmulator) -> list[Any]:
    return [waiting for each in emulator.dump()["subscriptions"] for waiting in each["waiting"]]


def test_what_is_published_arrives_and_what_is_acknowledged_is_gone(
    publisher: Any, read: Any, emulator: PubSubEmulator, clock: Clock
) -> None:
    reader = read()
    send(publisher, *(f"m{number}" for number in range(200)))
    assert sorted(reader.texts(200)) == sorted(f"m{number}" for number in range(200))
    assert clock.wait_for(lambda: not left(emulator), at_most_s=PATIENCE_S)
    clock.advance(timedelta(hours=1))
    assert reader.is_idle()


def test_what_was_published_before_anybody_listened_arrives_too(publisher: Any, subscriber: Any, read: Any) -> None:
    subscriber.create_subscription(name=INBOX, topic=LEADS)
    send(publisher, "early")
    assert read().texts(1) == ["early"]


def test_a_message_given_back_arrives_again(publisher: Any, read: Any) -> None:
    reader = read()
    send(publisher, "again")
    reader.next().nack()
    assert reader.texts(1) == ["again"]


def test_a_message_given_back_waits_as_the_retry_policy_says(publisher: Any, read: Any, emulator: PubSubEmulator, clock: Clock) -> None:
    reader = read({"retry_policy": {"minimum_backoff": {"seconds": 30}}})
    send(publisher, "later")
    reader.next().nack()
    due = (clock.now() + timedelta(seconds=30)).isoformat()
    assert clock.wait_for(lambda: [each["due"] for each in left(emulator)] == [due], at_most_s=PATIENCE_S)
    assert reader.is_idle()
    clock.advance(timedelta(seconds=30))
    assert reader.texts(1) == ["later"]


def test_a_lease_that_ends_on_the_suites_clock_brings_the_message_to_another_attempt(publisher: Any, read: Any, clock: Clock) -> None:
    reader = read({"dead_letter_policy": {"dead_letter_topic": LEADS}})
    send(publisher, "slow")
    assert reader.next().delivery_attempt == 1
    clock.advance(timedelta(minutes=10))
    again = reader.next()
    assert again.delivery_attempt == 2
    again.ack()


def test_a_modified_deadline_keeps_the_message(publisher: Any, read: Any, emulator: PubSubEmulator, clock: Clock) -> None:
    reader = read()
    send(publisher, "kept")
    message = reader.next()
    message.modify_ack_deadline(600)
    until = (clock.now() + timedelta(seconds=600)).isoformat()
    assert clock.wait_for(lambda: left(emulator)[0]["due"] == until, at_most_s=PATIENCE_S)
    clock.advance(timedelta(seconds=599))
    assert reader.is_idle()
    message.ack()
    assert clock.wait_for(lambda: not left(emulator), at_most_s=PATIENCE_S)


def test_flow_control_lets_no_more_out_than_the_client_wants(publisher: Any, read: Any, emulator: PubSubEmulator, clock: Clock) -> None:
    reader = read(flow_control=FlowControl(max_messages=3))
    send(publisher, *"abcdefgh")
    held = [reader.next() for _ in range(3)]
    assert sum(each["attempts"] for each in left(emulator)) == 3
    held[0].ack()
    held.append(reader.next())
    clock.wait_for(lambda: len(left(emulator)) == 7, at_most_s=PATIENCE_S)
    assert sum(each["attempts"] for each in left(emulator)) == 3
    for message in held[1:]:
        message.ack()
    reader.texts(4)


def test_messages_of_one_key_arrive_in_order_although_one_is_given_back(publisher: Any, read: Any) -> None:
    reader = read({"enable_message_ordering": True})
    send(publisher, *"abcde", key="lead-1")
    first = reader.next()
    assert first.data == b"a"
    first.nack()
    overtook = list(iter(lambda: reader.texts(1)[0], "a"))
    assert overtook == list("bcde")[: len(overtook)]
    assert reader.texts(4) == list("bcde")  # what overtook it comes again behind it


def test_an_exactly_once_acknowledgement_is_confirmed(publisher: Any, read: Any) -> None:
    reader = read({"enable_exactly_once_delivery": True})
    send(publisher, "once")
    assert reader.next().ack_with_response().result(timeout=PATIENCE_S) is AcknowledgeStatus.SUCCESS


def test_an_exactly_once_acknowledgement_that_comes_too_late_is_refused(publisher: Any, read: Any, clock: Clock) -> None:
    reader = read({"enable_exactly_once_delivery": True})
    send(publisher, "once")
    late = reader.next()
    clock.advance(timedelta(minutes=11))
    again = reader.next()
    with pytest.raises(AcknowledgeError) as refused:
        late.ack_with_response().result(timeout=PATIENCE_S)
    assert refused.value.error_code is AcknowledgeStatus.INVALID_ACK_ID
    assert again.ack_with_response().result(timeout=PATIENCE_S) is AcknowledgeStatus.SUCCESS


def test_two_readers_share_what_there_is(publisher: Any, read: Any) -> None:
    one, other = read(), read()
    send(publisher, *(str(number) for number in range(40)))
    texts, lock = list[str](), threading.Lock()

    def drain(reader: Reader) -> None:
        while len(texts) < 40:
            try:
                message = reader._arrived.get(timeout=0.2)
            except queue.Empty:
                continue
            message.ack()
            with lock:
                texts.append(message.data.decode())

    threads = [threading.Thread(target=drain, args=(reader,)) for reader in (one, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=PATIENCE_S)
    assert sorted(texts, key=int) == [str(number) for number in range(40)]


def test_a_stream_that_breaks_is_taken_up_again(publisher: Any, read: Any, emulator: PubSubEmulator, clock: Clock) -> None:
    """The client may reopen it twice and read from one only: what the other one got comes back when its lease ends."""
    emulator.faults.add(Fault("pubsub.StreamingPull", Kind.STATUS, times=1))
    reader = read()
    send(publisher, "through")
    while not reader.arrives(within_s=0.5):
        clock.advance(timedelta(minutes=1))
    assert set(reader.texts(1)) == {"through"}


def test_a_stream_from_a_missing_or_a_detached_subscription_ends_with_the_reason(publisher: Any, subscriber: Any, readers: Any) -> None:
    future = subscriber.subscribe(f"{PROJECT}/subscriptions/nowhere", callback=print)
    with pytest.raises(exceptions.NotFound):
        future.result(timeout=PATIENCE_S)


def test_a_deleted_subscription_ends_its_streams(publisher: Any, subscriber: Any, read: Any) -> None:
    reader = read()
    send(publisher, "last")
    assert reader.texts(1) == ["last"]
    subscriber.delete_subscription(subscription=INBOX)
    with pytest.raises(exceptions.NotFound):
        reader.future.result(timeout=PATIENCE_S)


def test_a_reader_that_stops_lets_go_of_the_stream(publisher: Any, read: Any) -> None:
    reader = read()
    with pytest.raises(StillRunning):
        reader.future.result(timeout=0.1)
    reader.stop()
    send(publisher, "for the next one")
    assert read().texts(1) == ["for the next one"]


class TestTheWireItself:
    """What the high-level client does not ask for: acknowledgements and deadlines in the stream."""

    @pytest.fixture
    def talk(self, publisher: Any, subscriber: Any) -> Iterator[Any]:
        said: queue.Queue[Any] = queue.Queue()
        calls = []

        def begin(**first: Any) -> tuple[Any, Any]:
            said.put({"subscription": INBOX, "stream_ack_deadline_seconds": 10, **first})
            requests = (pubsub_v1.types.StreamingPullRequest(each) for each in iter(said.get, None))
            calls.append(subscriber.streaming_pull(requests=requests))
            return said.put, calls[0]

        yield begin
        said.put(None)
        for call in calls:
            call.cancel()

    def test_a_stream_acknowledges_and_confirms(self, publisher: Any, subscriber: Any, talk: Any) -> None:
        subscriber.create_subscription(request={"name": INBOX, "topic": LEADS, "enable_exactly_once_delivery": True})
        say, hear = talk()
        assert next(hear).subscription_properties.exactly_once_delivery_enabled
        send(publisher, "x")
        [received] = next(hear).received_messages
        say({"modify_deadline_ack_ids": [received.ack_id], "modify_deadline_seconds": [60]})
        assert next(hear).modify_ack_deadline_confirmation.ack_ids == [received.ack_id]
        say({"ack_ids": [received.ack_id]})
        assert next(hear).acknowledge_confirmation.ack_ids == [received.ack_id]
        say({"ack_ids": [received.ack_id]})
        assert next(hear).acknowledge_confirmation.invalid_ack_ids == [received.ack_id]

    @pytest.mark.parametrize(
        "request_",
        [{"modify_deadline_ack_ids": ["1:1"], "modify_deadline_seconds": []}, {"ack_ids": ["x"]}, {"stream_ack_deadline_seconds": 5}],
    )
    def test_a_stream_that_talks_nonsense_is_ended(self, publisher: Any, subscriber: Any, talk: Any, request_: Any) -> None:
        subscriber.create_subscription(name=INBOX, topic=LEADS)
        say, hear = talk()
        next(hear)
        say(request_)
        with pytest.raises(exceptions.InvalidArgument):
            next(hear)

    def test_a_stream_stops_at_the_bytes_the_client_wants_outstanding(self, publisher: Any, subscriber: Any, talk: Any) -> None:
        subscriber.create_subscription(name=INBOX, topic=LEADS)
        send(publisher, "x" * 100)
        say, hear = talk(max_outstanding_bytes=100)
        next(hear)
        [first] = next(hear).received_messages
        send(publisher, "y")
        say({"ack_ids": [first.ack_id]})
        [second] = next(hear).received_messages
        assert second.message.data == b"y"
