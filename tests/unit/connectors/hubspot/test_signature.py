"""Webhook signatures: the published vectors, tampering, time, and which header counts."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.connectors.hubspot.signature import signed_uri, signed_v3, verify
from shared.ports.errors import Rejected
from tests.confidential import planted

VECTORS = Path(__file__).resolve().parents[5] / "shared/contracts/vectors/signatures.json"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
URI = "https://hooks.sdr.example/hubspot?token=a%20b"
SECRET = planted("client secret")


def v3(body=b"{}", *, at=NOW, uri=URI, method="POST", secret=SECRET):
    stamp = str(int(at.timestamp() * 1000))
    digest = hmac.digest(secret.encode(), f"{method}{uri}".encode() + body + stamp.encode(), "sha256")
    return {"X-HubSpot-Signature-v3": base64.b64encode(digest).decode(), "X-HubSpot-Request-Timestamp": stamp}


def v1(body=b"{}"):
    return {"X-HubSpot-Signature": hashlib.sha256(SECRET.encode() + body).hexdigest(), "X-HubSpot-Signature-Version": "v1"}


def check(headers, *, body=b"{}", uri=URI, method="POST", now=NOW, secret=SECRET):
    return verify(headers=headers, method=method, uri=uri, body=body, secret=secret, now=now)


def test_the_published_vectors_verify():
    if not VECTORS.exists():
        pytest.skip("../shared/contracts is not here")
    for vector in json.loads(VECTORS.read_text())["hubspot"]:
        stamp = vector.get("timestamp", "0")
        name = "X-HubSpot-Signature-v3" if vector["version"] == "v3" else "X-HubSpot-Signature"
        headers = {name: vector["expected"], "X-HubSpot-Signature-Version": vector["version"], "X-HubSpot-Request-Timestamp": stamp}
        now = datetime.fromtimestamp(int(stamp) / 1000, UTC)
        arguments = {"method": vector.get("method", "POST"), "uri": vector.get("uri", "")}
        found = verify(headers=headers, body=vector["body"].encode(), secret=vector["secret"], now=now, **arguments)
        assert found.version == vector["version"]


def test_v3_tells_when_it_was_signed_and_header_names_have_no_case():
    headers = {name.lower(): value for name, value in v3().items()}
    assert check(headers).signed_at == NOW


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"body": b"{ }"}, "X-HubSpot-Signature-v3"),
        ({"uri": URI + "x"}, "X-HubSpot-Signature-v3"),
        ({"method": "PUT"}, "X-HubSpot-Signature-v3"),
        ({"secret": "other"}, "X-HubSpot-Signature-v3"),
        ({"now": NOW + timedelta(milliseconds=300_001)}, "X-HubSpot-Request-Timestamp"),
        ({"now": NOW - timedelta(milliseconds=300_001)}, "X-HubSpot-Request-Timestamp"),
    ],
)
def test_whatever_was_signed_cannot_be_changed(changed, field):
    with pytest.raises(Rejected) as refused:
        check(v3(), **changed)
    assert (refused.value.status, refused.value.field) == (401, field)


@pytest.mark.parametrize("skew", [timedelta(minutes=5), -timedelta(minutes=5)])
def test_five_minutes_are_allowed_both_ways(skew):
    assert check(v3(), now=NOW + skew).version == "v3"


@pytest.mark.parametrize("stamp", ["", "soon", "-1", "1e9", "٣", "9" * 40, None])
def test_a_strange_timestamp_is_refused_by_name(stamp):
    headers = {**v3(), "X-HubSpot-Request-Timestamp": stamp}
    if stamp is None:
        del headers["X-HubSpot-Request-Timestamp"]
    with pytest.raises(Rejected) as refused:
        check(headers)
    assert refused.value.field == "X-HubSpot-Request-Timestamp"


def test_a_wrong_v3_is_not_saved_by_a_right_v1_beside_it():
    with pytest.raises(Rejected):
        check({**v1(), **v3(secret="other")})


@pytest.mark.parametrize(
    "headers", [{}, {"X-HubSpot-Signature": "x", "X-HubSpot-Signature-Version": "v9"}, {"X-HubSpot-Signature": "ü\udce4"}]
)
def test_unsigned_unknown_and_unreadable_signatures_are_401(headers):
    with pytest.raises(Rejected) as refused:
        check(headers)
    assert refused.value.status == 401


def test_without_a_version_the_first_one_is_meant():
    headers = v1()
    del headers["X-HubSpot-Signature-Version"]
    assert check(headers).version == "v1"


def test_only_twelve_escapes_are_undone():
    assert signed_uri("https://x.example/a%2Fb%2fc?d=%40%20%26%3D%253A") == "https://x.example/a/b/c?d=@%20%26%3D%253A"


@given(st.binary(max_size=200), st.integers(-300_000, 300_000))
def test_any_body_verifies_as_it_was_signed_and_not_with_one_byte_more(body, skew_ms):
    now = NOW + timedelta(milliseconds=skew_ms)
    assert check(v3(body), body=body, now=now).version == "v3"
    with pytest.raises(Rejected):
        check(v3(body), body=body + b" ", now=now)


def test_what_we_sign_ourselves_verifies_like_hubspots():
    headers = signed_v3(method="POST", uri=URI, body=b"{}", secret=SECRET, now=NOW)
    assert headers == v3()
    assert check(headers).signed_at == NOW
