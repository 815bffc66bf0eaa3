"""Secret Manager's filters, delayed destruction and notifications, through the unmodified client."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest
from google.cloud import secretmanager_v1 as secretmanager
from google.cloud.secretmanager_v1.services.secret_manager_service.transports import SecretManagerServiceGrpcTransport
from google.protobuf.duration_pb2 import Duration

from emulators.clock import Clock
from emulators.secretmanager.routes import SecretManagerEmulator
from emulators.serving import GrpcServer

PROJECT = "projects/sdr"
State = secretmanager.SecretVersion.State


@pytest.fixture
def clock() -> Clock:
    return Clock(frozen_at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC))


@pytest.fixture
def told() -> list[tuple[str, dict[str, str]]]:
    return []


@pytest.fixture
def client(clock: Clock, told: list[tuple[str, dict[str, str]]]) -> Iterator[Any]:
    def publish(topic: str, _data: bytes, attributes: Any) -> None:
        if topic.endswith("gone"):
            raise LookupError(topic)
        told.append((topic, dict(attributes)))

    server = GrpcServer([SecretManagerEmulator(clock, publish=publish)], workers=4).start()
    with grpc.insecure_channel(server.address) as channel:
        yield secretmanager.SecretManagerServiceClient(transport=SecretManagerServiceGrpcTransport(channel=channel))
    server.stop()


def make(client: Any, name: str, **settings: Any) -> str:
    secret = {"replication": {"automatic": {}}, **settings}
    return str(client.create_secret(parent=PROJECT, secret_id=name, secret=secret).name)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("", ["late", "openai-key", "hubspot-token"]),
        ("name:hubspot", ["hubspot-token"]),
        ("hubspot", ["hubspot-token"]),
        ("name=openai-key", ["openai-key"]),
        ("labels.env=prod", ["openai-key", "hubspot-token"]),
        ("labels.env=prod AND labels.team=sales", ["hubspot-token"]),
        ("labels.env=prod labels.team=sales", ["hubspot-token"]),
        ("labels.team=sales OR labels.team=ops", ["openai-key", "hubspot-token"]),
        ("NOT labels.env=prod", ["late"]),
        ("-labels.env:prod", ["late"]),
        ("labels.env=prod AND (labels.team=ops OR name:late)", ["openai-key"]),
        ("labels:team", ["openai-key", "hubspot-token"]),
        ('annotations.note:"very secret"', ["hubspot-token"]),
        ('create_time > "2026-03-02T10:00:00+00:00"', ["late"]),
        ("create_time<2026-03-02", []),
        ('create_time<="2026-03-02T09:00:00Z"', ["openai-key", "hubspot-token"]),
        ("topics:events", ["late"]),
    ],
)
def test_a_list_shows_what_its_filter_lets_through(client: Any, clock: Clock, wanted: str, found: list[str]) -> None:
    make(client, "hubspot-token", labels={"env": "prod", "team": "sales"}, annotations={"note": "a very secret one"})
    make(client, "openai-key", labels={"env": "prod", "team": "ops"})
    clock.advance(timedelta(hours=2))
    make(client, "late", topics=[{"name": f"{PROJECT}/topics/events"}])
    if wanted == "create_time<2026-03-02":
        wanted = 'create_time<"2026-03-02T00:00:00Z"'
    listed = client.list_secrets(request={"parent": PROJECT, "filter": wanted, "page_size": 1})
    assert [secret.name.rsplit("/", 1)[-1] for secret in listed] == found


def test_versions_are_filtered_by_state(client: Any) -> None:
    name = make(client, "key")
    for data in (b"1", b"2", b"3"):
        client.add_secret_version(parent=name, payload={"data": data})
    client.disable_secret_version(name=f"{name}/versions/2")
    listed = client.list_secret_versions(request={"parent": name, "filter": "state:ENABLED"})
    assert [version.name.rsplit("/", 1)[-1] for version in listed] == ["3", "1"]


def test_a_version_is_destroyed_only_after_its_delay_and_can_be_saved_until_then(client: Any, clock: Clock) -> None:
    name = make(client, "key", version_destroy_ttl=Duration(seconds=86_400))
    first, second = (client.add_secret_version(parent=name, payload={"data": data}).name for data in (b"1", b"2"))
    for version in (first, second):
        scheduled = client.destroy_secret_version(name=version)
        assert (scheduled.state, scheduled.scheduled_destroy_time.timestamp()) == (
            State.DISABLED,
            (clock.now() + timedelta(days=1)).timestamp(),
        )
    clock.advance(timedelta(hours=23))
    assert "scheduled_destroy_time" not in client.enable_secret_version(name=second)
    clock.advance(timedelta(hours=1))
    assert client.get_secret_version(name=first).state == State.DESTROYED
    assert client.access_secret_version(name=second).payload.data == b"2"


def test_a_new_ttl_counts_from_the_update(client: Any, clock: Clock) -> None:
    name = make(client, "key", ttl=Duration(seconds=3600))
    clock.advance(timedelta(minutes=30))
    client.update_secret(secret={"name": name, "ttl": Duration(seconds=3600)}, update_mask={"paths": ["ttl"]})
    clock.advance(timedelta(minutes=59))
    assert client.get_secret(name=name).name == name
    clock.advance(timedelta(minutes=1))
    assert list(client.list_secrets(parent=PROJECT)) == []


def test_every_change_is_told_to_the_secrets_topics(client: Any, told: list[tuple[str, dict[str, str]]]) -> None:
    name = make(client, "key", topics=[{"name": f"{PROJECT}/topics/events"}, {"name": f"{PROJECT}/topics/gone"}])
    version = client.add_secret_version(parent=name, payload={"data": b"1"}).name
    client.disable_secret_version(name=version)
    client.enable_secret_version(name=version)
    client.destroy_secret_version(name=version)
    client.update_secret(secret={"name": name, "labels": {"a": "b"}}, update_mask={"paths": ["labels"]})
    client.delete_secret(name=name)
    assert {topic for topic, _ in told} == {f"{PROJECT}/topics/events"}
    kinds = ["CREATE", "VERSION_ADD", "VERSION_DISABLE", "VERSION_ENABLE", "VERSION_DESTROY", "UPDATE", "DELETE"]
    assert [attributes["eventType"] for _, attributes in told] == [f"SECRET_{kind}" for kind in kinds]
    assert told[1][1]["versionId"] == version
