"""Who has passed Identity-Aware Proxy: its signed assertion, never the plain header. Used for signing in to the console.

https://cloud.google.com/iap/docs/signed-headers-howto
"""

from typing import Any, Protocol

from google.auth import exceptions as auth_errors
from google.auth import jwt

from shared.gcp.key_set import KeySet
from shared.ports.clock import Clock
from shared.ports.errors import Rejected
from shared.ports.requests import Incoming

HEADER = "x-goog-iap-jwt-assertion"
ISSUER = "https://cloud.google.com/iap"
ALGORITHM = "ES256"


class ProxySettings(Protocol):
    @property
    def console_audience(self) -> str: ...
    @property
    def iap_keys_url(self) -> str: ...


class ProxyAssertions:
    """Signature (ES256 alone), audience, issuer and expiry. Expiry is checked against the wall clock by google-auth."""

    def __init__(self, *, settings: ProxySettings, clock: Clock) -> None:
        self._audience = settings.console_audience
        self._keys = KeySet(settings.iap_keys_url, clock=clock)

    def address_of(self, incoming: Incoming) -> str:
        """The address of who has signed in; Rejected when nobody has, or somebody only says so."""
        token = incoming.headers.get(HEADER, "")
        if not token:
            raise Rejected("the console is reached through Identity-Aware Proxy", status=401)
        if not self._audience:
            raise Rejected("nobody may sign in until SALES_AGENT_CONSOLE_AUDIENCE says whose assertions count", status=403)
        claims = self._claims(token)
        if claims.get("iss") != ISSUER or not isinstance(claims.get("email"), str):
            raise Rejected("the assertion is not Identity-Aware Proxy's", status=403)
        return str(claims["email"])

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            if jwt.decode_header(token).get("alg") != ALGORITHM:  # type: ignore[no-untyped-call]
                raise ValueError("another algorithm")
            return dict(jwt.decode(token, certs=self._keys.keys(), audience=self._audience))  # type: ignore[no-untyped-call]
        except (auth_errors.GoogleAuthError, ValueError, TypeError, IndexError) as error:
            raise Rejected("the assertion is not valid", status=401, raw=str(error)) from None
