"""Secret Manager through the unmodified client: versions, aliases, states, checksums and refusals."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest
from google.api_core import exceptions
from google.cloud import secretmanager_v1 as secretmanager
from google.cloud.secretmanager_v1.services.secret_manager_service.transports import SecretManagerServiceGrpcTransport

from emulators.clock import Clock
from emulators.faults import Fault, Kind
from emulators.secretmanager.routes import SecretManagerEmulator
from emulators.serving import GrpcServer

PROJECT = "projects/sdr"
TOKEN = f"{PROJECT}/secrets/hubspot-token"
AUTOMATIC = {"replication": {"automatic": {}}}
State = secretmanager.SecretVersion.State


@pytest.fixture
def clock() -> Clock:
    return Clock(frozen_at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC))


@pytest.fixture
def emulator(clock: Clock) -> SecretManagerEmulator:
    return SecretManagerEmulator(clock)


@pytest.fixture
def client(emulator: SecretManagerEmulator) -> Iterator[Any]:
    server = GrpcServer([emulator], workers=4)
    server.start()
    channel = grpc.insecure_channel(server.address)
    yield secretmanager.SecretManagerServiceClient(transport=SecretManagerServiceGrpcTransport(channel=channel))
    channel.close()
    server.stop()


@pytest.fixture
def token(client: Any) -> str:
    return str(client.create_secret(parent=PROJECT, secret_id="hubspot-token", secret=AUTOMATIC).name)


def add(client: Any, parent: str, data: bytes) -> str:
    return str(client.add_secret_version(parent=parent, payload={"data": data}).name)


def access(client: Any, name: str) -> bytes:
    return bytes(client.access_secret_version(name=name).payload.data)


def test_a_version_is_read_by_number_by_alias_and_as_latest(client: Any, token: str) -> None:
    assert [add(client, token, data) for data in (b"one", b"two")] == [f"{token}/versions/1", f"{token}/versions/2"]
    client.update_secret(secret={"name": token, "version_aliases": {"live": 1}}, update_mask={"paths": ["version_aliases"]})
    assert access(client, f"{token}/versions/1") == access(client, f"{token}/versions/live") == b"one"
    latest = client.access_secret_version(name=f"{token}/versions/latest")
    assert (latest.name, latest.payload.data) == (f"{token}/versions/2", b"two")


def test_every_payload_comes_with_its_checksum(client: Any, token: str) -> None:
    add(client, token, b"123456789")
    assert client.access_secret_version(name=f"{token}/versions/1").payload.data_crc32c == 0xE3069283


def test_a_payload_that_does_not_fit_its_checksum_is_refused(client: Any, token: str) -> None:
    assert client.add_secret_version(
        parent=token, payload={"data": b"123456789", "data_crc32c": 0xE3069283}
    ).client_specified_payload_checksum
    with pytest.raises(exceptions.InvalidArgument, match="checksum"):
        client.add_secret_version(parent=token, payload={"data": b"123456780", "data_crc32c": 0xE3069283})


@pytest.mark.parametrize("data", [b"", b"x" * (64 * 1024 + 1)])
def test_an_empty_or_too_large_payload_is_refused(client: Any, token: str, data: bytes) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        add(client, token, data)


def test_a_disabled_version_cannot_be_read_until_it_is_enabled(client: Any, token: str) -> None:
    version = add(client, token, b"one")
    assert client.disable_secret_version(name=version).state == State.DISABLED
    with pytest.raises(exceptions.FailedPrecondition, match=r"versions/1\] is in DISABLED state"):
        access(client, version)
    assert client.enable_secret_version(name=version).state == State.ENABLED
    assert access(client, version) == b"one"


def test_a_destroyed_version_is_gone_for_good(client: Any, token: str, clock: Clock, emulator: SecretManagerEmulator) -> None:
    version = add(client, token, b"one")
    destroyed = client.destroy_secret_version(name=version)
    assert (destroyed.state, destroyed.destroy_time) == (State.DESTROYED, clock.now())
    for attempt in (client.enable_secret_version, client.disable_secret_version, client.access_secret_version):
        with pytest.raises(exceptions.FailedPrecondition, match="DESTROYED"):
            attempt(name=version)
    assert emulator.dump()["secrets"][0]["versions"][0]["data"] == ""


def test_latest_is_the_newest_version_even_when_it_is_disabled(client: Any, token: str) -> None:
    add(client, token, b"one")
    client.disable_secret_version(name=add(client, token, b"two"))
    with pytest.raises(exceptions.FailedPrecondition):
        access(client, f"{token}/versions/latest")


@pytest.mark.parametrize(
    "name", ["secrets/other", "secrets/hubspot-token/versions/latest", "secrets/hubspot-token/versions/7", "secrets/other/versions/1"]
)
def test_what_does_not_exist_is_not_found(client: Any, token: str, name: str) -> None:
    read = client.access_secret_version if "versions" in name else client.get_secret
    with pytest.raises(exceptions.NotFound, match="not found"):
        read(name=f"{PROJECT}/{name}")


def test_a_secret_is_created_once_and_well_named(client: Any, token: str) -> None:
    with pytest.raises(exceptions.AlreadyExists, match=r"\[projects/sdr/secrets/hubspot-token\] already exists"):
        client.create_secret(parent=PROJECT, secret_id="hubspot-token", secret=AUTOMATIC)
    for secret_id, secret in (("no spaces", AUTOMATIC), ("", AUTOMATIC), ("fine", {})):
        with pytest.raises(exceptions.InvalidArgument):
            client.create_secret(parent=PROJECT, secret_id=secret_id, secret=secret)


def test_secrets_and_versions_are_listed_newest_first_in_pages(client: Any) -> None:
    for number in range(5):
        client.create_secret(parent=PROJECT, secret_id=f"s{number}", secret=AUTOMATIC)
        add(client, f"{PROJECT}/secrets/s0", b"x")
    client.create_secret(parent="projects/other", secret_id="s", secret=AUTOMATIC)
    listed = client.list_secrets(request={"parent": PROJECT, "page_size": 2})
    assert [secret.name[-2:] for secret in listed] == ["s4", "s3", "s2", "s1", "s0"]
    versions = client.list_secret_versions(request={"parent": f"{PROJECT}/secrets/s0", "page_size": 2})
    assert [version.name[-1] for version in versions] == ["5", "4", "3", "2", "1"]


def test_a_bad_page_token_and_a_filter_are_refused_openly(client: Any, token: str) -> None:
    for request in ({"page_token": "nonsense"}, {"page_token": "-1"}, {"filter": "(labels.a=b"}, {"filter": "colour=red"}):
        with pytest.raises(exceptions.InvalidArgument):
            client.list_secrets(request={"parent": PROJECT} | request)


def test_labels_change_and_an_outdated_etag_is_refused(client: Any, token: str) -> None:
    before = client.get_secret(name=token)
    after = client.update_secret(secret={"name": token, "labels": {"env": "dev"}, "etag": before.etag}, update_mask={"paths": ["labels"]})
    assert (dict(after.labels), after.replication) == ({"env": "dev"}, before.replication)
    again = client.update_secret(secret={"name": token, "labels": {"team": "sales"}}, update_mask={"paths": ["labels"]})
    assert dict(again.labels) == {"team": "sales"}
    with pytest.raises(exceptions.FailedPrecondition):
        client.update_secret(secret={"name": token, "etag": before.etag}, update_mask={"paths": ["labels"]})
    with pytest.raises(exceptions.InvalidArgument):
        client.update_secret(secret={"name": token}, update_mask={"paths": ["replication"]})


@pytest.mark.parametrize("aliases", [{"latest": 1}, {"1st": 1}, {"live": 2}])
def test_an_alias_must_be_a_name_for_an_existing_version(client: Any, token: str, aliases: dict[str, int]) -> None:
    add(client, token, b"one")
    with pytest.raises(exceptions.InvalidArgument, match="alias"):
        client.update_secret(secret={"name": token, "version_aliases": aliases}, update_mask={"paths": ["version_aliases"]})


def test_a_deleted_secret_takes_its_versions_along(client: Any, token: str) -> None:
    add(client, token, b"one")
    client.delete_secret(name=token)
    with pytest.raises(exceptions.NotFound):
        access(client, f"{token}/versions/1")
    client.create_secret(parent=PROJECT, secret_id="hubspot-token", secret=AUTOMATIC)
    assert add(client, token, b"new") == f"{token}/versions/1"


def test_a_secret_with_a_time_to_live_expires_on_the_suites_clock(client: Any, clock: Clock) -> None:
    secret = client.create_secret(parent=PROJECT, secret_id="brief", secret=AUTOMATIC | {"ttl": timedelta(hours=1)})
    clock.advance(timedelta(minutes=59))
    assert client.get_secret(name=secret.name).expire_time == clock.now() + timedelta(minutes=1)
    clock.advance(timedelta(minutes=1))
    with pytest.raises(exceptions.NotFound):
        client.get_secret(name=secret.name)


def test_state_survives_a_dump_and_a_load(client: Any, token: str, emulator: SecretManagerEmulator) -> None:
    add(client, token, b"\x00one")
    dumped = emulator.dump()
    emulator.reset()
    assert list(client.list_secrets(parent=PROJECT)) == []
    emulator.load(dumped)
    assert access(client, f"{token}/versions/latest") == b"\x00one"
    assert add(client, token, b"two") == f"{token}/versions/2"


def test_versions_added_at_once_get_different_numbers(client: Any, token: str) -> None:
    threads = [threading.Thread(target=add, args=(client, token, b"x")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {version.name for version in client.list_secret_versions(parent=token)} == {
        f"{token}/versions/{number}" for number in range(1, 9)
    }


def test_a_fault_may_take_the_answer_after_the_version_was_added(client: Any, token: str, emulator: SecretManagerEmulator) -> None:
    emulator.faults.add(Fault("secretmanager.AddSecretVersion", Kind.DROP_AFTER, times=1))
    with pytest.raises(exceptions.ServiceUnavailable):
        client.add_secret_version(parent=token, payload={"data": b"one"}, retry=None)
    assert access(client, f"{token}/versions/latest") == b"one"
