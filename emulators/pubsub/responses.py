"""What each Pub/Sub method but StreamingPull does with its request; called by routes.py with the clock's lock held."""

import time
from typing import Any

import grpc
from google.protobuf import empty_pb2
from google.pubsub_v1 import types

from emulators.clock import Clock
from emulators.paging import page
from emulators.pubsub import leases
from emulators.pubsub.errors import FailedPrecondition, InvalidArgument
from emulators.pubsub.message import Message
from emulators.pubsub.requests import (
    check_messages,
    check_name,
    check_push,
    check_subscription,
    check_topic,
    complete_subscription,
    update,
)
from emulators.pubsub.state import PubSubState

PATIENCE_S = 5.0
"""How long a pull waits for a first message before it answers empty."""
MOST_PULLED = 1000


class Publisher:
    def __init__(self, state: PubSubState, clock: Clock) -> None:
        self._state, self._clock = state, clock

    def create_topic(self, request: Any, _: grpc.ServicerContext) -> Any:
        check_topic(request)
        request.state = types.Topic.State.ACTIVE
        self._state.add_topic(request)
        return request

    def get_topic(self, request: Any, _: grpc.ServicerContext) -> Any:
        return self._state.topic(request.topic)

    def update_topic(self, request: Any, _: grpc.ServicerContext) -> Any:
        topic = self._state.topic(request.topic.name)
        changed = type(topic)()
        changed.CopyFrom(topic)
        update(changed, request.topic, request.update_mask, kind="topic")
        check_topic(changed)
        topic.CopyFrom(changed)
        return topic

    def list_topics(self, request: Any, _: grpc.ServicerContext) -> Any:
        topics = [topic for name, topic in sorted(self._state.topics.items()) if name.startswith(f"{request.project}/")]
        shown, token = _page(topics, request)
        return types.ListTopicsResponse.pb()(topics=shown, next_page_token=token)

    def list_topic_subscriptions(self, request: Any, _: grpc.ServicerContext) -> Any:
        self._state.topic(request.topic)
        shown, token = _page(sorted(each.name for each in self._state.of_topic(request.topic)), request)
        return types.ListTopicSubscriptionsResponse.pb()(subscriptions=shown, next_page_token=token)

    def list_topic_snapshots(self, request: Any, _: grpc.ServicerContext) -> Any:
        self._state.topic(request.topic)
        names = sorted(name for name, each in self._state.snapshots.items() if each.resource.topic == request.topic)
        shown, token = _page(names, request)
        return types.ListTopicSnapshotsResponse.pb()(snapshots=shown, next_page_token=token)

    def delete_topic(self, request: Any, _: grpc.ServicerContext) -> Any:
        self._state.delete_topic(request.topic)
        return empty_pb2.Empty()

    def detach_subscription(self, request: Any, _: grpc.ServicerContext) -> Any:
        self._state.subscription(request.subscription).detach()
        return types.DetachSubscriptionResponse.pb()()

    def publish(self, request: Any, _: grpc.ServicerContext) -> Any:
        check_messages(request)
        now = self._clock.now()
        messages = [Message("", now, each.data, dict(each.attributes), each.ordering_key) for each in request.messages]
        return types.PublishResponse.pb()(message_ids=self._state.publish(request.topic, messages, now))


