"""Who has signed a batch of events: SendGrid's published vector, and everything that is not it."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from emulators.sendgrid.signing import Signer
from shared.connectors.sendgrid.signature import EARLIEST, LATEST, SIGNATURE, TIMESTAMP, SendGridSignature, verify
from shared.domain.ways import SendGridAccount
from shared.ports.errors import Rejected
from shared.ports.requests import Incoming
from tests.builders import WORKSPACE, a_workspace
from tests.fakes.clock import FixedClock
from tests.fakes.store import MemoryStore

VECTORS = Path(__file__).resolve().parents[5] / "shared/contracts/vectors/signatures.json"
SIGNER = Signer("northwind")
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
BODY = b'[{"event":"delivered"}]\r\n'


def signed(body: bytes = BODY, at: datetime = NOW, signer: Signer = SIGNER) -> dict[str, str]:
    return {name.lower(): value for name, value in signer.headers(body, int(at.timestamp())).items()}


def checked(headers: dict[str, str], *, body: bytes = BODY, path: str = f"/{WORKSPACE}", key: str = SIGNER.public_key) -> str:
    store = MemoryStore()
    store.save_workspace(workspace=a_workspace(sendgrid=SendGridAccount(key_secret="sendgrid-key-northwind", events_key=key)))
    incoming = Incoming("POST", "https://hooks.example/sendgrid-events" + path, path, {}, headers, body)
    return str(SendGridSignature(store=store, clock=FixedClock(NOW)).check(incoming).workspace_id)


def test_the_published_vector_verifies_and_nothing_changed_does():
    if not VECTORS.exists():
        pytest.skip("../shared/contracts is not here")
    for vector in json.loads(VECTORS.read_text())["sendgrid_event_webhook"]:
        at = datetime.fromtimestamp(int(vector["timestamp"]), UTC)
        body, sealed = vector["body"].encode(), {"signature": vector["signature_b64_der"], "timestamp": vector["timestamp"]}
        verify(**sealed, body=body, public_key=vector["public_key_spki_b64"], now=at)
        for changed in ({"body": body + b" "}, {"timestamp": str(int(vector["timestamp"]) + 1)}, {"public_key": SIGNER.public_key}):
            with pytest.raises(Rejected, match="does not match"):
                verify(**{**sealed, "body": body, "public_key": vector["public_key_spki_b64"], "now": at, **changed})


def test_a_signed_batch_names_its_workspace():
    assert checked(signed()) == WORKSPACE


@pytest.mark.parametrize("by", [timedelta(0), EARLIEST - timedelta(seconds=1), -LATEST + timedelta(seconds=1)])
def test_a_batch_of_these_days_is_heard(by):
    assert checked(signed(at=NOW - by)) == WORKSPACE


@pytest.mark.parametrize("by", [EARLIEST + timedelta(seconds=1), -LATEST - timedelta(seconds=1)])
def test_an_old_batch_and_one_from_the_future_are_refused(by):
    with pytest.raises(Rejected, match="more than a day ago, or ahead") as refused:
        checked(signed(at=NOW - by))
    assert refused.value.status == 401


def other_keys() -> list[str]:
    made = (ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(public_exponent=65537, key_size=2048))
    form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    return [base64.b64encode(one.public_key().public_bytes(*form)).decode() for one in made]


@pytest.mark.parametrize("key", [Signer("other").public_key, "bm8ga2V5", "ä", *other_keys()])
def test_no_other_key_opens_the_door(key):
    with pytest.raises(Rejected) as refused:
        checked(signed(), key=key)
    assert refused.value.status == 401


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {SIGNATURE: signed()[SIGNATURE]},
        {TIMESTAMP: signed()[TIMESTAMP]},
        {**signed(), SIGNATURE: "no base64!"},
        {**signed(), SIGNATURE: base64.b64encode(b"no signature").decode()},
        {**signed(), TIMESTAMP: "yesterday"},
        {**signed(), TIMESTAMP: signed()[TIMESTAMP] + "0"},
    ],
)
def test_half_a_signature_is_none(headers):
    with pytest.raises(Rejected) as refused:
        checked(headers)
    assert refused.value.status == 401


@pytest.mark.parametrize("path", ["", "/", "/nobody", "/../northwind", f"/{WORKSPACE}/more"])
def test_a_workspace_that_does_not_exist_is_refused_like_a_wrong_signature(path):
    with pytest.raises(Rejected) as refused:
        checked(signed(), path=path)
    assert refused.value.status == 401


def test_a_workspace_without_an_account_hears_nobody():
    store = MemoryStore()
    store.save_workspace(workspace=a_workspace())
    incoming = Incoming("POST", "https://hooks.example", f"/{WORKSPACE}", {}, signed(), BODY)
    with pytest.raises(Rejected, match="does not match"):
        SendGridSignature(store=store, clock=FixedClock(NOW)).check(incoming)
