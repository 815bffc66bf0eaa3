"""HubSpot's webhooks at the door: who signed, and what it says. Named in the registry for the webhook function."""

from typing import Protocol

from shared.connectors.hubspot.signature import require_signature, verify
from shared.connectors.hubspot.webhooks import parse_webhook
from shared.domain.hints import Parsed
from shared.ports.clock import Clock
from shared.ports.requests import Caller, Incoming
from shared.ports.secrets import Secrets


class SignatureSettings(Protocol):
    @property
    def hubspot_client_secret_name(self) -> str: ...


class HubSpotSignature:
    """Signatures are made with the app's client secret over the public URL, whichever portal calls."""

    def __init__(self, *, settings: SignatureSettings, secrets: Secrets, clock: Clock) -> None:
        self._secret_name, self._secrets, self._clock = settings.hubspot_client_secret_name, secrets, clock

    def check(self, incoming: Incoming) -> Caller:
        """Raises Rejected with status 401."""
        require_signature(incoming.headers)
        verify(
            headers=incoming.headers,
            method=incoming.method,
            uri=incoming.url,
            body=incoming.body,
            secret=self._secrets.get(name=self._secret_name),
            now=self._clock.now(),
        )
        return Caller(name="hubspot")


class HubSpotWebhook:
    """A customised body often says the same for two submissions of one person: what tells them apart is when it was sent."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock

    def parse(self, incoming: Incoming) -> Parsed:
        """Raises Rejected naming the field."""
        sent_at = incoming.headers.get("x-hubspot-request-timestamp") or self._clock.now().isoformat()
        return parse_webhook(incoming.body, delivery_key=sent_at)
