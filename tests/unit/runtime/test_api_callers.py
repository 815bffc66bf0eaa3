"""Who reads the API: a bearer token opens one workspace, anything else opens nothing and is answered alike."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.allowance import Allowance
from shared.domain.audit import ActorKind
from shared.domain.ids import OperatorId
from shared.domain.roles import Role
from shared.domain.tokens import token_digest
from shared.domain.workspace import ApiTokenRoute, HookRoute, SignInRoute, sign_in_id
from shared.ports.errors import Rejected
from shared.ports.requests import Caller, Incoming
from shared.runtime.api_callers import ApiCallers, client_address, network_of
from shared.runtime.settings import Settings
from tests.answering import BUSY, Vouched
from tests.builders import OPERATOR, WORKSPACE, at
from tests.confidential import planted
from tests.fakes.clock import FixedClock
from tests.fakes.store import MemoryStore

TOKEN = planted("API token")


PERSON, ROBOT = "maria@northwind.example", "nightly@crm.iam.gserviceaccount.com"


class Instances:
    """Several instances of the API over one store, and the clock they share."""

    def __init__(self, settings: Settings = BUSY, *, instances: int = 1) -> None:
        self.store, self.clock, self.accounts = MemoryStore(), FixedClock(at()), Vouched()
        self.store.add_route(route=ApiTokenRoute(id=token_digest(TOKEN), workspace_id=WORKSPACE, label="console"))
        self.store.add_route(route=HookRoute(id=token_digest("a hook's token"), workspace_id=WORKSPACE))
        for address, operator in ((PERSON, OPERATOR), (ROBOT, "")):
            self.accounts.addresses[f"header.{len(address)}.signature"] = address
            account = SignInRoute(id=sign_in_id(address), workspace_id=WORKSPACE, operator_id=OperatorId(operator), role=Role.ADMIN)
            self.store.add_route(route=account)
        given = {"settings": settings, "store": self.store, "clock": self.clock, "google_identities": self.accounts}
        self.instances = [ApiCallers(**given) for _ in range(instances)]

    def check(self, header: str | None, *, at: int = 0, address: str = "203.0.113.7") -> Caller:
        return self.instances[at].check(asked(header, address))

    def status(self, header: str, *, at: int = 0, address: str = "203.0.113.7") -> int:
        """200 for whoever is let in."""
        try:
            self.check(header, at=at, address=address)
        except Rejected as refused:
            return refused.status
        return 200


@pytest.fixture(scope="module")
def tokens() -> Instances:
    return Instances()


def asked(authorization: str | None, address: str = "203.0.113.7", **headers: str) -> Incoming:
    given = {} if authorization is None else {"authorization": authorization}
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    url = "https://public.example/api/runs"
    return Incoming("GET", url, "/runs", {}, {"x-forwarded-for": address, **told, **given}, b"", peer="10.0.0.1")


@pytest.mark.parametrize("header", [f"Bearer {TOKEN}", f"bearer {TOKEN}", f"BEARER  {TOKEN} "])
def test_a_known_token_opens_its_workspace(tokens: Instances, header: str):
    assert tokens.check(header) == Caller(name="console", workspace_id=WORKSPACE, role=Role.VIEWER)


@pytest.mark.parametrize(("address", "name", "kind"), [(PERSON, OPERATOR, ActorKind.PERSON), (ROBOT, ROBOT, ActorKind.SERVICE)])
def test_a_google_account_opens_the_workspace_that_knows_it(tokens: Instances, address: str, name: str, kind: ActorKind):
    assert tokens.check(f"Bearer header.{len(address)}.signature") == Caller(name, WORKSPACE, Role.ADMIN, kind)


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {token_digest(TOKEN)}", "Bearer a hook's token"],
)
def test_everything_else_opens_nothing(tokens: Instances, header: str | None):
    with pytest.raises(Rejected) as refused:
        tokens.check(header)
    assert (refused.value.status, refused.value.field, refused.value.detail) == (401, "authorization", "a workspace token is required")
    assert refused.value.headers == {"WWW-Authenticate": "Bearer"}


@given(st.text(max_size=60))
def test_no_guess_is_more_than_refused(guess: str):
    with pytest.raises(Rejected):
        Instances().check(f"Bearer {guess}")


# How often


def test_who_guesses_is_let_in_no_more_for_a_while_with_the_right_token_too():
    world = Instances(Settings(), instances=2)
    assert [world.status(f"Bearer guess-{number}", at=number % 2) for number in range(7)] == [401] * 5 + [429] * 2
    assert world.status(f"Bearer {TOKEN}") == 429
    assert world.status(f"Bearer {TOKEN}", address="198.51.100.1") == 200
    world.clock.advance(timedelta(seconds=60))
    assert world.status(f"Bearer {TOKEN}", at=1) == 200


def test_guesses_at_google_accounts_count_alike():
    world = Instances(Settings())
    tries = [f"Bearer header.{number}.forged" for number in range(6)]
    assert [world.status(one) for one in tries] == [401] * 5 + [429]


def test_who_shows_no_token_at_all_guesses_nothing():
    world = Instances(Settings())
    assert [world.status("") for _ in range(20)] == [401] * 20
    assert world.store.trips == []


def test_a_guess_leaves_no_document_of_its_own_behind():
    """Else whoever guesses could fill the store."""
    world = Instances(Settings())
    for number in range(20):
        world.status(f"Bearer guess-{number}")
    assert len(world.store.everything(Allowance)) == 1


@given(st.lists(st.integers(0, 1), min_size=120, max_size=140), st.booleans())
def test_one_token_asks_no_more_than_it_may_at_any_of_two_instances(order: list[int], from_everywhere: bool):
    world = Instances(Settings(), instances=2)
    address = (lambda number: f"203.0.113.{number}") if from_everywhere else (lambda _: "203.0.113.7")
    told = [world.status(f"Bearer {TOKEN}", at=one, address=address(number)) for number, one in enumerate(order)]
    assert 96 <= told.count(200) <= 100
    assert set(told) <= {200, 429}
    assert world.status("Bearer header.23.signature") == 200  # others are not kept
    world.clock.advance(timedelta(seconds=70))
    assert world.status(f"Bearer {TOKEN}") == 200


def test_letting_in_waits_once_and_for_a_new_block_twice():
    """The limits are read beside the token; 4 of 5 requests write nothing."""
    world = Instances(Settings())
    for _ in range(5):
        world.check(f"Bearer {TOKEN}")
    assert (world.store.trips.count("get"), world.store.trips.count("read"), world.store.trips.count("commit")) == (5, 5, 1)
    assert sum(len(one.ids) for one in world.store.asked if one.call == "read") == 6  # of the token's own limit only the first time


# From where


@pytest.mark.parametrize(
    ("told", "hops", "address"),
    [
        ("203.0.113.7", 1, "203.0.113.7"),
        ("1.1.1.1, 203.0.113.7", 1, "203.0.113.7"),  # the first is only said
        ("1.1.1.1, 203.0.113.7, 35.191.0.1", 2, "203.0.113.7"),  # a load balancer names itself last
        ("203.0.113.7", 2, "203.0.113.7"),  # who comes around the load balancer
        ("1.1.1.1", 0, "10.0.0.1"),
        ("", 1, "10.0.0.1"),
        (" , ", 1, "10.0.0.1"),
    ],
)
def test_the_address_is_the_one_our_own_proxies_saw(told: str, hops: int, address: str):
    assert client_address(asked(None, told), hops=hops) == address


@given(st.lists(st.ip_addresses().map(str), max_size=5))
def test_whatever_somebody_says_of_themselves_the_address_stays(said: list[str]):
    assert client_address(asked(None, ", ".join([*said, "203.0.113.7"])), hops=1) == "203.0.113.7"


def test_whoever_has_one_address_of_a_network_of_ipv6_has_them_all():
    world = Instances(Settings())
    assert [world.status(f"Bearer {number}", address=f"2001:db8:1:2::{number}") for number in range(6)] == [401] * 5 + [429]
    assert world.status("Bearer x", address="2001:db8:1:3::1") == 401
    assert network_of("nonsense") == "nonsense"
