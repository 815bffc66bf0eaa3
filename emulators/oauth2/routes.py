"""The OAuth2 token endpoint: paths, seeds and revocation; Gmail, Calendar and Drive ask it whose token a request carries."""

from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.wrappers import Request, Response

from emulators.clock import Clock
from emulators.oauth2 import responses
from emulators.oauth2.errors import OAuthError
from emulators.oauth2.state import Grant, ServiceAccount, TokenState
from emulators.service import HttpEmulator, Route, json_response


class OAuth2Emulator(HttpEmulator):
    """oauth2.googleapis.com: refresh tokens and delegated service accounts in, access tokens of one virtual hour out."""

    def __init__(self, clock: Clock) -> None:
        self.state = TokenState()
        super().__init__("oauth2", clock, self._routes())

    def register(
        self, email: str, refresh_token: str, scopes: Iterable[str], *, client_id: str | None = None, client_secret: str | None = None
    ) -> None:
        """An operator's consent. With a client id, only that client and secret may use the refresh token."""
        with self.lock:
            self.state.grants[refresh_token] = Grant(email, refresh_token, tuple(scopes), client_id, client_secret)

    def register_service_account(self, email: str, *, public_key: str, scopes: Iterable[str], subjects: Iterable[str]) -> None:
        """Domain-wide delegation: whoever signs with this key may act for the subjects."""
        with self.lock:
            self.state.service_accounts[email] = ServiceAccount(email, public_key, tuple(scopes), tuple(subjects))

    def revoke(self, email: str) -> int:
        """The operator withdraws consent: refresh tokens die, access tokens with them. Answers how many grants ended."""
        with self.lock:
            return self.state.revoke(email=email)

    def email_for(self, access_token: str) -> str | None:
        """Whose live token this is; None for an unknown, expired or revoked one."""
        with self.lock:
            token = self.state.live(access_token, self.clock.now())
            return token.email if token else None

    def reset(self) -> None:
        self.state = TokenState()

    def dump(self) -> dict[str, Any]:
        return self.state.dump()

    def load(self, data: Mapping[str, Any]) -> None:
        self.state.load(data)

    def error_response(self, error: Exception) -> Response | None:
        return json_response(error.body(), error.http_status) if isinstance(error, OAuthError) else None

    def _routes(self) -> list[Route]:
        return [
            Route("POST", "/token", self._token, "token"),
            Route("GET", "/tokeninfo", self._tokeninfo, "tokeninfo"),
            Route("POST", "/revoke", self._revoked_by_token, "revoke"),
            Route("PUT", "/_emulator/seed", self._seed, "_seed"),
            Route("POST", "/_emulator/revoke", self._revoke, "_revoke"),
        ]

    def _token(self, request: Request) -> Response:
        return responses.token(self.state, request, self.clock.now())

    def _tokeninfo(self, request: Request) -> Response:
        return responses.tokeninfo(self.state, request, self.clock.now())

    def _revoked_by_token(self, request: Request) -> Response:
        return responses.revoke(self.state, request)

    def _seed(self, request: Request) -> Response:
        seed = request.get_json()
        for grant in seed.get("grants", []):
            self.register(**grant)
        for account in seed.get("service_accounts", []):
            self.register_service_account(account.pop("email"), **account)
        return Response(status=204)

    def _revoke(self, request: Request) -> Response:
        return json_response({"revoked": self.revoke(request.get_json()["email"])})
