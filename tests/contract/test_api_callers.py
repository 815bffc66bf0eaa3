"""Callers of the API over real wires: identity tokens as Google's issuer signs them, and limits that instances share through Firestore."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Thread

import pytest

from emulators.clock import Clock
from emulators.oidc.routes import OidcEmulator
from emulators.serving import HttpServer
from shared.domain.allowance import Limit
from shared.domain.roles import Role
from shared.domain.tokens import token_digest
from shared.domain.workspace import ApiTokenRoute, SignInRoute, sign_in_id
from shared.gcp.oidc import GoogleIdentities
from shared.ports.errors import Rejected, Transient
from shared.ports.requests import Caller, Incoming
from shared.resilience.allowances import Allowances
from shared.runtime.api_callers import ApiCallers
from shared.runtime.settings import Settings
from tests.builders import MONDAY, OPERATOR, WORKSPACE
from tests.contract.stores import ServedFirestore, served_firestore

API, CLIENT = "https://public.example/api", "1234.apps.googleusercontent.com"
PERSON = "maria@northwind.example"


@pytest.fixture(scope="module")
def firestore() -> Iterator[ServedFirestore]:
    with served_firestore() as served:
        yield served


@pytest.fixture(scope="module")
def issuer() -> Iterator[tuple[OidcEmulator, str]]:
    emulator = OidcEmulator(Clock(frozen_at=MONDAY))
    with HttpServer(emulator) as server:
        yield emulator, server.url


class Doors:
    """Two instances of the API; `verify_token_signature` is off as it is behind the platform, which never sees the API's tokens."""

    def __init__(self, firestore: ServedFirestore, issuer: OidcEmulator, url: str) -> None:
        firestore.renew()
        self.issuer, self.clock = issuer, firestore.clock
        told = {"oidc_certs_url": f"{url}/oauth2/v1/certs", "public_url": "https://public.example", "api_audiences": f"other, {CLIENT}"}
        settings = Settings(**told, verify_token_signature=False)
        given = {"settings": settings, "store": firestore.store, "clock": firestore.clock}
        identities = GoogleIdentities(settings=settings, clock=firestore.clock)
        self.instances = [ApiCallers(**given, google_identities=identities) for _ in range(2)]
        account = SignInRoute(id=sign_in_id(PERSON), workspace_id=WORKSPACE, operator_id=OPERATOR, role=Role.OPERATOR)
        for route in (account, ApiTokenRoute(id=token_digest("good"), workspace_id=WORKSPACE, label="laptop")):
            firestore.store.add_route(route=route)

    def check(self, token: str, *, at: int = 0, address: str = "203.0.113.7") -> Caller:
        headers = {"authorization": f"Bearer {token}", "x-forwarded-for": address}
        return self.instances[at].check(Incoming("GET", f"{API}/runs", "/runs", {}, headers, b""))

    def status(self, token: str, *, at: int = 0, address: str = "203.0.113.7") -> int:
        try:
            self.check(token, at=at, address=address)
        except Rejected as refused:
            return refused.status
        return 200


@pytest.fixture
def doors(firestore: ServedFirestore, issuer: tuple[OidcEmulator, str]) -> Doors:
    return Doors(firestore, *issuer)


@pytest.mark.parametrize("audience", [API, CLIENT])
def test_an_account_we_know_is_let_in_with_a_token_for_us(doors: Doors, audience: str):
    assert doors.check(doors.issuer.token(audience=audience, email=PERSON)).name == OPERATOR


@pytest.mark.parametrize(
    ("audience", "email"), [("https://public.example", PERSON), (f"{API}/runs", PERSON), ("", PERSON), (API, "eve@elsewhere.example")]
)
def test_a_token_for_somebody_else_or_of_somebody_else_opens_nothing(doors: Doors, audience: str, email: str):
    assert doors.status(doors.issuer.token(audience=audience, email=email)) == 401


def test_a_token_that_was_changed_or_lost_its_signature_opens_nothing(doors: Doors):
    """The platform strips signatures of tokens it has checked; of these it has checked none."""
    head, claims, signature = doors.issuer.token(audience=API, email=PERSON).split(".")
    for forged in (f"{head}.{claims}.", f"{head}.{claims}.SIGNATURE_REMOVED_BY_GOOGLE", f"{head}.{claims}x.{signature}", "a.b.c"):
        assert doors.status(forged) == 401


def test_instances_share_what_was_guessed_and_asked(doors: Doors):
    assert [doors.status(f"guess-{number}", at=number % 2) for number in range(7)] == [401] * 5 + [429] * 2
    assert doors.status("good") == 429
    doors.clock.advance(timedelta(minutes=1))
    told = [doors.status("good", at=number % 2) for number in range(120)]
    assert 96 <= told.count(200) <= 100


def test_many_who_ask_at_once_get_no_more_than_is_allowed(firestore: ServedFirestore):
    firestore.renew()
    limit = Limit(name="requests", units=20, window=timedelta(minutes=1), block=2)
    instances = [Allowances(limit, store=firestore.store, clock=firestore.clock) for _ in range(3)]
    given: list[int] = []

    def ask(at: int) -> None:
        for _ in range(12):
            try:
                instances[at].take("token", None)
                given.append(at)
            except Rejected:
                return
            except Transient:  # what cannot be counted is not given
                continue

    threads = [Thread(target=ask, args=(number % 3,)) for number in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(given) == 20
