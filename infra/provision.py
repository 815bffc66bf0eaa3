"""Creates in the emulators what Terraform creates in Google Cloud, from the same manifests: topics, subscriptions, queues, jobs."""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any

import grpc
import httpx
from google.api_core.exceptions import AlreadyExists
from google.cloud import secretmanager, tasks_v2
from google.cloud.secretmanager_v1.services.secret_manager_service.transports.grpc import SecretManagerServiceGrpcTransport
from google.cloud.tasks_v2.services.cloud_tasks.transports.grpc import CloudTasksGrpcTransport
from google.protobuf.duration_pb2 import Duration
from google.pubsub_v1.services.publisher import PublisherClient
from google.pubsub_v1.services.publisher.transports.grpc import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber import SubscriberClient
from google.pubsub_v1.services.subscriber.transports.grpc import SubscriberGrpcTransport
from google.pubsub_v1.types import DeadLetterPolicy, PushConfig, RetryPolicy, Subscription

from infra.manifests import Manifest, TriggerKind
from shared.domain.outbox import address_of
from shared.runtime.settings import Settings

DEAD_LETTERS = "dead-letters"
EMPTY_SECRET = secretmanager.Secret(replication=secretmanager.Replication(automatic=secretmanager.Replication.Automatic()))
VAULT_MARGIN_DAYS = 35
"""The vault keeps heads for longer than the log keeps what they name."""

UNLIMITED = -1
"""Cloud Tasks' word for a queue that never gives up."""


class Provisioner:
    """Everything is created only if absent, so a suite that comes back with its state keeps it."""

    def __init__(self, settings: Settings, *, scheduler_url: str) -> None:
        self._settings, self._scheduler_url = settings, scheduler_url
        channel = grpc.insecure_channel(settings.pubsub_emulator_host)
        self._publisher = PublisherClient(transport=PublisherGrpcTransport(channel=channel))
        self._subscriber = SubscriberClient(transport=SubscriberGrpcTransport(channel=channel))
        self._tasks = tasks_v2.CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel))
        self._secrets = secretmanager.SecretManagerServiceClient(transport=SecretManagerServiceGrpcTransport(channel=channel))
        self._project = f"projects/{settings.google_cloud_project}"

    def provision(self, manifests: Collection[Manifest]) -> None:
        """Topics first: subscriptions and dead-letter policies point at them."""
        self._vault()
        for topic in sorted({*topics_of(manifests), DEAD_LETTERS}):
            self._once(lambda topic=topic: self._publisher.create_topic(name=f"{self._project}/topics/{topic}"))
        for manifest in manifests:
            match manifest.trigger.kind:
                case TriggerKind.TOPIC:
                    self._subscribe(manifest, manifest.trigger.value, self._dead_letter_policy(manifest))
                case TriggerKind.DEAD_LETTERS:
                    self._subscribe(manifest, DEAD_LETTERS, None)
                case TriggerKind.QUEUE:
                    self._queue(manifest)
                case TriggerKind.SCHEDULE:
                    self._schedule(manifest)
                case TriggerKind.HTTP:
                    pass  # reached from outside

    def store_secrets(self, values: Mapping[str, str]) -> None:
        """A secret that exists keeps its versions."""
        for name, value in values.items():
            path = f"{self._project}/secrets/{name}"
            created = self._once(lambda name=name: self._secrets.create_secret(parent=self._project, secret_id=name, secret=EMPTY_SECRET))
            if created:
                self._secrets.add_secret_version(parent=path, payload=secretmanager.SecretPayload(data=value.encode()))

    def _subscribe(self, manifest: Manifest, topic: str, dead_letters: DeadLetterPolicy | None) -> None:
        endpoint, retry = self._settings.functions_url + address_of(manifest.name), manifest.redelivery
        token = PushConfig.OidcToken(service_account_email=self._settings.invoker_email, audience=endpoint)
        subscription = Subscription(
            name=f"{self._project}/subscriptions/{topic}--{manifest.name}",
            topic=f"{self._project}/topics/{topic}",
            push_config=PushConfig(push_endpoint=endpoint, oidc_token=token),
            ack_deadline_seconds=min(600, max(10, manifest.timeout_s)),
            retry_policy=RetryPolicy(
                minimum_backoff=Duration(seconds=retry.min_backoff_s), maximum_backoff=Duration(seconds=retry.max_backoff_s)
            ),
            dead_letter_policy=dead_letters,
        )
        self._once(lambda: self._subscriber.create_subscription(request=subscription))

    def _dead_letter_policy(self, manifest: Manifest) -> DeadLetterPolicy:
        topic = f"{self._project}/topics/{DEAD_LETTERS}"
        return DeadLetterPolicy(dead_letter_topic=topic, max_delivery_attempts=manifest.redelivery.max_attempts)

    def _queue(self, manifest: Manifest) -> None:
        parent = f"{self._project}/locations/{self._settings.region}"
        wanted = manifest.redelivery
        retry = tasks_v2.RetryConfig(
            max_attempts=wanted.max_attempts or UNLIMITED,
            min_backoff=Duration(seconds=wanted.min_backoff_s),
            max_backoff=Duration(seconds=wanted.max_backoff_s),
        )
        limits = tasks_v2.RateLimits(max_concurrent_dispatches=manifest.concurrency)
        queue = tasks_v2.Queue(name=f"{parent}/queues/{manifest.trigger.value}", retry_config=retry, rate_limits=limits)
        self._once(lambda: self._tasks.create_queue(parent=parent, queue=queue))

    def _schedule(self, manifest: Manifest) -> None:
        parent = f"{self._project}/locations/{self._settings.region}"
        target = self._settings.functions_url + address_of(manifest.name)
        job = {
            "name": f"{parent}/jobs/{manifest.name.replace('_', '-')}",
            "schedule": manifest.trigger.value,
            "timeZone": "Etc/UTC",
            "attemptDeadline": f"{min(1800, max(15, manifest.timeout_s))}s",
            "httpTarget": {
                "uri": target,
                "httpMethod": "POST",
                "oidcToken": {"serviceAccountEmail": self._settings.invoker_email, "audience": target},
            },
        }
        answer = httpx.post(f"{self._scheduler_url}/v1/{parent}/jobs", json=job, headers={"Authorization": "Bearer local"})
        if answer.status_code != 409:
            answer.raise_for_status()

    def _vault(self) -> None:
        """What goes into this bucket cannot be changed or removed by anybody for longer than an entry is kept."""
        kept_s = timedelta(days=self._settings.audit_retention_days + VAULT_MARGIN_DAYS).total_seconds()
        bucket = {
            "name": self._settings.audit_bucket,
            "retentionPolicy": {"retentionPeriod": str(int(kept_s))},
            "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": True}},
        }
        at = f"{self._settings.storage_url}/storage/v1/b"
        answer = httpx.post(at, json=bucket, params={"project": self._settings.google_cloud_project})
        if answer.status_code == httpx.codes.CONFLICT:
            return
        made = answer.raise_for_status().json()
        lock = {"ifMetagenerationMatch": made["metageneration"]}
        httpx.post(f"{at}/{made['name']}/lockRetentionPolicy", params=lock).raise_for_status()

    def _once(self, create: Any) -> bool:
        """True when this call created it."""
        try:
            create()
        except AlreadyExists:
            return False
        return True


def topics_of(manifests: Iterable[Manifest]) -> set[str]:
    """Every event somebody publishes or listens to."""
    return {
        topic for one in manifests for topic in (*one.publishes, *([one.trigger.value] if one.trigger.kind is TriggerKind.TOPIC else []))
    }
