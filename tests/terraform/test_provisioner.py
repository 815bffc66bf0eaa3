"""The suite's provisioner and Terraform make the same things of the same manifests."""

from collections.abc import Iterator
from typing import Any

import grpc
import httpx
import pytest
from google.cloud import tasks_v2
from google.cloud.tasks_v2.services.cloud_tasks.transports.grpc import CloudTasksGrpcTransport
from google.pubsub_v1.services.publisher import PublisherClient
from google.pubsub_v1.services.publisher.transports.grpc import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber import SubscriberClient
from google.pubsub_v1.services.subscriber.transports.grpc import SubscriberGrpcTransport

from emulators.catalogue import build
from emulators.clock import Clock
from emulators.serving import GrpcServer, HttpServer
from infra.manifests import load_all
from infra.provision import Provisioner
from shared.runtime.settings import Settings
from tests.builders import MONDAY
from tests.contract.emulators.endpoint import Accounts
from tests.terraform.planned import BASE, INVOKER, PROJECT, REGION, VAULT, Plan, jobs, queues, subscriptions

LOCATION = f"projects/{PROJECT}/locations/{REGION}"


class Provisioned:
    """The emulators after the provisioner, told in the words of tests.terraform.planned."""

    def __init__(self, address: str, scheduler_url: str, storage_url: str) -> None:
        self._channel = grpc.insecure_channel(address)
        self._scheduler_url, self._storage_url = scheduler_url, storage_url
        settings = Settings(
            google_cloud_project=PROJECT,
            region=REGION,
            functions_url=BASE,
            invoker_email=INVOKER,
            pubsub_emulator_host=address,
            tasks_emulator_host=address,
            secrets_emulator_host=address,
            storage_url=storage_url,
            audit_bucket=VAULT,
        )
        Provisioner(settings, scheduler_url=scheduler_url).provision(load_all().values())

    def topics(self) -> set[str]:
        client = PublisherClient(transport=PublisherGrpcTransport(channel=self._channel))
        return {one.name.rpartition("/")[2] for one in client.list_topics(project=f"projects/{PROJECT}")}

    def subscriptions(self) -> dict[str, dict[str, Any]]:
        client = SubscriberClient(transport=SubscriberGrpcTransport(channel=self._channel))
        return {one.name.rpartition("/")[2]: _subscription(one) for one in client.list_subscriptions(project=f"projects/{PROJECT}")}

    def queues(self) -> dict[str, dict[str, Any]]:
        client = tasks_v2.CloudTasksClient(transport=CloudTasksGrpcTransport(channel=self._channel))
        return {one.name.rpartition("/")[2]: _queue(one) for one in client.list_queues(parent=LOCATION)}

    def vault(self) -> tuple[bool, bool, str]:
        """Whether access is uniform, whether retention is locked, and for how many seconds."""
        bucket = httpx.get(f"{self._storage_url}/storage/v1/b/{VAULT}").json()
        policy = bucket["retentionPolicy"]
        uniform = bucket["iamConfiguration"]["uniformBucketLevelAccess"]["enabled"]
        return uniform, policy.get("isLocked", False), policy["retentionPeriod"]

    def jobs(self) -> dict[str, dict[str, Any]]:
        answer = httpx.get(f"{self._scheduler_url}/v1/{LOCATION}/jobs", headers={"Authorization": "Bearer local"})
        return {one["name"].rpartition("/")[2]: _job(one) for one in answer.json()["jobs"]}

    def close(self) -> None:
        self._channel.close()


def _subscription(one: Any) -> dict[str, Any]:
    policy = one.dead_letter_policy
    return {
        "topic": one.topic.rpartition("/")[2],
        "endpoint": one.push_config.push_endpoint,
        "audience": one.push_config.oidc_token.audience,
        "invoker": one.push_config.oidc_token.service_account_email,
        "ack_deadline_s": one.ack_deadline_seconds,
        "backoff": tuple(f"{wait.seconds}s" for wait in (one.retry_policy.minimum_backoff, one.retry_policy.maximum_backoff)),
        "dead_letters": [(policy.dead_letter_topic.rpartition("/")[2], policy.max_delivery_attempts)] if policy.dead_letter_topic else [],
    }


def _queue(one: Any) -> dict[str, Any]:
    return {
        "concurrency": one.rate_limits.max_concurrent_dispatches,
        "backoff": tuple(f"{wait.seconds}s" for wait in (one.retry_config.min_backoff, one.retry_config.max_backoff)),
        "max_attempts": one.retry_config.max_attempts,
    }


def _job(one: Any) -> dict[str, Any]:
    target = one["httpTarget"]
    return {
        "schedule": one["schedule"],
        "time_zone": one["timeZone"],
        "deadline": one["attemptDeadline"],
        "retries": one["retryConfig"].get("retryCount", 0),
        "endpoint": target["uri"],
        "method": target["httpMethod"],
        "audience": target["oidcToken"]["audience"],
        "invoker": target["oidcToken"]["serviceAccountEmail"],
    }


@pytest.fixture(scope="module")
def provisioned() -> Iterator[Provisioned]:
    clock, identity = Clock(frozen_at=MONDAY), Accounts()
    google = [build("pubsub", clock, identity=identity), build("tasks", clock, identity=identity), build("secretmanager", clock)]
    scheduler, storage = build("scheduler", clock, identity=identity), build("storage", clock)
    grpc_server, http_server, store_server = (
        GrpcServer(google, workers=4).start(),
        HttpServer(scheduler).start(),
        HttpServer(storage).start(),
    )
    found = Provisioned(grpc_server.address, http_server.url, store_server.url)
    yield found
    found.close()
    for service in (*google, scheduler):
        service.close()
    store_server.stop()
    http_server.stop()
    grpc_server.stop()


def test_both_make_the_same_topics(plan: Plan, provisioned: Provisioned) -> None:
    assert provisioned.topics() == set(plan.named("google_pubsub_topic"))


def test_both_make_the_same_subscriptions(plan: Plan, provisioned: Provisioned) -> None:
    assert provisioned.subscriptions() == subscriptions(plan)


def test_both_make_the_same_queues(plan: Plan, provisioned: Provisioned) -> None:
    assert provisioned.queues() == queues(plan)


def test_both_make_the_same_jobs(plan: Plan, provisioned: Provisioned) -> None:
    assert provisioned.jobs() == jobs(plan)


def test_both_make_the_same_vault(plan: Plan, provisioned: Provisioned) -> None:
    bucket = plan.named("google_storage_bucket")[VAULT]
    [policy] = bucket["retention_policy"]
    assert provisioned.vault() == (bucket["uniform_bucket_level_access"], policy["is_locked"], policy["retention_period"])
