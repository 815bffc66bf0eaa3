"""Identity tokens: of Pub/Sub, Cloud Tasks and Scheduler, who call internal functions, and of Google accounts, who call the API."""

import base64
import json
import time
from typing import Any, Protocol

from google.auth import exceptions as auth_errors
from google.auth import jwt

from shared.gcp.key_set import KeySet
from shared.ports.clock import Clock
from shared.ports.errors import Rejected
from shared.ports.requests import Caller, Incoming

ISSUERS = ("https://accounts.google.com", "accounts.google.com")
SKEW_S = 10


class OidcSettings(Protocol):
    @property
    def oidc_certs_url(self) -> str: ...
    @property
    def invoker_email(self) -> str: ...
    @property
    def verify_token_signature(self) -> bool: ...
    @property
    def api_url(self) -> str: ...
    @property
    def api_audiences(self) -> str: ...


class IdentityTokens:
    """Audience alone proves nothing (anyone with a service account can mint it): the e-mail must be our invoker's.

    Expiry is checked against the wall clock by google-auth, whatever the suite's clock says.
    """

    def __init__(self, *, settings: OidcSettings, clock: Clock) -> None:
        self._settings = settings
        self._certs = KeySet(settings.oidc_certs_url, clock=clock)

    def check(self, incoming: Incoming) -> Caller:
        scheme, _, token = incoming.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Rejected("an identity token is required", field="authorization", status=401)
        claims = self._claims(token, audience=incoming.url.partition("?")[0])
        if claims.get("iss") not in ISSUERS:
            raise Rejected("the identity token has another issuer", field="authorization", status=403)
        if claims.get("email") != self._settings.invoker_email or claims.get("email_verified") is not True:
            raise Rejected("the identity token is somebody else's", field="authorization", status=403)
        return Caller(name=self._settings.invoker_email)

    def _claims(self, token: str, *, audience: str) -> dict[str, Any]:
        try:
            if self._settings.verify_token_signature:
                return dict(jwt.decode(token, certs=self._certs.keys(), audience=audience))  # type: ignore[no-untyped-call]
            return _verified_by_the_platform(token, audience=audience)
        except (auth_errors.GoogleAuthError, ValueError, TypeError, IndexError) as error:
            raise Rejected("the identity token is not valid", field="authorization", status=401, raw=str(error)) from None


class GoogleIdentities:
    """Who calls the API with an identity token: a person or a service account. Nobody has looked at it before us: signature and all."""

    def __init__(self, *, settings: OidcSettings, clock: Clock) -> None:
        self._audiences = [settings.api_url, *settings.api_audiences.replace(",", " ").split()]
        self._certs = KeySet(settings.oidc_certs_url, clock=clock)

    def address_of(self, token: str) -> str:
        """The address Google vouches for. Rejected with 401 for every other token."""
        try:
            claims = dict(jwt.decode(token, certs=self._certs.keys(), audience=self._audiences))  # type: ignore[no-untyped-call]
        except (auth_errors.GoogleAuthError, ValueError, TypeError, IndexError) as error:
            raise Rejected("the identity token is not valid", field="authorization", status=401, raw=str(error)) from None
        if claims.get("iss") not in ISSUERS or claims.get("email_verified") is not True or not isinstance(claims.get("email"), str):
            raise Rejected("the identity token is not valid", field="authorization", status=401)
        return str(claims["email"])


def _verified_by_the_platform(token: str, *, audience: str) -> dict[str, Any]:
    """The claims of a token whose signature the platform checked and stripped; audience and expiry are still ours to check."""
    encoded = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    if not isinstance(claims, dict):
        raise TypeError("no claims")
    if claims.get("aud") != audience:
        raise ValueError("another audience")
    if not claims.get("iat", 0) - SKEW_S <= time.time() <= claims.get("exp", 0) + SKEW_S:
        raise ValueError("expired, or from the future")
    return claims
