"""The identity token issuer as an HTTP service; the suite hands its `token` method to everything that makes signed calls."""

from werkzeug.wrappers import Response

from emulators.clock import Clock
from emulators.oidc.errors import InvalidRequest, InvalidToken, rendered
from emulators.oidc.responses import Issuer
from emulators.service import HttpEmulator, Route


class OidcEmulator(HttpEmulator):
    def __init__(self, clock: Clock) -> None:
        self._issuer = Issuer()
        super().__init__("oidc", clock, _routes(self._issuer))

    def token(self, *, audience: str, email: str) -> str:
        """An RS256 identity token of this service account, valid for an hour of wall-clock time."""
        return self._issuer.token(audience=audience, email=email)

    def access_token(self, *, scope: str, email: str) -> str:
        """An OAuth access token of this service account; `GET /tokeninfo?access_token=` tells whose it is and what for."""
        return self._issuer.access_token(scope=scope, email=email)

    def error_response(self, error: Exception) -> Response | None:
        return rendered(error) if isinstance(error, InvalidRequest | InvalidToken) else None


def _routes(issuer: Issuer) -> list[Route]:
    return [
        Route("GET", "/oauth2/v1/certs", issuer.certificates, "certs.pem"),
        Route("GET", "/oauth2/v3/certs", issuer.key_set, "certs.jwks"),
        Route("GET", "/.well-known/openid-configuration", issuer.configuration, "configuration"),
        Route("POST", "/token", issuer.mint, "token"),
        Route("GET", "/tokeninfo", issuer.token_info, "tokeninfo"),
    ]
