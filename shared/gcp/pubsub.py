"""The Bus port on Pub/Sub: one synchronous RPC a topic, without the batching publisher's threads and its 10 ms wait."""

import json
from collections.abc import Mapping, Sequence
from typing import Protocol

from google.api_core import exceptions as google_errors
from google.pubsub_v1.services.publisher import PublisherClient
from google.pubsub_v1.services.publisher.transports.grpc import PublisherGrpcTransport
from google.pubsub_v1.types import PubsubMessage

from shared.gcp.channels import insecure_transport
from shared.ports.clock import Clock, Ids
from shared.ports.errors import Permanent, Transient
from shared.resilience.backoff import repeated

TIMEOUT_S = 10.0


class PubSubSettings(Protocol):
    @property
    def google_cloud_project(self) -> str: ...
    @property
    def pubsub_emulator_host(self) -> str: ...


class PubSubBus:
    """Publishes JSON payloads."""

    def __init__(self, *, settings: PubSubSettings, clock: Clock, ids: Ids) -> None:
        self._clock, self._ids = clock, ids
        host = settings.pubsub_emulator_host
        self._client = PublisherClient(transport=insecure_transport(PublisherGrpcTransport, host)) if host else PublisherClient()
        self._project = settings.google_cloud_project

    def publish(self, *, topic: str, messages: Sequence[tuple[Mapping[str, str], Mapping[str, str]]]) -> None:
        encoded = [PubsubMessage(data=json.dumps(dict(payload)).encode(), attributes=dict(attributes)) for payload, attributes in messages]
        path = f"projects/{self._project}/topics/{topic}"
        repeated(lambda: self._once(path, encoded), clock=self._clock, ids=self._ids)

    def _once(self, path: str, messages: list[PubsubMessage]) -> None:
        try:
            self._client.publish(topic=path, messages=messages, retry=None, timeout=TIMEOUT_S)
        except google_errors.NotFound as error:
            raise Permanent(f"{path} does not exist", source="pubsub", raw=str(error)) from None
        except google_errors.GoogleAPICallError as error:
            raise Transient(f"Pub/Sub did not accept for {path}", source="pubsub", raw=str(error)) from None
