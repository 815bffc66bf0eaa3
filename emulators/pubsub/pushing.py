"""A message as the HTTP request its push endpoint gets: wrapped in Pub/Sub's envelope, or bare with its metadata in headers."""

import json
from typing import Any

from emulators.pubsub.message import timestamp
from emulators.pubsub.subscription import Subscription, Waiting
from emulators.push import Account, Push

ACKNOWLEDGED = {102, 200, 201, 202, 204}
"""https://cloud.google.com/pubsub/docs/push#receive_push"""
AGENT = {"User-Agent": "CloudPubSub-Google"}


def push_of(subscription: Subscription, waiting: Waiting) -> Push:
    config = subscription.resource.push_config
    bare = config.HasField("no_wrapper")
    return Push(
        ticket=f"{subscription.name}#{waiting.ack_id}",
        route=f"pubsub.deliver.{subscription.short_name}",
        method="POST",
        url=config.push_endpoint,
        headers=_metadata(subscription, waiting) if bare else {**AGENT, "Content-Type": "application/json", "Accept": "application/json"},
        body=waiting.message.data if bare else _envelope(subscription, waiting),
        timeout_s=subscription.ack_deadline_s,
        account=Account(config.oidc_token.service_account_email, audience=config.oidc_token.audience),
    )


def _envelope(subscription: Subscription, waiting: Waiting) -> bytes:
    envelope: dict[str, Any] = {"message": waiting.message.to_json(), "subscription": subscription.name}
    if subscription.dead_letter_topic:
        envelope["deliveryAttempt"] = waiting.attempts
    return json.dumps(envelope).encode()


def _metadata(subscription: Subscription, waiting: Waiting) -> dict[str, str]:
    """PushConfig.NoWrapper.write_metadata: attributes under their own names, the rest behind a prefix."""
    if not subscription.resource.push_config.no_wrapper.write_metadata:
        return AGENT
    message = waiting.message
    told = {"subscription-name": subscription.name, "message-id": message.id, "publish-time": timestamp(message.publish_time)}
    if message.ordering_key:
        told["ordering-key"] = message.ordering_key
    if subscription.dead_letter_topic:
        told["delivery-attempt"] = str(waiting.attempts)
    return {**message.attributes, **AGENT, **{f"x-goog-pubsub-{name}": value for name, value in told.items()}}
