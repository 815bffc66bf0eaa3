"""What Pub/Sub checks of a topic, a subscription or a message before it accepts it, and the defaults it writes in."""

import re
from datetime import timedelta
from typing import Any

from google.pubsub_v1 import types

from emulators.pubsub.errors import InvalidArgument, Unimplemented

NAME = re.compile(r"projects/[^/]+/(?:topics|subscriptions|snapshots)/(?!goog)[A-Za-z][A-Za-z0-9._~+%-]{2,254}")
MOST_MESSAGES, LARGEST_REQUEST = 1_000, 10_000_000
MOST_ATTRIBUTES, LONGEST_KEY, LONGEST_VALUE, LONGEST_ORDERING_KEY = 100, 256, 1024, 1024
"""https://cloud.google.com/pubsub/quotas#resource_limits; keys and values in bytes, although the refusals speak of characters"""
QUOTAS = "Refer to https://cloud.google.com/pubsub/quotas for more information."
ACK_DEADLINE_S, ATTEMPTS = (10, 600), (5, 100)
RETENTION = (timedelta(minutes=10), timedelta(days=31))
FIXED = {"name", "topic", "filter", "enable_message_ordering"}
ELSEWHERE = ("bigquery_config", "cloud_storage_config")
"""Exports to other services."""


def check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise InvalidArgument(f"Invalid resource name given (name={name}).")


def check_topic(resource: Any) -> None:
    check_name(resource.name)
    _check_known(resource, "schema_settings", "message_transforms", "ingestion_data_source_settings")
    if resource.HasField("message_retention_duration"):
        _check_between(resource.message_retention_duration.ToTimedelta(), RETENTION, "message_retention_duration")


def complete_subscription(resource: Any) -> None:
    """Refuse what the service refuses; write in what the caller left open."""
    check_name(resource.name)
    resource.ack_deadline_seconds = resource.ack_deadline_seconds or ACK_DEADLINE_S[0]
    if not resource.HasField("message_retention_duration"):
        resource.message_retention_duration.FromTimedelta(timedelta(days=7))
    if resource.HasField("dead_letter_policy"):
        resource.dead_letter_policy.max_delivery_attempts = resource.dead_letter_policy.max_delivery_attempts or ATTEMPTS[0]
    resource.state = types.Subscription.State.ACTIVE
    check_subscription(resource)


def check_subscription(resource: Any) -> None:
    _check_known(resource, *ELSEWHERE, "message_transforms")
    if not ACK_DEADLINE_S[0] <= resource.ack_deadline_seconds <= ACK_DEADLINE_S[1]:
        raise InvalidArgument("Invalid ack deadline: it must be between 10 and 600 seconds.")
    if resource.HasField("dead_letter_policy"):
        if not ATTEMPTS[0] <= resource.dead_letter_policy.max_delivery_attempts <= ATTEMPTS[1]:
            raise InvalidArgument("Invalid dead letter policy: max_delivery_attempts must be between 5 and 100.")
        check_name(resource.dead_letter_policy.dead_letter_topic)
    _check_between(resource.message_retention_duration.ToTimedelta(), RETENTION, "message_retention_duration")
    if resource.expiration_policy.HasField("ttl") and resource.expiration_policy.ttl.ToTimedelta() < timedelta(days=1):
        raise InvalidArgument("Invalid expiration policy: ttl must be at least 1 day.")
    _check_backoff(resource.retry_policy)
    check_push(resource, resource.push_config)


def check_push(resource: Any, config: Any) -> None:
    if config.push_endpoint and not config.push_endpoint.startswith(("http://", "https://")):
        raise InvalidArgument(f"Invalid push endpoint given (endpoint={config.push_endpoint}).")
    if config.push_endpoint and resource.enable_exactly_once_delivery:
        raise InvalidArgument("Exactly once delivery is not supported for push subscriptions.")


