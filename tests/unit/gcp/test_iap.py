"""Identity-Aware Proxy's assertions: only a fresh one, signed with ES256 by Google's keys, for us, names anybody."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from google.auth import crypt, jwt
from google.auth.crypt import es256

from shared.gcp.iap import HEADER, ISSUER, ProxyAssertions
from shared.ports.errors import Rejected, Transient
from shared.ports.requests import Incoming
from shared.runtime.settings import Settings
from tests.fakes.clock import FixedClock

AUDIENCE = "/projects/123/locations/europe-west1/services/console"
KEY, OTHER_KEY = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: Any) -> str:
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def private(key: Any) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"k1": pem(KEY), "rsa": pem(RSA_KEY)}))
    return path


def assertion(*, key: Any = KEY, key_id: str = "k1", **claims: Any) -> str:
    now = int(time.time())
    usual = {"iss": ISSUER, "aud": AUDIENCE, "email": "mara@tidewater.example", "sub": "1", "iat": now - 10, "exp": now + 500}
    sign = es256.ES256Signer.from_string if key is not RSA_KEY else crypt.RSASigner.from_string
    return jwt.encode(sign(private(key), key_id), {**usual, **claims}).decode()


def address(keys: Path, *, audience: str = AUDIENCE, **headers: str) -> str:
    proxy = ProxyAssertions(settings=Settings(console_audience=audience, iap_keys_url=keys.as_uri()), clock=FixedClock())
    return proxy.address_of(Incoming(method="GET", url="", path="", query={}, headers=headers, body=b""))


def test_a_valid_assertion_names_who_has_signed_in(keys: Path):
    assert address(keys, **{HEADER: assertion()}) == "mara@tidewater.example"


@pytest.mark.parametrize(
    ("shown", "status"),
    [
        (lambda: assertion(aud="/projects/123/locations/europe-west1/services/other"), 401),
        (lambda: assertion(exp=1_000_000_000), 401),
        (lambda: assertion(iat=9_000_000_000, exp=9_000_003_600), 401),
        (lambda: assertion(iss="https://accounts.google.com"), 403),
        (lambda: assertion(email=None), 403),
        (lambda: assertion(key=OTHER_KEY), 401),
        (lambda: assertion(key_id="k9"), 401),
        (lambda: assertion(key=RSA_KEY, key_id="rsa"), 401),
        (lambda: assertion()[:-4] + "AAAA", 401),
        (lambda: "a.b.c", 401),
        (lambda: "", 401),
    ],
)
def test_nobody_else_comes_in(keys: Path, shown: Any, status: int):
    with pytest.raises(Rejected) as refused:
        address(keys, **{HEADER: shown()})
    assert refused.value.status == status


def test_the_plain_header_alone_names_nobody(keys: Path):
    with pytest.raises(Rejected):
        address(keys, **{"x-goog-authenticated-user-email": "accounts.google.com:mara@tidewater.example"})


def test_nobody_comes_in_while_nobody_has_said_whose_assertions_count(keys: Path):
    with pytest.raises(Rejected, match="CONSOLE_AUDIENCE"):
        address(keys, audience="", **{HEADER: assertion(aud="")})


def test_keys_that_cannot_be_read_are_no_reason_to_turn_anybody_away_for_good(tmp_path: Path):
    with pytest.raises(Transient):
        address(tmp_path / "missing.json", **{HEADER: assertion()})
