"""Service accounts with a key each, and whether their caller may have them sign."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import crypt, jwt

from emulators.iamcredentials import errors

LONGEST = timedelta(hours=12)


@dataclass(frozen=True)
class Signer:
    """`private_key` is PEM and never told; `may_sign` is roles/iam.serviceAccountTokenCreator for whoever calls."""

    email: str
    client_id: str
    key_id: str
    private_key: str
    may_sign: bool = True


@dataclass
class SigningState:
    signers: dict[str, Signer] = field(default_factory=dict)

    def create(self, email: str, client_id: str) -> str:
        """A new account with a fresh key, or a new key for one that is there; its public key in PEM."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        digest = hashes.Hash(hashes.SHA1())
        digest.update(public)
        self.signers[email] = Signer(email, client_id, digest.finalize().hex(), private.decode())
        return public.decode()

    def signed(self, email: str, payload: Any, now: datetime) -> tuple[str, str]:
        """The key's id and the JWT; raises GoogleApiError."""
        signer = self.signers.get(email)
        if signer is None:
            raise errors.unknown_account(email)
        if not signer.may_sign:
            raise errors.not_permitted()
        key = crypt.RSASigner.from_string(signer.private_key, signer.key_id)  # type: ignore[no-untyped-call]
        return signer.key_id, jwt.encode(key, _claims(payload, now)).decode()  # type: ignore[no-untyped-call]

    def dump(self) -> dict[str, Any]:
        return {"signers": [asdict(one) for one in self.signers.values()]}

    def load(self, data: Mapping[str, Any]) -> None:
        self.signers = {one["email"]: Signer(**one) for one in data.get("signers", [])}


def _claims(payload: Any, now: datetime) -> dict[str, Any]:
    try:
        claims = json.loads(payload)
    except (TypeError, ValueError):
        raise errors.not_json() from None
    if not isinstance(claims, dict):
        raise errors.not_json()
    until = claims.get("exp")
    if until is not None and not (isinstance(until, int) and now.timestamp() <= until <= (now + LONGEST).timestamp()):
        raise errors.wrong_expiry()
    return claims
