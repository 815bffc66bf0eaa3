"""Signing in to the console: the cookie of the embedded suite, who vouches, and which operator an address is."""

from datetime import timedelta

import pytest

from shared.domain.audit import ActorKind
from shared.domain.roles import Role
from shared.domain.workspace import SignInRoute, sign_in_id
from shared.ports.errors import Rejected
from shared.ports.requests import Caller, Incoming
from shared.runtime.local_sign_in import GOOD_FOR, LocalSignIn
from shared.runtime.operator_sign_in import OperatorSignIn
from shared.runtime.settings import Settings, SettingsError, load_settings
from tests.builders import OPERATOR, WORKSPACE
from tests.fakes.clock import CountingIds, FixedClock
from tests.fakes.store import MemoryStore

MARIA = "maria@northwind.example"


def a_sign_in(**settings: str) -> LocalSignIn:
    return LocalSignIn(settings=Settings(**settings), clock=FixedClock(), ids=CountingIds())


def with_cookie(header: str) -> Incoming:
    return Incoming(method="GET", url="", path="", query={}, headers={"cookie": header.partition(";")[0]}, body=b"")


def test_a_cookie_of_ours_signs_in_until_it_is_too_old():
    door = a_sign_in()
    cookie = door.cookie_for(MARIA)
    assert door.address_of(with_cookie(cookie)) == MARIA
    door._clock.advance(GOOD_FOR - timedelta(seconds=1))
    assert door.address_of(with_cookie(cookie)) == MARIA
    door._clock.advance(timedelta(seconds=1))
    with pytest.raises(Rejected) as refused:
        door.address_of(with_cookie(cookie))
    assert refused.value.status == 401


@pytest.mark.parametrize("header", ["", "console=", "console=x", "console=x.y", "console=é.é", "other=1", "console=bWFyaWE."])
def test_a_cookie_nobody_of_us_has_signed_is_none(header: str):
    with pytest.raises(Rejected):
        a_sign_in().address_of(with_cookie(header))


def test_a_cookie_for_another_address_needs_another_signature():
    door = a_sign_in()
    mine, _, signature = door.cookie_for(MARIA).partition(";")[0].partition(".")
    other = door.cookie_for("jo@northwind.example").partition(";")[0].partition(".")[0]
    assert door.address_of(with_cookie(f"{mine}.{signature}")) == MARIA
    with pytest.raises(Rejected):
        door.address_of(with_cookie(f"{other}.{signature}"))


def test_a_script_never_sees_the_cookie_and_over_https_it_is_the_hosts_alone():
    plain, safe = (
        a_sign_in(public_url="http://127.0.0.1:8080").cookie_for(MARIA),
        a_sign_in(public_url="https://x.example").cookie_for(MARIA),
    )
    assert all("HttpOnly" in one and "SameSite=Lax" in one and "Path=/" in one for one in (plain, safe))
    assert safe.startswith("__Host-console=")
    assert safe.endswith("; Secure")
    assert plain.startswith("console=")


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_outside_the_suite_nothing_starts_with_local_sign_in(environment: str):
    with pytest.raises(SettingsError, match="SALES_AGENT_CONSOLE_SIGN_IN"):
        load_settings({"SALES_AGENT_ENVIRONMENT": environment, "SALES_AGENT_CONSOLE_SIGN_IN": "local"})
    with pytest.raises(SettingsError):
        a_sign_in(environment=environment)


class Voucher:
    def __init__(self, address: str) -> None:
        self._address = address

    def address_of(self, incoming: Incoming) -> str:
        return self._address


def signed_in(address: str, *, way: str = "iap", vouched_by_other: str = "nobody@else.example") -> Caller:
    store = MemoryStore()
    store.add_route(route=SignInRoute(id=sign_in_id(MARIA), workspace_id=WORKSPACE, operator_id=OPERATOR))
    asked, other = Voucher(address), Voucher(vouched_by_other)
    ways = {"iap_assertions": asked, "local_sign_in": other} if way == "iap" else {"iap_assertions": other, "local_sign_in": asked}
    return OperatorSignIn(settings=Settings(console_sign_in=way), store=store, **ways).check(with_cookie(""))


@pytest.mark.parametrize("way", ["iap", "local"])
def test_an_address_leads_to_its_operator_and_workspace(way: str):
    assert signed_in(f" {MARIA.upper()}", way=way) == Caller(OPERATOR, WORKSPACE, Role.OPERATOR, ActorKind.PERSON)


def test_an_address_of_nobody_is_turned_away():
    with pytest.raises(Rejected) as refused:
        signed_in("nobody@northwind.example")
    assert refused.value.status == 403
