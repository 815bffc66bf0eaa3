"""The issuer against google-auth, which verifies identity tokens in production."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import google.auth.transport.requests
import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from google.auth.exceptions import GoogleAuthError
from google.oauth2 import id_token

from emulators.clock import Clock
from emulators.oidc.routes import OidcEmulator
from emulators.serving import HttpServer

AUDIENCE = "https://plan.example/hook?x=1"
ACCOUNT = "pushes@sdr.iam.example"


@pytest.fixture(scope="module")
def issuer() -> OidcEmulator:
    return OidcEmulator(Clock(frozen_at=datetime(2019, 1, 1, tzinfo=UTC)))


@pytest.fixture(scope="module")
def url(issuer: OidcEmulator) -> Iterator[str]:
    with HttpServer(issuer) as server:
        yield server.url


def verified(token: str, url: str, audience: str = AUDIENCE) -> dict:
    request = google.auth.transport.requests.Request()
    try:
        return dict(id_token.verify_token(token, request, audience, certs_url=f"{url}/oauth2/v1/certs"))
    finally:
        request.session.close()


def test_google_auth_accepts_a_minted_token_whatever_the_suites_clock_says(issuer: OidcEmulator, url: str) -> None:
    claims = verified(issuer.token(audience=AUDIENCE, email=ACCOUNT), url)
    assert claims["aud"] == AUDIENCE
    assert claims["email"] == ACCOUNT
    assert claims["email_verified"] is True
    assert claims["iss"] == "https://accounts.google.com"
    assert claims["sub"] == claims["azp"]
    assert claims["sub"].isdigit()
    assert claims["exp"] - claims["iat"] == 3600


def test_google_auth_refuses_another_audience(issuer: OidcEmulator, url: str) -> None:
    with pytest.raises(GoogleAuthError, match="wrong audience"):
        verified(issuer.token(audience=AUDIENCE, email=ACCOUNT), url, "https://draft.example")


def test_google_auth_refuses_a_token_of_another_issuers_key(url: str) -> None:
    stranger = OidcEmulator(Clock())
    with pytest.raises(GoogleAuthError):
        verified(stranger.token(audience=AUDIENCE, email=ACCOUNT), url)


def test_the_key_set_verifies_the_same_token(issuer: OidcEmulator, url: str) -> None:
    token = issuer.token(audience=AUDIENCE, email=ACCOUNT)
    signed, _, signature = token.rpartition(".")
    header = json.loads(decoded(signed.split(".")[0]))
    key = next(key for key in httpx.get(f"{url}/oauth2/v3/certs").json()["keys"] if key["kid"] == header["kid"])
    numbers = rsa.RSAPublicNumbers(e=int.from_bytes(decoded(key["e"]), "big"), n=int.from_bytes(decoded(key["n"]), "big"))
    numbers.public_key().verify(decoded(signature), signed.encode(), padding.PKCS1v15(), SHA256())
    assert (key["kty"], key["alg"], key["use"]) == ("RSA", "RS256", "sig")


def test_the_token_endpoint_mints_from_a_form_and_from_json(url: str) -> None:
    for body in ({"data": {"audience": AUDIENCE, "email": ACCOUNT}}, {"json": {"audience": AUDIENCE, "email": ACCOUNT}}):
        answer = httpx.post(f"{url}/token", **body)
        assert verified(answer.json()["id_token"], url)["email"] == ACCOUNT


@pytest.mark.parametrize("body", [{"json": {"audience": AUDIENCE}}, {"data": {"email": ACCOUNT}}, {"json": [1]}, {"json": {"email": 3}}])
def test_the_token_endpoint_says_what_is_missing(url: str, body: dict) -> None:
    answer = httpx.post(f"{url}/token", **body)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"


def test_the_token_endpoint_refuses_a_body_that_is_not_json(url: str) -> None:
    assert httpx.post(f"{url}/token", content=b"{", headers={"Content-Type": "application/json"}).status_code == 400


def test_the_configuration_points_at_routes_that_answer(url: str) -> None:
    configuration = httpx.get(f"{url}/.well-known/openid-configuration").json()
    assert httpx.get(configuration["jwks_uri"]).json()["keys"]
    assert configuration["token_endpoint"] == f"{url}/token"
    assert configuration["issuer"] == "https://accounts.google.com"


def test_the_certificate_is_valid_now(issuer: OidcEmulator, url: str) -> None:
    from cryptography import x509

    (pem,) = httpx.get(f"{url}/oauth2/v1/certs").json().values()
    certificate = x509.load_pem_x509_certificate(pem.encode())
    now = datetime.now(UTC)
    assert certificate.not_valid_before_utc < now < certificate.not_valid_after_utc - timedelta(days=365)


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_an_access_token_tells_whose_it_is_and_what_it_allows() -> None:
    emulator = OidcEmulator(Clock())
    token = emulator.access_token(scope="https://www.googleapis.com/auth/cloud-platform", email="calls@sdr.iam.example")
    with HttpServer(emulator) as server:
        told = httpx.get(f"{server.url}/tokeninfo", params={"access_token": token}).json()
        assert (told["email"], told["scope"]) == ("calls@sdr.iam.example", "https://www.googleapis.com/auth/cloud-platform")
        assert 3500 < int(told["expires_in"]) <= 3600
        for other in (token[:-3] + "abc", "ya29.c.x", "", emulator.token(audience="x", email="y")):
            refused = httpx.get(f"{server.url}/tokeninfo", params={"access_token": other})
            assert (refused.status_code, refused.json()["error"]) == (400, "invalid_token")
