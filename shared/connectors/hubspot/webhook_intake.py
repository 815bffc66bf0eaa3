"""HubSpot's webhooks at the door: who signed, and what it says. Named in the registry for the webhook function."""

from typing import Protocol

from shared.connectors.hubspot.signature import require_signature, verify
from shared.connectors.hubspot.webhooks import parse_webhook
from shared.domain.hints import Parsed
from shared.ports.clock import Clock
from shared.ports.errors import Rejected
from shared.ports.requests import Caller, Incoming
from shared.ports.secrets import Secrets
from shared.resilience.credential import Credential


class SignatureSettings(Protocol):
    @property
    def hubspot_client_secret_name(self) -> str: ...


class HubSpotSignature:
    """Signatures are made with the app's client secret over the public URL, whichever portal calls."""

    def __init__(self, *, settings: SignatureSettings, secrets: Secrets, clock: Clock) -> None:
        self._secret, self._clock = Credential(secrets, settings.hubspot_client_secret_name), clock

    def check(self, incoming: Incoming) -> Caller:
        """Raises Rejected with status 401."""
        require_signature(incoming.headers)
        secret = self._secret.current()
        try:
            self._verify(incoming, secret)
        except Rejected:
            newer = self._secret.newer_than(secret)
            if newer is None:
                raise
            self._verify(incoming, newer)
        return Caller(name="hubspot")

    def _verify(self, incoming: Incoming, secret: str) -> None:
        verify(headers=incoming.headers, method=incoming.method, uri=incoming.url, body=incoming.body, secret=secret, now=self._clock.now())


class HubSpotWebhook:
    """A customised body often says the same for two submissions of one person: what tells them apart is when it was sent.

    Two of one millisecond are one hint; the poll announces the submission that is left over.
    """

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock

    def parse(self, incoming: Incoming) -> Parsed:
        """Raises Rejected naming the field."""
        sent_at = incoming.headers.get("x-hubspot-request-timestamp") or self._clock.now().isoformat()
        return parse_webhook(incoming.body, delivery_key=sent_at)
