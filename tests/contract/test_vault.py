"""The Vault port on a locked bucket: kept once, for good, however often and badly the network answers; once more for the tests' own."""

from collections.abc import Iterator

import httpx
import pytest

from emulators.clock import Clock
from emulators.faults import Fault, Kind
from emulators.serving import HttpServer
from emulators.storage.routes import StorageEmulator
from shared.gcp.locked_bucket import LockedBucket
from shared.ports.errors import NotFound, Permanent, Transient
from shared.ports.vault import Vault
from shared.runtime.settings import Settings
from tests.builders import MONDAY
from tests.fakes.clock import CountingIds, FixedClock
from tests.fakes.vault import MemoryVault

BUCKET = "sales-agent-local-audit"


class Cloud:
    """The adapter and the emulator behind it."""

    def __init__(self, emulator: StorageEmulator, url: str) -> None:
        self.emulator, self.url = emulator, url
        self.vault = LockedBucket(settings=Settings(storage_url=url), clock=FixedClock(), ids=CountingIds())

    def fail(self, route: str, kind: Kind, **options: object) -> None:
        self.emulator.faults.add(Fault(route=f"storage.{route}", kind=kind, **options))


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    emulator = StorageEmulator(Clock(frozen_at=MONDAY))
    with HttpServer(emulator) as server:
        body = {"name": BUCKET, "retentionPolicy": {"retentionPeriod": "86400"}}
        httpx.post(f"{server.url}/storage/v1/b", params={"project": "p"}, json=body).raise_for_status()
        yield Cloud(emulator, server.url)


@pytest.fixture(params=["memory", "cloud"])
def vault(request: pytest.FixtureRequest) -> Vault:
    return MemoryVault() if request.param == "memory" else request.getfixturevalue("cloud").vault


def test_what_is_kept_is_found_as_the_last_of_its_shelf(vault: Vault) -> None:
    for number in (1, 2, 10):
        vault.keep(name=f"north/heads/{number:04d}.json", content=f"{number}".encode())
    vault.keep(name="south/heads/0099.json", content=b"south")
    assert vault.last(prefix="north/heads/") == b"10"
    assert vault.last(prefix="north/heads/", since="north/heads/0002.json") == b"10"
    assert vault.last(prefix="north/heads/", since="north/heads/0011.json") is None
    assert vault.last(prefix="west/") is None


def test_the_same_again_is_fine_and_something_else_is_refused(vault: Vault) -> None:
    vault.keep(name="a", content=b"1")
    vault.keep(name="a", content=b"1")
    with pytest.raises(Permanent, match="something else lies in the vault under a|something else lies under a"):
        vault.keep(name="a", content=b"2")
    assert vault.last(prefix="a") == b"1"


@pytest.mark.parametrize("kind", [Kind.DROP_AFTER, Kind.DROP_BEFORE, Kind.DUPLICATE])
def test_a_lost_answer_is_made_up_for_without_writing_twice(cloud: Cloud, kind: Kind) -> None:
    cloud.fail("objects.insert", kind, times=1)
    cloud.vault.keep(name="a", content=b"1")
    assert cloud.emulator.contents(BUCKET) == {"a": b"1"}


def test_every_write_says_that_it_must_be_the_first(cloud: Cloud) -> None:
    cloud.vault.keep(name="a", content=b"1")
    assert [call.query["ifGenerationMatch"] for call in cloud.emulator.calls if call.route == "storage.objects.insert"] == [["0"]]


def test_a_vault_that_is_away_is_transient_after_a_few_tries(cloud: Cloud) -> None:
    cloud.fail("objects.*", Kind.STATUS, status=503)
    with pytest.raises(Transient):
        cloud.vault.keep(name="a", content=b"1")
    with pytest.raises(Transient):
        cloud.vault.last(prefix="a")


def test_a_refusal_is_permanent_and_not_repeated(cloud: Cloud) -> None:
    cloud.fail("objects.insert", Kind.STATUS, status=403)
    with pytest.raises(Permanent, match="Cloud Storage refuses: 403"):
        cloud.vault.keep(name="a", content=b"1")
    assert len([call for call in cloud.emulator.calls if call.route == "storage.objects.insert"]) == 1


def test_a_bucket_that_does_not_exist_is_told(cloud: Cloud) -> None:
    other = LockedBucket(settings=Settings(storage_url=cloud.url, audit_bucket="nobodys"), clock=FixedClock(), ids=CountingIds())
    with pytest.raises(NotFound):
        other.keep(name="a", content=b"1")


def test_nobody_listens_is_transient() -> None:
    nobody = LockedBucket(settings=Settings(storage_url="http://127.0.0.1:9"), clock=FixedClock(), ids=CountingIds())
    with pytest.raises(Transient, match="ConnectError"):
        nobody.last(prefix="a")


def test_an_answer_that_is_broken_off_is_asked_for_again(cloud: Cloud) -> None:
    cloud.vault.keep(name="a", content=b"1")
    cloud.fail("objects.list", Kind.MALFORMED, times=1)
    assert cloud.vault.last(prefix="a") == b"1"


def test_pages_are_followed_to_the_last_name(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emulators.storage.responses.MOST_LISTED", 2)
    for number in range(5):
        cloud.vault.keep(name=f"heads/{number}", content=f"{number}".encode())
    assert cloud.vault.last(prefix="heads/") == b"4"
