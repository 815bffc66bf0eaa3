"""StreamingPull: one conversation in which messages flow as the client's flow control allows, and deadlines come back."""

import threading
from collections.abc import Iterator
from typing import Any

import grpc
from google.pubsub_v1 import types

from emulators.clock import Clock
from emulators.pubsub import leases
from emulators.pubsub.errors import AckIdsInvalid, InvalidArgument, PubSubError
from emulators.pubsub.state import PubSubState
from emulators.pubsub.subscription import Waiting

Response = types.StreamingPullResponse.pb()
MOST_AT_ONCE = 500
UNLIMITED = 1 << 62


class StreamingPulls:
    def __init__(self, state: PubSubState, clock: Clock) -> None:
        self._state, self._clock = state, clock

    def streaming_pull(self, requests: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Any]:
        """Not under the clock's lock: it holds it only while it looks and takes."""
        first = next(requests, None)
        if first is None:
            return
        stream = _Stream(self._state, self._clock, first)
        context.add_callback(self._clock.notify)
        threading.Thread(target=stream.listen, args=(requests,), daemon=True).start()
        yield stream.greeting()
        while (answer := stream.next_answer(context)) is not None:
            yield answer


class _Stream:
    def __init__(self, state: PubSubState, clock: Clock, first: Any) -> None:
        self._state, self._clock, self._name = state, clock, first.subscription
        self._most, self._most_bytes = first.max_outstanding_messages, first.max_outstanding_bytes
        self._outstanding: dict[str, Waiting] = {}
        self._confirmed: list[Any] = []
        self._refused: PubSubError | None = None
        self._ended = False
        with clock.changed:
            leases.check_pullable(state.subscription(self._name))
            self._deadline_s = _deadline(first.stream_ack_deadline_seconds)

    def listen(self, requests: Iterator[Any]) -> None:
        """What the client says after its first request, until it hangs up; a thread of its own, because reading blocks."""
        try:
            for request in requests:
                with self._clock.changed:
                    self._told(request)
                    self._clock.notify()
        except grpc.RpcError:
            pass  # hung up in the middle
        finally:
            with self._clock.changed:
                self._ended = True
                self._clock.notify()

    def greeting(self) -> Any:
        """What the subscription is like, before its first message: clients choose their deadlines by it."""
        with self._clock.changed:
            return self._answer()

    def next_answer(self, context: grpc.ServicerContext) -> Any | None:
        """The next messages and confirmations, as soon as there are any; None once the conversation is over."""
        with self._clock.changed:
            while context.is_active() and not self._ended:
                if self._refused is not None:
                    raise self._refused
                leases.check_pullable(self._state.subscription(self._name))
                if (taken := self._take()) or self._confirmed:
                    answer = self._answer(taken)
                    self._clock.notify()
                    return answer
                self._wait(context)
            return None

    def _wait(self, context: grpc.ServicerContext) -> None:
        """For anything to happen, in the service, on the clock or in the conversation."""
        woken = False

        def looked() -> bool:
            nonlocal woken
            before, woken = woken, True
            return before or not context.is_active()

        self._clock.wait_for(looked, until=self._state.next_change(self._name) if self._room() else self._state.next_lapse())

    def _take(self) -> list[Waiting]:
        now = self._clock.now()
        self._state.sweep(now)
        room = self._room()
        taken = self._state.pull(self._name, now, at_most=min(room, MOST_AT_ONCE)) if room > 0 else []
        for waiting in taken:
            self._outstanding[waiting.ack_id] = waiting
            if self._deadline_s:
                self._state.subscription(self._name).lease(waiting, self._deadline_s, now)
        return taken

    def _room(self) -> int:
        """How many more messages the client wants: those count that it has neither acknowledged nor lost."""
        self._outstanding = {ack_id: waiting for ack_id, waiting in self._outstanding.items() if self._is_out(ack_id)}
        size = sum(len(waiting.message.data) for waiting in self._outstanding.values())
        if self._most_bytes and size >= self._most_bytes:
            return 0
        return self._most - len(self._outstanding) if self._most > 0 else UNLIMITED

    def _is_out(self, ack_id: str) -> bool:
        subscription = self._state.subscriptions.get(self._name)
        return subscription is not None and subscription.current(ack_id) is not None

    def _told(self, request: Any) -> None:
        """Deadlines first, then acknowledgements; an empty request is a heartbeat."""
        try:
            if request.stream_ack_deadline_seconds:
                self._deadline_s = _deadline(request.stream_ack_deadline_seconds)
            seconds = dict(zip(request.modify_deadline_ack_ids, request.modify_deadline_seconds, strict=True))
            self._confirm("modify_ack_deadline_confirmation", list(seconds), leases.modify, seconds)
            self._confirm("acknowledge_confirmation", list(request.ack_ids), leases.acknowledge, request.ack_ids)
        except ValueError:
            self._refused = InvalidArgument("modify_deadline_ack_ids and modify_deadline_seconds must be of the same length.")
        except PubSubError as error:
            self._refused = error

    def _confirm(self, field: str, ack_ids: list[str], work: Any, what: Any) -> None:
        """With exactly-once delivery the client learns what has counted."""
        if not ack_ids:
            return
        late: list[str] = []
        try:
            work(self._state, self._name, what, self._clock.now())
        except AckIdsInvalid as error:
            late = error.ack_ids
        if self._state.subscription(self._name).resource.enable_exactly_once_delivery:
            told = {"ack_ids": [ack_id for ack_id in ack_ids if ack_id not in late], "invalid_ack_ids": late}
            self._confirmed.append((field, told))

    def _answer(self, taken: list[Waiting] | None = None) -> Any:
        subscription = self._state.subscription(self._name)
        answer = Response(received_messages=[leases.received(subscription, waiting) for waiting in taken or ()])
        answer.subscription_properties.exactly_once_delivery_enabled = subscription.resource.enable_exactly_once_delivery
        answer.subscription_properties.message_ordering_enabled = subscription.resource.enable_message_ordering
        for field, told in self._confirmed:
            for name, ack_ids in told.items():
                getattr(getattr(answer, field), name).extend(ack_ids)
        self._confirmed = []
        return answer


def _deadline(seconds: int) -> int:
    if seconds and not 10 <= seconds <= leases.LONGEST_DEADLINE_S:
        raise InvalidArgument("stream_ack_deadline_seconds must be between 10 and 600 seconds.")
    return seconds
