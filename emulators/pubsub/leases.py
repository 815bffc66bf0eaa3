"""Acknowledgements and deadlines of what was pulled, alike for Pull and StreamingPull, with and without exactly-once delivery."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from google.pubsub_v1 import types

from emulators.pubsub.errors import AckIdsInvalid, FailedPrecondition, InvalidArgument
from emulators.pubsub.state import PubSubState
from emulators.pubsub.subscription import Subscription, Waiting

LONGEST_DEADLINE_S = 600


def received(subscription: Subscription, waiting: Waiting) -> Any:
    attempt = waiting.attempts if subscription.dead_letter_topic else 0
    return types.ReceivedMessage.pb()(ack_id=waiting.ack_id, message=waiting.message.to_proto(), delivery_attempt=attempt)


def check_pullable(subscription: Subscription) -> None:
    if subscription.resource.detached:
        raise FailedPrecondition("The subscription is detached.")
    if subscription.pushes:
        raise FailedPrecondition("The subscription pushes its messages: it cannot be pulled from.")


def check_some(ack_ids: Iterable[str]) -> None:
    if not list(ack_ids):
        raise InvalidArgument("No ack ids specified.")


def acknowledge(state: PubSubState, name: str, ack_ids: Iterable[str], now: datetime) -> None:
    """With exactly-once delivery AckIdsInvalid names those that came too late."""
    subscription, late = _swept(state, name, now), list[str]()
    for ack_id in _known(ack_ids):
        if subscription.accepts(ack_id):
            subscription.acknowledge(ack_id.partition(":")[0])
        else:
            late.append(ack_id)
    if late and subscription.resource.enable_exactly_once_delivery:
        raise AckIdsInvalid(late)


def modify(state: PubSubState, name: str, seconds: Mapping[str, int], now: datetime) -> None:
    """A deadline of so many seconds from now for each ack id, 0 to give the message back; too late has no effect."""
    if not all(0 <= each <= LONGEST_DEADLINE_S for each in seconds.values()):
        raise InvalidArgument("The ack deadline must be between 0 and 600 seconds.")
    subscription, late = _swept(state, name, now), list[str]()
    for ack_id in _known(seconds):
        waiting = subscription.current(ack_id)
        if waiting is None:
            late.append(ack_id)
        elif seconds[ack_id] == 0:
            state.reject(subscription, waiting.message.id, now)
        else:
            subscription.lease(waiting, seconds[ack_id], now)
    if late and subscription.resource.enable_exactly_once_delivery:
        raise AckIdsInvalid(late)


def _swept(state: PubSubState, name: str, now: datetime) -> Subscription:
    subscription = state.subscription(name)
    state.sweep(now)
    return subscription


def _known(ack_ids: Iterable[str]) -> list[str]:
    known = list(ack_ids)
    for ack_id in known:
        if not ack_id.replace(":", "", 1).isdigit() or ":" not in ack_id:
            raise InvalidArgument(f"Some acknowledgement ids in the request were invalid: {ack_id}.")
    return known
