"""What each Pub/Sub method does with its request; called by routes.py with the clock's lock held."""

import re
from typing import Any

import grpc
from google.protobuf import empty_pb2
from google.pubsub_v1 import types

from emulators.clock import Clock
from emulators.paging import page
from emulators.pubsub.errors import FailedPrecondition, InvalidArgument
from emulators.pubsub.message import Message
from emulators.pubsub.state import PubSubState

NAME = re.compile(r"projects/[^/]+/(?:topics|subscriptions)/(?!goog)[A-Za-z][A-Za-z0-9._~+%-]{2,254}")
FIXED = {"name", "topic", "filter", "enable_message_ordering"}
PATIENCE_S = 5.0
"""How long a pull waits for a first message before it answers empty."""
LARGEST = 10_000_000


class Publisher:
    def __init__(self, state: PubSubState, clock: Clock) -> None:
        self._state, self._clock = state, clock

    def create_topic(self, request: Any, _: grpc.ServicerContext) -> Any:
        _check_name(request.name)
        self._state.add_topic(request)
        return request

    def get_topic(self, request: Any, _: grpc.ServicerContext) -> Any:
        return self._state.topic(request.topic)

    def update_topic(self, request: Any, _: grpc.ServicerContext) -> Any:
        topic = self._state.topic(request.topic.name)
        _update(topic, request.topic, request.update_mask)
        return topic

    def list_topics(self, request: Any, _: grpc.ServicerContext) -> Any:
        topics = [topic for name, topic in sorted(self._state.topics.items()) if name.startswith(f"{request.project}/")]
        shown, token = _page(topics, request)
        return types.ListTopicsResponse.pb()(topics=shown, next_page_token=token)

    def list_topic_subscriptions(self, request: Any, _: grpc.ServicerContext) -> Any:
        self._state.topic(request.topic)
        shown, token = _page(sorted(each.name for each in self._state.of_topic(request.topic)), request)
        return types.ListTopicSubscriptionsResponse.pb()(subscriptions=shown, next_page_token=token)

    def delete_topic(self, request: Any, _: grpc.ServicerContext) -> Any:
        self._state.delete_topic(request.topic)
        return empty_pb2.Empty()

    def detach_subscription(self, request: Any, _: grpc.ServicerContext) -> Any:
        self._state.subscription(request.subscription).detach()
        return types.DetachSubscriptionResponse.pb()()

    def publish(self, request: Any, _: grpc.ServicerContext) -> Any:
        if not request.messages:
            raise InvalidArgument("The value for message_count is too small. You passed 0 in the request, but the minimum value is 1.")
        if request.ByteSize() > LARGEST:
            raise InvalidArgument(f"Request payload size exceeds the limit: {LARGEST} bytes.")
        now = self._clock.now()
        messages = [Message("", now, each.data, dict(each.attributes), each.ordering_key) for each in request.messages]
        if not all(message.data or message.attributes for message in messages):
            raise InvalidArgument("One or more messages in the publish request is empty. Each message must contain data or attributes.")
        return types.PublishResponse.pb()(message_ids=self._state.publish(request.topic, messages, now))


