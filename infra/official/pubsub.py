"""Google's Pub/Sub emulator as one of the suite's services. It signs no push and cannot be asked what it still has to do, so every push
comes by a relay that adds the identity token the platform would send, and that knows what was published and not yet acknowledged."""

import base64
import json
import threading
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import grpc
import httpx
from google.api_core.exceptions import NotFound
from google.protobuf.timestamp_pb2 import Timestamp
from google.pubsub_v1 import types
from google.pubsub_v1.services.publisher import PublisherClient
from google.pubsub_v1.services.publisher.transports.grpc import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber import SubscriberClient
from google.pubsub_v1.services.subscriber.transports.grpc import SubscriberGrpcTransport
from werkzeug.wrappers import Request, Response

from emulators.agenda import backoff
from emulators.clock import Clock
from emulators.faults import Faults
from emulators.grpc_methods import Work
from emulators.pubsub.message import Message
from emulators.pubsub.pushing import ACKNOWLEDGED
from emulators.pubsub.subscription import PUSH_BACKOFF
from emulators.service import Identity
from emulators.serving import HttpServer
from infra.official.forwarding import Forwarding
from infra.official.installed import PUBSUB, OfficialProcess

LATER_THAN_ANYTHING_S = 4_102_444_800  # the year 2100


@dataclass
class Relayed:
    """One push subscription as it was asked for; Google's emulator knows the relay's address instead."""

    topic: str
    endpoint: str
    account: str
    audience: str
    timeout_s: float
    most_attempts: int  # 0: never a dead letter
    dead_letter_topic: str
    backoff: tuple[timedelta, timedelta]


Key = tuple[str, str]
"""(subscription, message id)"""


@dataclass
class Open:
    """What was published and is not yet acknowledged. Guarded by the clock's lock."""

    publishing: int = 0
    messages: set[Key] = field(default_factory=set)
    early: set[Key] = field(default_factory=set)  # acknowledged before the publisher's call had returned
    failures: dict[Key, int] = field(default_factory=dict)
    later: dict[Key, datetime] = field(default_factory=dict)  # refused: when it may be tried again
    taken: set[Key] = field(default_factory=set)  # the relay has answered for it, and answers for it once

    def published(self, key: Key) -> None:
        if key in self.early:
            self.early.discard(key)
        else:
            self.messages.add(key)

    def finished(self, key: Key) -> None:
        self.failures.pop(key, None)
        if key in self.messages:
            self.messages.discard(key)
        elif self.publishing:
            self.early.add(key)


