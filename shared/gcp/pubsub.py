"""The Bus port on Pub/Sub: one synchronous RPC a topic, without the batching publisher's threads and its 10 ms wait."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from google.api_core import exceptions as google_errors

from shared.gcp.rpc import Method, opened
from shared.ports.clock import Clock, Ids
from shared.ports.errors import Permanent, Transient
from shared.resilience.backoff import repeated

PUBLISH = Method(
    service="google.pubsub.v1.Publisher",
    name="Publish",
    host="pubsub.googleapis.com",
    routed_by="topic",
    messages={
        "Attribute": "1 key string; 2 value string",
        "PubsubMessage": "1 data bytes; 2 attributes Attribute*",
        "PublishRequest": "1 topic string; 2 messages PubsubMessage*",
        "PublishResponse": "1 message_ids string*",
    },
    request="PublishRequest",
    response="PublishResponse",
)
"""https://cloud.google.com/pubsub/docs/reference/rpc/google.pubsub.v1"""


class PubSubSettings(Protocol):
    @property
    def google_cloud_project(self) -> str: ...
    @property
    def pubsub_emulator_host(self) -> str: ...


class PubSubBus:
    """Publishes JSON payloads."""

    def __init__(self, *, settings: PubSubSettings, clock: Clock, ids: Ids) -> None:
        self._clock, self._ids = clock, ids
        self._rpc = opened(PUBLISH, emulator_host=settings.pubsub_emulator_host)
        self._project = settings.google_cloud_project

    def publish(self, *, topic: str, messages: Sequence[tuple[Mapping[str, str], Mapping[str, str]]]) -> None:
        encoded = [_message(payload, attributes) for payload, attributes in messages]
        path = f"projects/{self._project}/topics/{topic}"
        repeated(lambda: self._once(path, encoded), clock=self._clock, ids=self._ids)

    def _once(self, path: str, messages: list[dict[str, Any]]) -> None:
        try:
            self._rpc(topic=path, messages=messages)
        except google_errors.NotFound as error:
            raise Permanent(f"{path} does not exist", source="pubsub", raw=str(error)) from None
        except google_errors.GoogleAPICallError as error:
            raise Transient(f"Pub/Sub did not accept for {path}", source="pubsub", raw=str(error)) from None


def _message(payload: Mapping[str, str], attributes: Mapping[str, str]) -> dict[str, Any]:
    return {"data": json.dumps(dict(payload)).encode(), "attributes": [{"key": key, "value": value} for key, value in attributes.items()]}
