"""Pub/Sub, Cloud Tasks and the issuer on one clock: a chain of calls over several services settles as one, and nothing is missed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import google.auth.transport.requests
import grpc
import pytest
from google import pubsub_v1
from google.cloud import tasks_v2
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport
from google.oauth2 import id_token
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport

from emulators.clock import Clock
from emulators.oidc.routes import OidcEmulator
from emulators.pubsub.routes import PubSubEmulator
from emulators.serving import GrpcServer, HttpServer
from emulators.settling import Settler
from emulators.tasks.routes import TasksEmulator
from tests.contract.emulators.endpoint import Delivery, Endpoint

TOPIC = "projects/sdr/topics/lead.received"
QUEUE = "projects/sdr/locations/europe-west1/queues/send"
ACCOUNT = "calls@sdr.iam.example"


class World:
    """Both services on one port, their clients and a settler over both."""

    def __init__(self, address: str, clock: Clock, settler: Settler) -> None:
        self.clock, self.settler = clock, settler
        self.channel = grpc.insecure_channel(address)
        self.publisher = pubsub_v1.PublisherClient(transport=PublisherGrpcTransport(channel=self.channel))
        self.subscriber = pubsub_v1.SubscriberClient(transport=SubscriberGrpcTransport(channel=self.channel))
        self.tasks = tasks_v2.CloudTasksClient(transport=CloudTasksGrpcTransport(channel=self.channel))

    def subscribe(self, name: str, url: str) -> None:
        push = {"push_endpoint": url, "oidc_token": {"service_account_email": ACCOUNT}}
        self.subscriber.create_subscription(request={"name": f"projects/sdr/subscriptions/{name}", "topic": TOPIC, "push_config": push})

    def publish(self, data: str) -> None:
        self.publisher.publish(topic=TOPIC, messages=[{"data": data.encode()}])

    def enqueue(self, url: str, *, at: datetime | None = None) -> Any:
        http = {"url": url, "oidc_token": {"service_account_email": ACCOUNT, "audience": "https://send.example"}}
        return self.tasks.create_task(parent=QUEUE, task={"http_request": http, "schedule_time": at})


@pytest.fixture(scope="module")
def issuer() -> OidcEmulator:
    return OidcEmulator(Clock())


@pytest.fixture
def world(issuer: OidcEmulator) -> Iterator[World]:
    clock = Clock(frozen_at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    services = PubSubEmulator(clock, identity=issuer), TasksEmulator(clock, identity=issuer)
    server = GrpcServer(services, workers=16).start()
    world = World(server.address, clock, Settler(clock, services))
    world.publisher.create_topic(name=TOPIC)
    world.tasks.create_queue(parent=QUEUE.split("/queues/")[0], queue={"name": QUEUE})
    yield world
    world.channel.close()
    server.stop()
    for service in services:
        service.close()


def test_google_auth_verifies_what_pushes_and_tasks_carry(world: World, endpoint: Endpoint, issuer: OidcEmulator) -> None:
    world.subscribe("plan", endpoint.url)
    world.publish("x")
    world.enqueue(endpoint.url)
    world.settler.settle()
    audiences = set()
    with HttpServer(issuer) as server:
        request = google.auth.transport.requests.Request()
        for delivery in endpoint.deliveries:
            token = delivery.headers["authorization"].removeprefix("Bearer ")
            claims = id_token.verify_token(token, request, certs_url=f"{server.url}/oauth2/v1/certs")
            assert claims["email"] == ACCOUNT
            audiences.add(claims["aud"])
        request.session.close()
    assert audiences == {endpoint.url, "https://send.example"}


def test_settling_follows_a_chain_from_push_to_task_to_push_without_a_gap(world: World, endpoint: Endpoint) -> None:
    """Each link starts the next while it is being delivered; at no instant may everything look idle before the end."""
    world.subscribe("plan", endpoint.url)

    def next_link(_: Delivery) -> None:
        links = len(endpoint.deliveries)
        if links < 60:
            world.enqueue(endpoint.url) if links % 2 else world.publish(str(links))

    endpoint.on_delivery = next_link
    world.publish("start")
    world.settler.settle()
    assert len(endpoint.deliveries) == 60


def test_nothing_published_from_many_threads_is_missed_when_all_has_settled(world: World, endpoint: Endpoint) -> None:
    world.subscribe("plan", endpoint.url)
    for round_number in range(1, 6):
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(world.publish, map(str, range(20))))
        world.settler.settle()
        assert len(endpoint.deliveries) == 20 * round_number


def test_stepping_visits_due_moments_of_all_services_in_order(world: World, endpoint: Endpoint) -> None:
    world.subscribe("plan", endpoint.url)
    start, seen = world.clock.now(), list[tuple[str, int]]()

    def note(delivery: Delivery) -> None:
        kind = "task" if "x-cloudtasks-taskname" in delivery.headers else "push"
        seen.append((kind, round((world.clock.now() - start).total_seconds())))
        if kind == "task":
            world.publish("from a task")

    endpoint.on_delivery = note
    for hours in (3, 1, 2):
        world.enqueue(endpoint.url, at=start + timedelta(hours=hours))
    world.settler.advance(timedelta(hours=4))
    assert seen == [(kind, 3600 * hours) for hours in (1, 2, 3) for kind in ("task", "push")]
    assert world.clock.now() == start + timedelta(hours=4)