class Subscriber:
    def __init__(self, state: PubSubState, clock: Clock) -> None:
        self._state, self._clock = state, clock

    def create_subscription(self, request: Any, _: grpc.ServicerContext) -> Any:
        _check_name(request.name)
        request.ack_deadline_seconds = request.ack_deadline_seconds or 10
        if request.HasField("dead_letter_policy"):
            request.dead_letter_policy.max_delivery_attempts = request.dead_letter_policy.max_delivery_attempts or 5
        _check_subscription(request)
        self._state.add_subscription(request)
        return request

    def get_subscription(self, request: Any, _: grpc.ServicerContext) -> Any:
        return self._state.subscription(request.subscription).resource

    def update_subscription(self, request: Any, _: grpc.ServicerContext) -> Any:
        resource = self._state.subscription(request.subscription.name).resource
        if fixed := FIXED.intersection(request.update_mask.paths):
            raise InvalidArgument(f"Invalid update_mask provided in the UpdateSubscriptionRequest: {sorted(fixed)[0]} is not mutable.")
        changed = type(resource)()
        changed.CopyFrom(resource)
        _update(changed, request.subscription, request.update_mask)
        _check_subscription(changed)
        resource.CopyFrom(changed)
        return resource

    def list_subscriptions(self, request: Any, _: grpc.ServicerContext) -> Any:
        names = sorted(name for name in self._state.subscriptions if name.startswith(f"{request.project}/"))
        shown, token = _page(names, request)
        resources = [self._state.subscriptions[name].resource for name in shown]
        return types.ListSubscriptionsResponse.pb()(subscriptions=resources, next_page_token=token)

    def delete_subscription(self, request: Any, _: grpc.ServicerContext) -> Any:
        self._state.subscription(request.subscription)
        del self._state.subscriptions[request.subscription]
        return empty_pb2.Empty()

    def modify_push_config(self, request: Any, _: grpc.ServicerContext) -> Any:
        self._state.subscription(request.subscription).resource.push_config.CopyFrom(request.push_config)
        return empty_pb2.Empty()

    def pull(self, request: Any, context: grpc.ServicerContext) -> Any:
        subscription = self._state.subscription(request.subscription)
        if subscription.resource.detached:
            raise FailedPrecondition("The subscription is detached.")
        if request.max_messages <= 0:
            raise InvalidArgument("max_messages must be positive.")
        if not request.return_immediately:
            patience = min(PATIENCE_S, (context.time_remaining() or PATIENCE_S) / 2)
            self._clock.wait_for(lambda: subscription.has_due(self._clock.now()), at_most_s=patience)
        taken = self._state.pull(request.subscription, self._clock.now(), at_most=request.max_messages)
        attempts_told = bool(subscription.dead_letter_topic)
        received = [
            types.ReceivedMessage.pb()(
                ack_id=f"{each.message.id}:{each.attempts}",
                message=each.message.to_proto(),
                delivery_attempt=each.attempts if attempts_told else 0,
            )
            for each in taken
        ]
        return types.PullResponse.pb()(received_messages=received)

    def acknowledge(self, request: Any, _: grpc.ServicerContext) -> Any:
        subscription = self._state.subscription(request.subscription)
        for ack_id in request.ack_ids:
            subscription.acknowledge(_message_id(ack_id), self._clock.now())
        return empty_pb2.Empty()

    def modify_ack_deadline(self, request: Any, _: grpc.ServicerContext) -> Any:
        """A new deadline from now on; 0 gives the message back."""
        if not 0 <= request.ack_deadline_seconds <= 600:
            raise InvalidArgument("The ack deadline must be between 0 and 600 seconds.")
        subscription, now = self._state.subscription(request.subscription), self._clock.now()
        for message_id in map(_message_id, request.ack_ids):
            if request.ack_deadline_seconds == 0:
                self._state.reject(subscription, message_id, now)
            else:
                subscription.lease(message_id, request.ack_deadline_seconds, now)
        return empty_pb2.Empty()


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise InvalidArgument(f"Invalid resource name given (name={name}).")


def _check_subscription(resource: Any) -> None:
    if not 10 <= resource.ack_deadline_seconds <= 600:
        raise InvalidArgument("Invalid ack deadline: it must be between 10 and 600 seconds.")
    if resource.HasField("dead_letter_policy") and not 5 <= resource.dead_letter_policy.max_delivery_attempts <= 100:
        raise InvalidArgument("Invalid dead letter policy: max_delivery_attempts must be between 5 and 100.")
    if resource.push_config.HasField("no_wrapper"):
        raise InvalidArgument("This emulator pushes wrapped messages only.")


def _update(stored: Any, changes: Any, mask: Any) -> None:
    if not mask.paths:
        raise InvalidArgument("The update_mask in the request must be set and must contain a non-empty paths list.")
    unknown = [path for path in mask.paths if path.split(".")[0] not in stored.DESCRIPTOR.fields_by_name]
    if unknown:
        raise InvalidArgument(f"Invalid update_mask: unknown field {unknown[0]}.")
    mask.MergeMessage(changes, stored, replace_message_field=True, replace_repeated_field=True)


def _page(items: list[Any], request: Any) -> tuple[Any, str]:
    try:
        return page(items, size=request.page_size, token=request.page_token)
    except ValueError as error:
        raise InvalidArgument("Invalid page token.") from error


def _message_id(ack_id: str) -> str:
    message_id, colon, _ = ack_id.partition(":")
    if not colon:
        raise InvalidArgument(f"Some acknowledgement ids in the request were invalid: {ack_id}.")
    return message_id