class Subscriber:
    def __init__(self, state: PubSubState, clock: Clock) -> None:
        self._state, self._clock = state, clock

    def create_subscription(self, request: Any, _: grpc.ServicerContext) -> Any:
        complete_subscription(request)
        self._state.add_subscription(request)
        return request

    def get_subscription(self, request: Any, _: grpc.ServicerContext) -> Any:
        return self._state.subscription(request.subscription).resource

    def update_subscription(self, request: Any, _: grpc.ServicerContext) -> Any:
        resource = self._state.subscription(request.subscription.name).resource
        changed = type(resource)()
        changed.CopyFrom(resource)
        update(changed, request.subscription, request.update_mask, kind="subscription")
        check_subscription(changed)
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
        resource = self._state.subscription(request.subscription).resource
        check_push(resource, request.push_config)
        resource.push_config.CopyFrom(request.push_config)
        return empty_pb2.Empty()

    def pull(self, request: Any, context: grpc.ServicerContext) -> Any:
        subscription = self._state.subscription(request.subscription)
        leases.check_pullable(subscription)
        if request.max_messages <= 0:
            raise InvalidArgument("max_messages must be positive.")
        if not request.return_immediately:
            self._wait(request.subscription, min(PATIENCE_S, (context.time_remaining() or PATIENCE_S) / 2))
        at_most = min(request.max_messages, MOST_PULLED)
        taken = self._state.pull(request.subscription, self._clock.now(), at_most=at_most)
        return types.PullResponse.pb()(received_messages=[leases.received(subscription, each) for each in taken])

    def acknowledge(self, request: Any, _: grpc.ServicerContext) -> Any:
        leases.check_some(request.ack_ids)
        leases.acknowledge(self._state, request.subscription, request.ack_ids, self._clock.now())
        return empty_pb2.Empty()

    def modify_ack_deadline(self, request: Any, _: grpc.ServicerContext) -> Any:
        """A new deadline from now on; 0 gives the message back."""
        leases.check_some(request.ack_ids)
        seconds = dict.fromkeys(request.ack_ids, request.ack_deadline_seconds)
        leases.modify(self._state, request.subscription, seconds, self._clock.now())
        return empty_pb2.Empty()

    # Seeking
    def create_snapshot(self, request: Any, _: grpc.ServicerContext) -> Any:
        self._state.sweep(self._clock.now())
        check_name(request.name)
        resource = types.Snapshot.pb()(name=request.name, labels=request.labels)
        return self._state.add_snapshot(resource, request.subscription, self._clock.now())

    def get_snapshot(self, request: Any, _: grpc.ServicerContext) -> Any:
        self._state.sweep(self._clock.now())
        return self._state.snapshot(request.snapshot).resource

    def list_snapshots(self, request: Any, _: grpc.ServicerContext) -> Any:
        self._state.sweep(self._clock.now())
        names = sorted(name for name in self._state.snapshots if name.startswith(f"{request.project}/"))
        shown, token = _page(names, request)
        resources = [self._state.snapshots[name].resource for name in shown]
        return types.ListSnapshotsResponse.pb()(snapshots=resources, next_page_token=token)

    def update_snapshot(self, request: Any, _: grpc.ServicerContext) -> Any:
        self._state.sweep(self._clock.now())
        resource = self._state.snapshot(request.snapshot.name).resource
        update(resource, request.snapshot, request.update_mask, kind="snapshot")
        return resource

    def delete_snapshot(self, request: Any, _: grpc.ServicerContext) -> Any:
        self._state.sweep(self._clock.now())
        self._state.snapshot(request.snapshot)
        del self._state.snapshots[request.snapshot]
        return empty_pb2.Empty()

    def seek(self, request: Any, _: grpc.ServicerContext) -> Any:
        now = self._clock.now()
        self._state.sweep(now)
        if self._state.subscription(request.subscription).resource.detached:
            raise FailedPrecondition("The subscription is detached.")
        target = request.WhichOneof("target")
        if target is None:
            raise InvalidArgument("A seek needs a time or a snapshot.")
        moment = request.time.ToDatetime(now.tzinfo) if target == "time" else None
        self._state.seek(request.subscription, now=now, moment=moment, snapshot=request.snapshot)
        return types.SeekResponse.pb()()

    def _wait(self, name: str, patience_s: float) -> None:
        """Until the subscription has something to give, or for so many real seconds."""
        gives_up = time.monotonic() + patience_s
        while (left_s := gives_up - time.monotonic()) > 0 and not self._has_due(name):
            self._clock.wait_for(lambda: self._has_due(name), until=self._state.next_change(name), at_most_s=left_s)

    def _has_due(self, name: str) -> bool:
        self._state.sweep(self._clock.now())
        return self._state.subscription(name).has_due(self._clock.now())


def _page(items: list[Any], request: Any) -> tuple[Any, str]:
    try:
        return page(items, size=request.page_size, token=request.page_token)
    except ValueError as error:
        raise InvalidArgument("Invalid page token.") from error
