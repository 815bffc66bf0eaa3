"""The Secrets port on Secret Manager: the latest version by name, kept for an hour, failures of known families."""

from collections.abc import Iterator
from datetime import timedelta

import grpc
import pytest
from google.cloud import secretmanager_v1
from google.cloud.secretmanager_v1.services.secret_manager_service.transports import SecretManagerServiceGrpcTransport

from emulators.clock import Clock
from emulators.faults import Fault, Kind
from emulators.secretmanager.routes import SecretManagerEmulator
from emulators.serving import GrpcServer
from shared.gcp.secret_manager import SecretManager
from shared.gcp.secret_safe import SecretManagerSafe
from shared.ports.errors import NotFound, Transient
from shared.runtime.settings import Settings
from tests.builders import MONDAY
from tests.fakes.clock import CountingIds, FixedClock

PROJECT = "projects/sales-agent-local"


class Safe:
    """The adapter, the emulator behind it, and the operator's way to put secrets in."""

    def __init__(self, emulator: SecretManagerEmulator, address: str, channel: grpc.Channel) -> None:
        self.emulator, self.address, self.clock = emulator, address, FixedClock()
        self._client = secretmanager_v1.SecretManagerServiceClient(transport=SecretManagerServiceGrpcTransport(channel=channel))
        self.secrets = SecretManager(settings=Settings(secrets_emulator_host=address), clock=self.clock, ids=CountingIds())

    def add(self, value: str, *, name: str = "hubspot-northwind") -> None:
        self._client.add_secret_version(parent=f"{PROJECT}/secrets/{name}", payload={"data": value.encode()})

    def create(self, value: str, *, name: str = "hubspot-northwind") -> None:
        self._client.create_secret(parent=PROJECT, secret_id=name, secret={"replication": {"automatic": {}}})
        self.add(value, name=name)

    def get(self, name: str = "hubspot-northwind") -> str:
        return self.secrets.get(name=name)

    def fail(self, kind: Kind = Kind.STATUS, *, code: str = "UNAVAILABLE", times: int | None = None) -> None:
        self.emulator.faults.add(Fault(route="secretmanager.AccessSecretVersion", kind=kind, body=code, times=times))


@pytest.fixture
def safe() -> Iterator[Safe]:
    emulator = SecretManagerEmulator(Clock(frozen_at=MONDAY))
    server = GrpcServer([emulator], workers=4).start()
    with grpc.insecure_channel(server.address) as channel:
        yield Safe(emulator, server.address, channel)
    server.stop()


def test_a_secret_is_read_by_name_in_its_latest_version(safe: Safe):
    safe.create("old")
    safe.add("pät-1")
    safe.create("other", name="gmail-maria")
    assert (safe.get(), safe.get("gmail-maria")) == ("pät-1", "other")


def test_a_secret_is_kept_for_an_hour_and_then_read_anew(safe: Safe):
    safe.create("old")
    safe.get()
    safe.add("new")
    safe.clock.advance(timedelta(minutes=59, seconds=59))
    assert safe.get() == "old"
    safe.clock.advance(timedelta(seconds=1))
    assert safe.get() == "new"


def test_a_refused_secret_is_looked_up_again_but_no_more_than_once_a_minute(safe: Safe):
    safe.create("old")
    safe.get()
    safe.add("new")
    safe.clock.advance(timedelta(seconds=59))
    assert safe.secrets.newer(name="hubspot-northwind", than="old") is None
    safe.clock.advance(timedelta(seconds=1))
    assert safe.secrets.newer(name="hubspot-northwind", than="old") == "new"
    assert safe.get() == "new"
    assert safe.secrets.newer(name="hubspot-northwind", than="old") == "new"  # somebody else was refused just before


def test_a_clock_that_jumps_back_does_not_keep_a_secret_longer(safe: Safe):
    safe.create("old")
    safe.get()
    safe.add("new")
    safe.clock.advance(timedelta(days=-1))
    assert safe.get() == "new"


def test_a_secret_nobody_put_in_is_not_found_and_that_is_not_kept(safe: Safe):
    with pytest.raises(NotFound, match="secret hubspot-northwind does not exist"):
        safe.get()
    safe.create("there now")
    assert safe.get() == "there now"


@pytest.mark.parametrize("code", ["UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "INTERNAL"])
def test_a_safe_that_is_away_for_a_moment_is_asked_again(safe: Safe, code: str):
    safe.create("value")
    safe.fail(code=code, times=3)
    assert (safe.get(), len(safe.clock.pauses)) == ("value", 3)


def test_a_safe_that_stays_away_is_transient_and_shows_no_value(safe: Safe):
    safe.create("value-nobody-should-see")
    safe.fail()
    with pytest.raises(Transient, match="not available") as away:
        safe.get()
    assert (away.value.source, "value-nobody" in f"{away.value.raw} {away.value!r} {vars(safe.secrets)}") == ("secretmanager", False)


def test_while_a_secret_is_kept_the_safe_may_be_away(safe: Safe):
    safe.create("value")
    safe.get()
    safe.fail()
    assert safe.get() == "value"


@pytest.fixture
def keeper(safe: Safe) -> SecretManagerSafe:

    return SecretManagerSafe(settings=Settings(secrets_emulator_host=safe.address), clock=safe.clock, ids=CountingIds())


def test_a_new_version_is_read_by_everybody_and_older_ones_are_destroyed(safe: Safe, keeper: SecretManagerSafe):
    assert keeper.create(name="hubspot-northwind")
    assert not keeper.create(name="hubspot-northwind")
    assert [keeper.add(name="hubspot-northwind", value=one) for one in ("a", "b", "c")] == [1, 2, 3]
    keeper.retire(name="hubspot-northwind", below=3)
    keeper.retire(name="hubspot-northwind", below=3)
    assert safe.get() == "c"
    states = [safe.emulator.engine.get_secret_version(_named(number)).state for number in (1, 2, 3)]
    assert [str(secretmanager_v1.SecretVersion.State(one).name) for one in states] == ["DESTROYED", "DESTROYED", "ENABLED"]


def test_a_secret_that_holds_nothing_any_more_is_as_if_it_were_not_there(safe: Safe, keeper: SecretManagerSafe):
    safe.create("a")
    keeper.retire(name="hubspot-northwind", below=2)
    with pytest.raises(NotFound, match="holds nothing any more"):
        safe.get()


def test_nothing_is_kept_in_a_secret_nobody_has_made(keeper: SecretManagerSafe):
    with pytest.raises(NotFound, match="secret nowhere does not exist"):
        keeper.add(name="nowhere", value="a")


def _named(number: int) -> object:
    return secretmanager_v1.GetSecretVersionRequest.pb()(name=f"{PROJECT}/secrets/hubspot-northwind/versions/{number}")
