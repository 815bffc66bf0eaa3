"""A STALE fault answers a read from an earlier state, on every emulator that keeps one, and leaves the present state alone."""

import base64
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import httpx
import pytest
from google.api_core.exceptions import NotFound
from google.cloud import firestore, secretmanager, tasks_v2
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.cloud.firestore_v1.services.firestore.transports.grpc import FirestoreGrpcTransport
from google.cloud.secretmanager_v1.services.secret_manager_service.transports.grpc import SecretManagerServiceGrpcTransport
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport
from google.pubsub_v1.services.publisher import PublisherClient
from google.pubsub_v1.services.publisher.transports.grpc import PublisherGrpcTransport

from emulators.catalogue import build
from emulators.clock import Clock
from emulators.faults import Fault, Kind
from emulators.serving import GrpcServer, HttpServer

DOCUMENT = "projects/p/databases/(default)/documents/leads/1"
PARENT = "projects/p/locations/europe-west1"
MINUTE = timedelta(minutes=1)

Values = tuple[Callable[[int], Any], Callable[[], Any]]
"""(write a number, read which one is there): one service, seen through its API."""


@pytest.fixture
def clock() -> Clock:
    return Clock(frozen_at=datetime(2026, 3, 2, 9, tzinfo=UTC))


def firestore_values(channel: grpc.Channel) -> Values:
    client = FirestoreClient(transport=FirestoreGrpcTransport(channel=channel))

    def write(value: int) -> None:
        update = {"name": DOCUMENT, "fields": {"n": {"integer_value": value}}}
        client.commit(database="projects/p/databases/(default)", writes=[firestore.types.write.Write(update=update)])

    def read() -> int:
        request = {"database": "projects/p/databases/(default)", "documents": [DOCUMENT]}
        [answer] = client.batch_get_documents(request=request)
        return int(answer.found.fields["n"].integer_value)

    return write, read


def secret_values(channel: grpc.Channel) -> Values:
    client = secretmanager.SecretManagerServiceClient(transport=SecretManagerServiceGrpcTransport(channel=channel))
    client.create_secret(parent="projects/p", secret_id="key", secret={"replication": {"automatic": {}}})

    def write(value: int) -> None:
        client.add_secret_version(parent="projects/p/secrets/key", payload={"data": str(value).encode()})

    return write, lambda: int(client.access_secret_version(name="projects/p/secrets/key/versions/latest").payload.data)


def queue_values(channel: grpc.Channel) -> Values:
    client = tasks_v2.CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel))
    name = f"{PARENT}/queues/send"

    def write(value: int) -> None:
        client.update_queue(queue={"name": name, "retry_config": {"max_attempts": value}})

    return write, lambda: client.get_queue(name=name).retry_config.max_attempts


def topic_values(channel: grpc.Channel) -> Values:
    client = PublisherClient(transport=PublisherGrpcTransport(channel=channel))
    client.create_topic(name="projects/p/topics/leads")

    def write(value: int) -> None:
        topic = {"name": "projects/p/topics/leads", "labels": {"n": str(value)}}
        client.update_topic(topic=topic, update_mask={"paths": ["labels"]})

    return write, lambda: int(client.get_topic(topic="projects/p/topics/leads").labels["n"])


def job_values(client: httpx.Client, _: Any) -> Values:
    job = {"name": f"{PARENT}/jobs/sweep", "schedule": "0 0 1 1 *", "httpTarget": {"uri": "http://localhost:9/"}}
    client.post(f"/v1/{PARENT}/jobs", json=job)

    def write(value: int) -> None:
        client.patch(f"/v1/{PARENT}/jobs/sweep", json={"description": str(value)}).raise_for_status()

    return write, lambda: int(client.get(f"/v1/{PARENT}/jobs/sweep").json()["description"])


def mailbox_values(client: httpx.Client, _: Any) -> Values:
    client.put("/_emulator/seed", json={"mailboxes": [{"email": "maria@brightleaf.example"}]})
    headers = {"Authorization": "Bearer emulated:maria@brightleaf.example"}

    def write(value: int) -> None:
        raw = base64.urlsafe_b64encode(f"Subject: {value}\r\n\r\nHi".encode()).decode()
        client.post("/gmail/v1/users/me/drafts", json={"message": {"raw": raw}}, headers=headers).raise_for_status()

    return write, lambda: len(client.get("/gmail/v1/users/me/drafts", headers=headers).json().get("drafts", []))


