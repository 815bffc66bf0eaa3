"""Whether a batch of events comes from the SendGrid account of the workspace it names. Named in the registry, for sendgrid_events.

ECDSA on P-256 over the timestamp and the raw body. google-auth verifies tokens alone (raw r||s): what it builds on is asked.
https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
"""

import base64
import binascii
import re
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from shared.domain.ids import WorkspaceId
from shared.ports.clock import Clock
from shared.ports.errors import NotFound, Rejected
from shared.ports.requests import Caller, Incoming
from shared.ports.store import Store

SIGNATURE, TIMESTAMP = "x-twilio-email-event-webhook-signature", "x-twilio-email-event-webhook-timestamp"
EARLIEST, LATEST = timedelta(hours=25), timedelta(minutes=5)
"""SendGrid repeats a batch for 24 hours, and nothing promises that it signs it anew. What is heard twice changes nothing."""
WORKSPACE_ID = re.compile(r"/([A-Za-z0-9_-]{1,100})/?")


def verify(*, signature: str, timestamp: str, body: bytes, public_key: str, now: datetime) -> None:
    """`public_key` is SPKI in base64, without armour. Rejected with status 401 unless the signature is that key's, and of these days."""
    try:
        key = serialization.load_der_public_key(base64.b64decode(public_key, validate=True))
        sealed = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        raise _refused("the signature cannot be read") from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise _refused("the workspace's key is none of SendGrid's")
    try:
        key.verify(sealed, timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise _refused("the signature does not match") from None
    if not re.fullmatch(r"[0-9]{1,11}", timestamp):
        raise _refused("the timestamp is not seconds since 1970")
    if not -LATEST <= now - datetime.fromtimestamp(int(timestamp), UTC) <= EARLIEST:
        raise _refused("the batch was signed more than a day ago, or ahead of time")


class SendGridSignature:
    """The workspace stands in the address; its public key stands with its other settings."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def check(self, incoming: Incoming) -> Caller:
        """Raises Rejected with status 401, in the same words for a workspace that does not exist."""
        signature, timestamp = incoming.headers.get(SIGNATURE, ""), incoming.headers.get(TIMESTAMP, "")
        named = WORKSPACE_ID.fullmatch(incoming.path)
        if not signature or not timestamp or named is None:
            raise _refused("the request is not signed")
        workspace_id = WorkspaceId(named.group(1))
        key = self._key_of(workspace_id)
        verify(signature=signature, timestamp=timestamp, body=incoming.body, public_key=key, now=self._clock.now())
        return Caller(name="sendgrid", workspace_id=workspace_id)

    def _key_of(self, workspace_id: WorkspaceId) -> str:
        try:
            account = self._store.workspace(workspace_id=workspace_id).sendgrid
        except NotFound:
            account = None
        if account is None:
            raise _refused("the signature does not match")
        return account.events_key


def _refused(detail: str) -> Rejected:
    return Rejected(detail, field="X-Twilio-Email-Event-Webhook-Signature", status=401, source="sendgrid")
