"""Identity tokens as Google's issuer signs them: who may call an internal function, and what happens while keys cannot be read."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from emulators.clock import Clock
from emulators.faults import Fault, Kind
from emulators.oidc.routes import OidcEmulator
from emulators.serving import HttpServer
from shared.gcp.oidc import IdentityTokens
from shared.ports.errors import Rejected, Transient
from shared.ports.requests import Caller, Incoming
from shared.runtime.settings import Settings
from tests.builders import MONDAY
from tests.fakes.clock import FixedClock

URL = "https://internal.example/plan"
INVOKER = "invoker@sales-agent-local.iam.gserviceaccount.com"


class Gate:
    def __init__(self, issuer: OidcEmulator, url: str) -> None:
        self.issuer, self.clock = issuer, FixedClock()
        self.tokens = IdentityTokens(settings=Settings(oidc_certs_url=f"{url}/oauth2/v1/certs"), clock=self.clock)

    def check(self, token: str, *, url: str = URL) -> Caller:
        return self.tokens.check(Incoming("POST", url, "", {}, {"authorization": f"Bearer {token}"}, b""))

    def token(self, *, audience: str = URL, email: str = INVOKER) -> str:
        return self.issuer.token(audience=audience, email=email)

    def fail(self, kind: Kind = Kind.STATUS) -> None:
        self.issuer.faults.add(Fault(route="oidc.certs.pem", kind=kind))

    @property
    def readings(self) -> int:
        return sum(call.route == "oidc.certs.pem" for call in self.issuer.calls)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[OidcEmulator, str]]:
    issuer = OidcEmulator(Clock(frozen_at=MONDAY))
    with HttpServer(issuer) as server:
        yield issuer, server.url


@pytest.fixture
def gate(served: tuple[OidcEmulator, str]) -> Gate:
    issuer, url = served
    issuer.faults.clear()
    issuer.calls.clear()
    return Gate(issuer, url)


def test_our_invoker_may_call_the_function_its_token_is_for(gate: Gate):
    assert gate.check(gate.token()) == Caller(name=INVOKER)
    assert gate.check(gate.token(), url=f"{URL}?tick=1") == Caller(name=INVOKER)


def test_a_token_for_another_function_does_not_open_this_one(gate: Gate):
    with pytest.raises(Rejected) as refused:
        gate.check(gate.token(audience="https://internal.example/draft"))
    assert refused.value.status == 401


def test_anybody_with_a_service_account_can_mint_our_audience_and_is_refused(gate: Gate):
    with pytest.raises(Rejected, match="somebody else's") as refused:
        gate.check(gate.token(email="curious@other-project.iam.gserviceaccount.com"))
    assert refused.value.status == 403


def test_a_token_signed_by_another_key_is_refused(gate: Gate):
    with pytest.raises(Rejected) as refused:
        gate.check(OidcEmulator(Clock()).token(audience=URL, email=INVOKER))
    assert refused.value.status == 401


@pytest.mark.parametrize("forged", ["payload", "signature", "half"])
def test_a_token_somebody_touched_is_refused(gate: Gate, forged: str):
    header, payload, signature = gate.token().split(".")
    other = gate.token(audience="https://internal.example/x").split(".")[1]
    touched = {
        "payload": f"{header}.{other}.{signature}",
        "signature": f"{header}.{payload}.{signature[::-1]}",
        "half": f"{header}.{payload}",
    }
    with pytest.raises(Rejected) as refused:
        gate.check(touched[forged])
    assert refused.value.status == 401


def test_keys_are_read_once_an_hour(gate: Gate):
    for _ in range(3):
        gate.check(gate.token())
    assert gate.readings == 1
    gate.clock.advance(timedelta(hours=1))
    gate.check(gate.token())
    assert gate.readings == 2
    gate.clock.advance(timedelta(days=-1))
    gate.check(gate.token())
    assert gate.readings == 3


@pytest.mark.parametrize("kind", [Kind.STATUS, Kind.DROP_BEFORE, Kind.MALFORMED])
def test_while_the_keys_cannot_be_read_callers_come_again(gate: Gate, kind: Kind):
    gate.fail(kind)
    with pytest.raises(Transient, match="key set") as away:
        gate.check(gate.token())
    assert away.value.source == "oidc"
    gate.issuer.faults.clear()
    assert gate.check(gate.token()) == Caller(name=INVOKER)


def test_keys_that_are_known_serve_while_the_issuer_is_away(gate: Gate):
    gate.check(gate.token())
    gate.fail()
    assert gate.check(gate.token()) == Caller(name=INVOKER)