def busy_values(client: httpx.Client, _: Any) -> Values:
    """Free/busy is asked by POST and changes nothing: the number is that of the busy hours."""
    client.put("/_emulator/seed", json={"accounts": [{"email": "maria@brightleaf.example"}]}).raise_for_status()
    client.headers["Authorization"] = "Bearer emulated:maria@brightleaf.example"
    day = {"timeMin": "2026-03-02T00:00:00Z", "timeMax": "2026-03-03T00:00:00Z", "items": [{"id": "maria@brightleaf.example"}]}

    def write(value: int) -> None:
        times = {name: {"dateTime": f"2026-03-02T{hour:02}:00:00Z"} for name, hour in (("start", 2 * value), ("end", 2 * value + 1))}
        client.post("/calendar/v3/calendars/primary/events", json={"summary": "Busy", **times}).raise_for_status()

    return write, lambda: len(client.post("/calendar/v3/freeBusy", json=day).json()["calendars"]["maria@brightleaf.example"]["busy"])


def contact_values(client: httpx.Client, emulator: Any) -> Values:
    client.headers["Authorization"] = f"Bearer {emulator.token}"
    contact = client.post("/crm/v3/objects/contacts", json={"properties": {"email": "ana@northwind.example"}}).json()["id"]

    def write(value: int) -> None:
        client.patch(f"/crm/v3/objects/contacts/{contact}", json={"properties": {"jobtitle": str(value)}}).raise_for_status()

    read = {"properties": "jobtitle"}
    return write, lambda: int(client.get(f"/crm/v3/objects/contacts/{contact}", params=read).json()["properties"]["jobtitle"])


OVER_GRPC = {
    "firestore": ("BatchGetDocuments", firestore_values),
    "secretmanager": ("AccessSecretVersion", secret_values),
    "tasks": ("GetQueue", queue_values),
    "pubsub": ("GetTopic", topic_values),
}
OVER_HTTP = {
    "scheduler": ("jobs.get", job_values),
    "gmail": ("drafts.list", mailbox_values),
    "calendar": ("freebusy.query", busy_values),
    "hubspot": ("contacts.get", contact_values),
}


@pytest.fixture(params=[*OVER_GRPC, *OVER_HTTP])
def service(request: pytest.FixtureRequest, clock: Clock) -> Iterator[tuple[Any, str, Values]]:
    emulator = build(request.param, clock)
    if request.param in OVER_GRPC:
        method, values = OVER_GRPC[request.param]
        server = GrpcServer([emulator]).start()
        with grpc.insecure_channel(server.address) as channel:
            yield emulator, f"{request.param}.{method}", values(channel)
        server.stop()
    else:
        method, seen = OVER_HTTP[request.param]
        with HttpServer(emulator) as http, httpx.Client(base_url=http.url, trust_env=False) as client:
            yield emulator, f"{request.param}.{method}", seen(client, emulator)
    emulator.close()


def test_a_stale_read_is_from_before_the_latest_write_and_the_next_one_is_fresh(service: tuple[Any, str, Values]) -> None:
    emulator, route, (write, read) = service
    write(1)
    emulator.faults.add(Fault(route, Kind.STALE, after=1, times=1))
    write(2)
    write(3)
    assert [read(), read(), read()] == [3, 2, 3]


def test_a_stale_read_of_an_age_is_from_that_moment_of_the_clock(service: tuple[Any, str, Values], clock: Clock) -> None:
    emulator, route, (write, read) = service
    write(1)
    emulator.faults.add(Fault(route, Kind.STALE, age_s=90))
    for value in (2, 3, 4):
        clock.advance(MINUTE)
        write(value)
    assert read() == 2
    clock.advance(MINUTE)
    assert read() == 3


def test_what_is_written_after_a_stale_read_is_kept(service: tuple[Any, str, Values]) -> None:
    emulator, route, (write, read) = service
    write(1)
    emulator.faults.add(Fault(route, Kind.STALE, times=1))
    write(2)
    assert read() == 1
    write(3)
    assert read() == 3


def test_a_secret_can_seem_not_to_be_there_yet(clock: Clock) -> None:
    emulator = build("secretmanager", clock)
    server = GrpcServer([emulator]).start()
    with grpc.insecure_channel(server.address) as channel:
        emulator.faults.add(Fault("secretmanager.*", Kind.STALE, times=1, after=0))
        client = secretmanager.SecretManagerServiceClient(transport=SecretManagerServiceGrpcTransport(channel=channel))
        client.create_secret(parent="projects/p", secret_id="key", secret={"replication": {"automatic": {}}})
        with pytest.raises(NotFound):
            client.get_secret(name="projects/p/secrets/key", retry=None)
        assert client.get_secret(name="projects/p/secrets/key").name == "projects/p/secrets/key"
    server.stop()