def check_messages(request: Any) -> None:
    if not request.messages:
        raise InvalidArgument("The value for message_count is too small. You passed 0 in the request, but the minimum value is 1.")
    _check_most(len(request.messages), MOST_MESSAGES, "message_count")
    _check_most(request.ByteSize(), LARGEST_REQUEST, "request_size")
    for message in request.messages:
        if not message.data and not message.attributes:
            raise InvalidArgument("One or more messages in the publish request is empty. Each message must contain data or attributes.")
        _check_most(len(message.attributes), MOST_ATTRIBUTES, "attribute_count")
        _check_most(len(message.ordering_key.encode()), LONGEST_ORDERING_KEY, "ordering_key_size")
        for key, value in message.attributes.items():
            _check_attribute(key, value)


def update(stored: Any, changes: Any, mask: Any, *, kind: str) -> None:
    """The fields the mask names, `topic` or `subscription` being the kind of resource; nested paths change that part only."""
    request = f"Update{kind.title()}Request"
    if not mask.paths:
        raise InvalidArgument(f"The update_mask in the {request} must be set, and must contain a non-empty paths list.")
    for path in mask.paths:
        first = path.split(".")[0]
        if first in FIXED and (kind == "subscription" or first == "name"):
            raise InvalidArgument(f"Invalid update_mask provided in the {request}: the {first} field in the {kind.title()} is not mutable.")
        if first not in stored.DESCRIPTOR.fields_by_name:
            note = "Note that field paths must be of the form 'push_config' rather than 'pushConfig'."
            raise InvalidArgument(f"Invalid update_mask provided in the {request}: {first} is not a known {kind.title()} field. {note}")
    mask.MergeMessage(changes, stored, replace_message_field=True, replace_repeated_field=True)
    for path in mask.paths:  # a map or a message that is empty in the request clears the stored one
        if "." not in path and not _is_set(changes, path):
            stored.ClearField(path)


def _is_set(message: Any, name: str) -> bool:
    return any(field.name == name for field, _ in message.ListFields())


def _check_attribute(key: str, value: str) -> None:
    if not key or key.lower().startswith("goog"):
        raise InvalidArgument(f'The attribute key "{key}" in the request is invalid: it must not be empty or begin with "goog".')
    if (size := len(key.encode())) > LONGEST_KEY:
        raise InvalidArgument(_too_long("", "key", size, LONGEST_KEY))
    if (size := len(value.encode())) > LONGEST_VALUE:
        raise InvalidArgument(_too_long(key, "value", size, LONGEST_VALUE))


def _too_long(attribute: str, part: str, size: int, most: int) -> str:
    told = f"The length is {size} characters, but the maximum allowed is {most}. {QUOTAS}"
    return f'The attribute "{attribute}" in the request has a {part} that is too long. {told}'


def _check_most(value: int, most: int, name: str) -> None:
    if value > most:
        raise InvalidArgument(f"The value for {name} is too large. You passed {value} in the request, but the maximum value is {most}.")


def _check_between(value: timedelta, limits: tuple[timedelta, timedelta], name: str) -> None:
    if not limits[0] <= value <= limits[1]:
        raise InvalidArgument(f"Invalid {name}: it must be between {limits[0]} and {limits[1]}.")


def _check_backoff(policy: Any) -> None:
    least, most = policy.minimum_backoff.ToTimedelta(), policy.maximum_backoff.ToTimedelta()
    if not timedelta(0) <= least <= timedelta(seconds=600) or not timedelta(0) <= most <= timedelta(seconds=600):
        raise InvalidArgument("Invalid retry policy: backoffs must be between 0 and 600 seconds.")
    if policy.HasField("maximum_backoff") and least > most:
        raise InvalidArgument("Invalid retry policy: minimum_backoff must not be greater than maximum_backoff.")


def _check_known(resource: Any, *names: str) -> None:
    for name in names:
        if name in resource.DESCRIPTOR.fields_by_name and _is_set(resource, name):
            raise Unimplemented(f"This emulator has no {name}.")
