"""The event webhook's signature: ECDSA on P-256 over the timestamp and the raw body, in base64 of DER, with a key of the account's own."""

import base64
import hashlib

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of P-256: private keys are smaller."""


class Signer:
    """The key follows from `name`, so that an account keeps its key over dumps and restarts."""

    def __init__(self, name: str) -> None:
        number = int.from_bytes(hashlib.sha256(name.encode()).digest(), "big") % (ORDER - 1) + 1
        self._key = ec.derive_private_key(number, ec.SECP256R1())

    @property
    def public_key(self) -> str:
        """SPKI in base64 without armour, as the settings show it."""
        form = self._key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(form).decode()

    def headers(self, body: bytes, timestamp_s: int) -> dict[str, str]:
        signed = self._key.sign(str(timestamp_s).encode() + body, ec.ECDSA(hashes.SHA256()))
        return {
            "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signed).decode(),
            "X-Twilio-Email-Event-Webhook-Timestamp": str(timestamp_s),
        }
