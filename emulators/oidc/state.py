"""The issuer's RSA key: signs identity tokens and publishes itself as a certificate and as a JSON Web Key."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

ISSUER = "https://accounts.google.com"
LIFETIME = timedelta(hours=1)


class SigningKey:
    """One RSA key pair, made at construction and never stored: tokens do not outlive the process that minted them."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._certificate = _self_signed(self._key, at=datetime.now(UTC))
        self.id = self._certificate.fingerprint(hashes.SHA1()).hex()

    def certificate(self) -> str:
        """PEM, as https://www.googleapis.com/oauth2/v1/certs maps it to the key's id."""
        return self._certificate.public_bytes(serialization.Encoding.PEM).decode()

    def jwk(self) -> dict[str, str]:
        numbers = self._key.public_key().public_numbers()
        public = {"n": _base64url(_big_endian(numbers.n)), "e": _base64url(_big_endian(numbers.e))}
        return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.id, **public}

    def sign(self, claims: dict[str, Any]) -> str:
        """The compact form of a JWT with these claims."""
        header = {"alg": "RS256", "kid": self.id, "typ": "JWT"}
        signed = b".".join(_base64url(json.dumps(part, separators=(",", ":")).encode()).encode() for part in (header, claims))
        signature = self._key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
        return f"{signed.decode()}.{_base64url(signature)}"

    def opened(self, token: str) -> dict[str, Any] | None:
        """The claims of a token this key signed; None for any other."""
        signed, _, signature = token.rpartition(".")
        try:
            self._key.public_key().verify(_decoded(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
            claims: dict[str, Any] = json.loads(_decoded(signed.partition(".")[2]))
        except (InvalidSignature, ValueError):
            return None
        return claims


def claims(*, audience: str, email: str, issued_at: datetime) -> dict[str, Any]:
    """What Google states about a service account; `azp` and `sub` are the account's numeric id."""
    account = _account_id(email)
    times = {"iat": int(issued_at.timestamp()), "exp": int((issued_at + LIFETIME).timestamp())}
    return {"aud": audience, "azp": account, "email": email, "email_verified": True, "iss": ISSUER, "sub": account, **times}


def _account_id(email: str) -> str:
    return "1" + str(int(hashlib.sha256(email.encode()).hexdigest(), 16))[:20]


def _self_signed(key: rsa.RSAPrivateKey, *, at: datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "emulated-signer.example")])
    certificate = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    certificate = certificate.serial_number(x509.random_serial_number())
    certificate = certificate.not_valid_before(at - timedelta(days=1)).not_valid_after(at + timedelta(days=3650))
    return certificate.sign(key, hashes.SHA256())


def _big_endian(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
