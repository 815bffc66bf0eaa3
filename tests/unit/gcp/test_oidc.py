"""Tokens whose signature the platform has checked and stripped: audience, issuer, time and account are still ours to check."""

import base64
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.gcp.oidc import IdentityTokens
from shared.ports.errors import Rejected
from shared.ports.requests import Caller, Incoming
from shared.runtime.settings import Settings
from tests.fakes.clock import FixedClock

URL = "https://internal.example/plan"
INVOKER = "invoker@sales-agent-local.iam.gserviceaccount.com"
TOKENS = IdentityTokens(settings=Settings(verify_token_signature=False), clock=FixedClock())
JSON = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=2)


def encoded(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def token(**claims: Any) -> str:
    now = int(time.time())
    usual = {
        "aud": URL,
        "iss": "https://accounts.google.com",
        "email": INVOKER,
        "email_verified": True,
        "iat": now - 60,
        "exp": now + 3000,
    }
    return f"{encoded({'alg': 'RS256'})}.{encoded({**usual, **claims})}.SIGNATURE_REMOVED_BY_GOOGLE"


def check(shown: str, *, url: str = URL) -> Caller:
    headers = {"authorization": f"Bearer {shown}"}
    return TOKENS.check(Incoming(method="POST", url=url, path="", query={}, headers=headers, body=b""))


def test_our_invokers_token_for_this_function_opens_it():
    assert check(token()) == Caller(name=INVOKER)
    assert check(token(iss="accounts.google.com")) == Caller(name=INVOKER)
    assert check(token(), url=f"{URL}?tick=1") == Caller(name=INVOKER)


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"aud": "https://internal.example/draft"}, 401),
        ({"aud": None}, 401),
        ({"exp": 1_000_000_000}, 401),
        ({"iat": 9_000_000_000, "exp": 9_000_003_600}, 401),
        ({"exp": "soon"}, 401),
        ({"iat": None}, 401),
        ({"iss": "https://accounts.example"}, 403),
        ({"email": "somebody@else.iam.gserviceaccount.com"}, 403),
        ({"email_verified": False}, 403),
        ({"email_verified": "true"}, 403),
    ],
    ids=lambda value: str(value),
)
def test_any_other_claim_is_refused(claims: dict[str, Any], status: int):
    with pytest.raises(Rejected) as refused:
        check(token(**claims))
    assert (refused.value.status, refused.value.field) == (status, "authorization")


@pytest.mark.parametrize(
    "shown", ["", "a", "a.b", "a.b.c", "...", f"x.{encoded([])}.y", f"x.{encoded('aud')}.y", f"x.{encoded(None)}.y", "a.é.c"]
)
def test_what_is_no_token_is_refused(shown: str):
    with pytest.raises(Rejected) as refused:
        check(shown)
    assert refused.value.status == 401


@given(st.text(max_size=30))
def test_no_text_opens_anything_or_breaks_the_check(shown: str):
    with pytest.raises(Rejected):
        check(shown)


@given(st.dictionaries(st.sampled_from(["aud", "iss", "email", "email_verified", "iat", "exp"]), JSON, min_size=1))
def test_no_odd_claim_opens_anything_or_breaks_the_check(claims: dict[str, Any]):
    with pytest.raises(Rejected):
        check(token(**{"email": None, **claims}))


def test_without_a_bearer_token_nobody_is_let_in():
    for header in ({}, {"authorization": ""}, {"authorization": "Bearer"}, {"authorization": f"Basic {token()}"}):
        with pytest.raises(Rejected, match="required") as refused:
            TOKENS.check(Incoming(method="POST", url=URL, path="", query={}, headers=header, body=b""))
        assert refused.value.status == 401