class OfficialPubSub:
    """Filters mean nothing to it. It ignores the retry policy and redelivers on the machine's clock; so the relay keeps what a function
    refuses and tries again on the suite's clock, as the policy says, up to the dead letter. Faults strike calls, not deliveries."""

    name = "pubsub"

    def __init__(self, clock: Clock, *, identity: Identity) -> None:
        self.faults, self._clock, self._identity = Faults(), clock, identity
        self._process = OfficialProcess(PUBSUB)
        self._forwarding = Forwarding(self.name, self._process.address, clock=clock, faults=self.faults)
        self._publisher = PublisherClient(transport=PublisherGrpcTransport(channel=self._forwarding.channel))
        self._subscriptions: dict[str, Relayed] = {}
        self._open = Open()
        self._http = httpx.Client(trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))
        self._relay = HttpServer(self._relayed).start()

    def handlers(self) -> Iterable[grpc.GenericRpcHandler]:
        subscribing = {"CreateSubscription": self._create_subscription, "DeleteSubscription": self._delete_subscription}
        yield self._forwarding.handler(PublisherGrpcTransport, {"Publish": self._publish})
        yield self._forwarding.handler(SubscriberGrpcTransport, subscribing)

    def publish(self, topic: str, data: bytes, attributes: Mapping[str, str] | None = None) -> str:
        """What other services of the suite publish by themselves."""
        message = types.PubsubMessage(data=data, attributes=attributes or {})
        try:
            with self._publishing():
                answer = self._publisher.publish(topic=topic, messages=[message])
                self._count(topic, answer.message_ids)
                return str(answer.message_ids[0])
        except NotFound as error:
            raise LookupError(topic) from error

    # Deliverer
    def next_due(self) -> datetime | None:
        """When what was refused may be tried again."""
        with self._clock.changed:
            return min(self._open.later.values(), default=None)

    def in_flight(self) -> int:
        with self._clock.changed:
            return self._open.publishing + len(self._open.messages - self._open.later.keys())

    # Emulator
    def reset(self) -> None:
        """Everything that waits is acknowledged; topics and subscriptions stay."""
        seeker = SubscriberClient(transport=SubscriberGrpcTransport(channel=self._forwarding.channel))
        for name in self._subscriptions:
            seeker.seek(request={"subscription": name, "time": Timestamp(seconds=LATER_THAN_ANYTHING_S)})
        with self._clock.changed:
            self._open = Open()
            self._clock.notify()

    def dump(self) -> dict[str, Any]:
        """Google's emulator does not tell what it holds."""
        return {}

    def load(self, _: Mapping[str, Any]) -> None:
        self.reset()

    def close(self) -> None:
        self._relay.stop()
        self._forwarding.channel.close()
        self._process.stop()
        self._http.close()

    # On the way in
    def _publish(self, forward: Work) -> Work:
        def publish(request: Any, context: grpc.ServicerContext) -> Any:
            with self._publishing():
                answer = forward(request, context)
                self._count(request.topic, answer.message_ids)
                return answer

        return publish

    def _count(self, topic: str, message_ids: Iterable[str]) -> None:
        with self._clock.changed:
            listening = [name for name, each in self._subscriptions.items() if each.topic == topic]
            for key in product(listening, message_ids):
                self._open.published(key)

    @contextmanager
    def _publishing(self) -> Any:
        with self._clock.changed:
            self._open.publishing += 1
        try:
            yield
        finally:
            with self._clock.changed:
                self._open.publishing -= 1
                if not self._open.publishing:
                    self._open.early.clear()
                self._clock.notify()

    def _create_subscription(self, forward: Work) -> Work:
        def create(request: Any, context: grpc.ServicerContext) -> Any:
            if not request.push_config.push_endpoint:
                return forward(request, context)
            asked = type(request)()
            asked.CopyFrom(request)
            asked.push_config.CopyFrom(types.PushConfig.pb()(push_endpoint=f"{self._relay.url}/{request.name}"))
            answer = forward(asked, context)
            with self._clock.changed:
                self._subscriptions[request.name] = _relayed(request)
            answer.push_config.CopyFrom(request.push_config)
            return answer

        return create

    def _delete_subscription(self, forward: Work) -> Work:
        def delete(request: Any, context: grpc.ServicerContext) -> Any:
            answer = forward(request, context)
            with self._clock.changed:
                self._subscriptions.pop(request.subscription, None)
            return answer

        return delete

    # On the way out
    def _relayed(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        name = request.path.lstrip("/")
        subscription = self._subscriptions.get(name)
        if subscription is None:
            return Response(status=204)(environ, start_response)
        envelope = request.get_json()
        self._accept((name, envelope["message"]["messageId"]), subscription, envelope)
        return Response(status=204)(environ, start_response)

    def _accept(self, key: Key, subscription: Relayed, envelope: dict[str, Any]) -> None:
        """The first attempt here and now; the others, if it needs any, in a thread of their own: Google's emulator keeps few calls open."""
        with self._clock.changed:
            known = self._open
            if key in known.taken:
                return
            known.taken.add(key)
        if not self._attempted(key, subscription, envelope, known):
            threading.Thread(target=self._insist, args=(key, subscription, envelope, known), daemon=True).start()

    def _insist(self, key: Key, subscription: Relayed, envelope: dict[str, Any], known: Open) -> None:
        """On the suite's clock, until it is acknowledged or a dead letter, or a reset has made an end of everything."""
        while self._wait(key, known) and not self._attempted(key, subscription, envelope, known):
            pass

    def _wait(self, key: Key, known: Open) -> bool:
        with self._clock.changed:
            while self._open is known and known.later[key] > self._clock.now():
                self._clock.wait_for(lambda: self._open is not known, until=known.later[key])
            known.later.pop(key, None)
            self._clock.notify()
            return self._open is known

    def _attempted(self, key: Key, subscription: Relayed, envelope: dict[str, Any], known: Open) -> bool:
        """True when it was the last attempt."""
        if subscription.most_attempts:
            envelope["deliveryAttempt"] = known.failures.get(key, 0) + 1
        status = self._deliver(subscription, json.dumps(envelope).encode())
        over = self._landed(key, subscription, status, known)
        if over:
            self._bury(key, subscription, envelope, status)
        return over

    def _deliver(self, subscription: Relayed, body: bytes) -> int:
        token = self._identity.token(audience=subscription.audience, email=subscription.account)
        headers = {"Content-Type": "application/json", "User-Agent": "CloudPubSub-Google", "Authorization": f"Bearer {token}"}
        try:
            return self._http.post(subscription.endpoint, content=body, headers=headers, timeout=subscription.timeout_s).status_code
        except httpx.HTTPError:
            return 504

    def _landed(self, key: Key, subscription: Relayed, status: int, known: Open) -> bool:
        """True when it was the last attempt, which is still open until the dead letter is published."""
        with self._clock.changed:
            failures = known.failures[key] = known.failures.get(key, 0) + (status not in ACKNOWLEDGED)
            over = status in ACKNOWLEDGED or 0 < subscription.most_attempts <= failures
            if not over:
                least, most = subscription.backoff
                known.later[key] = self._clock.now() + backoff(failures, least=least, most=most)
            self._clock.notify()
            return over

    def _bury(self, key: Key, subscription: Relayed, envelope: Mapping[str, Any], status: int) -> None:
        """The end of a message: as a dead letter, unless its last attempt was acknowledged."""
        if status not in ACKNOWLEDGED:
            told = envelope["message"]
            message = Message(told["messageId"], self._clock.now(), base64.b64decode(told.get("data", "")), told.get("attributes", {}))
            letter = message.as_dead_letter(subscription=key[0], attempts=subscription.most_attempts)
            request = {"topic": subscription.dead_letter_topic, "messages": [{"data": letter.data, "attributes": letter.attributes}]}
            with self._publishing():
                answer = self._publisher.publish(request=request)
                self._count(subscription.dead_letter_topic, answer.message_ids)
        with self._clock.changed:
            self._open.finished(key)
            self._clock.notify()


def _relayed(request: Any) -> Relayed:
    push = request.push_config
    attempts = request.dead_letter_policy.max_delivery_attempts if request.HasField("dead_letter_policy") else 0
    audience = push.oidc_token.audience or push.push_endpoint
    account = push.oidc_token.service_account_email
    policy, letters = request.retry_policy, request.dead_letter_policy.dead_letter_topic
    waits = (policy.minimum_backoff.ToTimedelta(), policy.maximum_backoff.ToTimedelta())
    timeout_s = float(request.ack_deadline_seconds or 10)
    return Relayed(
        request.topic, push.push_endpoint, account, audience, timeout_s, attempts, letters, waits if any(waits) else PUSH_BACKOFF
    )
