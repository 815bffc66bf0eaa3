"""Verifies that a webhook comes from HubSpot: signatures v1, v2 and v3. For the webhook and our canary; loads nothing heavy."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from shared.ports.errors import Rejected

Version = Literal["v1", "v2", "v3"]
WINDOW = timedelta(minutes=5)
DECODED = {
    "%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$", "%27": "'",
    "%28": "(", "%29": ")", "%2A": "*", "%2C": ",", "%3B": ";",
}  # fmt: skip
"""The only escapes HubSpot undoes before it signs v3; all others stay as they were sent."""
ESCAPE = re.compile("|".join(DECODED), re.IGNORECASE)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Verified:
    """`signed_at` is known for v3 alone: v1 and v2 can be replayed for ever."""

    version: Version
    signed_at: datetime | None = None


def verify(*, headers: Mapping[str, str], method: str, uri: str, body: bytes, secret: str, now: datetime) -> Verified:
    """`uri` is the whole public URL with its query as it was sent, `body` the raw bytes. Raises Rejected with status 401.

    A request that carries a v3 signature stands or falls with it: a valid older one beside it does not help.
    """
    given = {name.lower(): value for name, value in headers.items()}
    require_signature(given)
    if "x-hubspot-signature-v3" in given:
        return _verify_v3(given, method, uri, body, secret, now)
    version = given.get("x-hubspot-signature-version", "v1")
    parts = {"v1": (body,), "v2": (method.upper().encode(), uri.encode(), body)}
    if version not in parts:
        raise _refused(f"signature version {version[:10]!r} is not known", "X-HubSpot-Signature-Version")
    expected = hashlib.sha256(b"".join((secret.encode(), *parts[version]))).hexdigest()
    _compare(expected, given["x-hubspot-signature"], "X-HubSpot-Signature")
    return Verified("v1" if version == "v1" else "v2")


def require_signature(headers: Mapping[str, str]) -> None:
    """Rejected when nothing is signed; names in lower case. Asked first, a stranger's request costs us no secret."""
    if not {"x-hubspot-signature-v3", "x-hubspot-signature"} & set(headers):
        raise _refused("the request is not signed", "X-HubSpot-Signature")


def signed_uri(uri: str) -> str:
    """The URI as v3 signs it."""
    return ESCAPE.sub(lambda found: DECODED[found.group().upper()], uri)


def signed_v3(*, method: str, uri: str, body: bytes, secret: str, now: datetime) -> dict[str, str]:
    """The headers HubSpot would send with this request."""
    stamp = str(round((now - EPOCH) / timedelta(milliseconds=1)))
    return {"X-HubSpot-Signature-v3": _mac_v3(method, uri, body, stamp, secret), "X-HubSpot-Request-Timestamp": stamp}


def _mac_v3(method: str, uri: str, body: bytes, stamp: str, secret: str) -> str:
    source = b"".join((method.upper().encode(), signed_uri(uri).encode(), body, stamp.encode()))
    return base64.b64encode(hmac.digest(secret.encode(), source, "sha256")).decode()


def _verify_v3(given: Mapping[str, str], method: str, uri: str, body: bytes, secret: str, now: datetime) -> Verified:
    stamp = given.get("x-hubspot-request-timestamp", "")
    signed_at = _moment(stamp)
    _compare(_mac_v3(method, uri, body, stamp, secret), given["x-hubspot-signature-v3"], "X-HubSpot-Signature-v3")
    if abs(now - signed_at) > WINDOW:
        raise _refused("the request was signed more than five minutes ago or ahead", "X-HubSpot-Request-Timestamp")
    return Verified("v3", signed_at)


def _moment(stamp: str) -> datetime:
    if not re.fullmatch(r"[0-9]{1,14}", stamp):
        raise _refused("the timestamp is not milliseconds since 1970", "X-HubSpot-Request-Timestamp")
    return EPOCH + timedelta(milliseconds=int(stamp))


def _compare(expected: str, given: str, header: str) -> None:
    if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogateescape")):
        raise _refused("the signature does not match", header)


def _refused(detail: str, header: str) -> Rejected:
    return Rejected(detail, field=header, status=401, source="hubspot")
