"""Request signatures v1, v2 and v3 as HubSpot computes them for what it sends."""

import base64
import hashlib
import hmac
from collections.abc import Mapping

DECODED = {
    "%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$", "%27": "'",
    "%28": "(", "%29": ")", "%2A": "*", "%2C": ",", "%3B": ";",
}  # fmt: skip
"""The only escapes HubSpot undoes in the URI before it signs (developers.hubspot.com, validating requests)."""


def signature_headers(version: str, *, secret: str, method: str, uri: str, body: bytes, timestamp_ms: int) -> Mapping[str, str]:
    """The headers of one request; an unknown version is a ValueError."""
    if version == "v1":
        return {"X-HubSpot-Signature": _digest(secret, body), "X-HubSpot-Signature-Version": "v1"}
    if version == "v2":
        return {"X-HubSpot-Signature": _digest(secret, method.encode(), uri.encode(), body), "X-HubSpot-Signature-Version": "v2"}
    if version == "v3":
        source = b"".join((method.encode(), signed_uri(uri).encode(), body, str(timestamp_ms).encode()))
        digest = base64.b64encode(hmac.digest(secret.encode(), source, "sha256")).decode()
        return {"X-HubSpot-Signature-v3": digest, "X-HubSpot-Request-Timestamp": str(timestamp_ms)}
    raise ValueError(f"no signature version {version!r}")


def signed_uri(uri: str) -> str:
    for escape, character in DECODED.items():
        uri = uri.replace(escape, character).replace(escape.lower(), character)
    return uri


def _digest(secret: str, *parts: bytes) -> str:
    return hashlib.sha256(b"".join((secret.encode(), *parts))).hexdigest()
